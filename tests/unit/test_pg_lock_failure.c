/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_lock_failure.c - who was in the way of a statement that PostgreSQL has refused for it */
#include "suites.h"

#include "pg_fixture.h"

#include "cflyway/base/attr.h"

static struct pg_fixture fixture;
static struct pg_conn probe; /* the second connection */

static void set_up(void)
{
	struct libpq same;

	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	fixture.pg->address = "here";
	fake_libpq_open(&probe, &fixture.arena, &same);
	probe.backend_pid = 9;
}

static void tear_down(void)
{
	fake_libpq_close(&probe);
	pg_fixture_close(&fixture);
}

static const char *refuse(const char *state, const char *detail)
{
	fake_libpq_reply(&fixture.conn,
	                 (struct fake_reply){
				 .sql = "SQL", .state = state, .failure = "no", .detail = detail});
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", 0), DB_FAILED);
	return pg_fixture_error(&fixture);
}

static void answer(const char *columns, const char *rows)
{
	fake_libpq_reply(
		&probe,
		(struct fake_reply){.sql = "BEGIN READ ONLY", .columns = columns, .rows = rows});
}

#define SESSION ",5,u,psql,active,NULL,NULL,q"
#define SHOWN "process 5 of user u (application psql), active; its query: q"

static const struct {
	const char *rows, *error;
} locks[] = {
	{"", "55P03 ERROR: no"},
	{"9,here,SHARE,t,0" SESSION, "55P03 ERROR: no | the lock SHARE on t is held by " SHOWN},
	{"9,here,SHARE,t,2" SESSION,
         "55P03 ERROR: no | the lock SHARE on t is held by 2 others and " SHOWN},
	{"8,here,SHARE,t,0" SESSION, "55P03 ERROR: no"}, /* behind a pooler */
};

START_TEST(tells_who_holds_the_lock)
{
	answer("p,i,m,r,o,pid,u,a,s,d,ms,q", locks[_i].rows);
	ck_assert_str_eq(refuse("55P03", NULL), locks[_i].error);
}
END_TEST

static const struct {
	const char *detail, *asked, *rows, *notes;
} deadlocks[] = {
	{"Process 7 waits for x; blocked by process 5.\nProcess 5 waits for y; blocked by process 7.",
         "'{5,7}'", "9,here,7,update t" SESSION,
         " | this session, process 7, ran: update t | the deadlock was with " SHOWN},
	{"Prozess 7 wartet auf x; blockiert von Prozess 5.\nvon Prozess 99999999999.\nプロセス 5 "
         "は x を y で待機していますが、プロセス 6 でブロックされました。",
         "'{5,6}'", "9,here,7,a" SESSION "\n9,here,7,a,6,u,,NULL,NULL,NULL,NULL",
         " | this session, process 7, ran: a | the deadlock was with " SHOWN
         " | the deadlock was with process 6 of user u"},
	{"Prozess", "'{}'", "", ""},
};

START_TEST(tells_with_whom_the_deadlock_was)
{
	const char *error;

	answer("p,i,own,query,pid,u,a,s,d,ms,q", deadlocks[_i].rows);
	error = refuse("40P01", deadlocks[_i].detail);
	ck_assert_str_eq(error, arena_printf(&fixture.arena, "40P01 ERROR: no\n  Detail: %s%s",
	                                     deadlocks[_i].detail, deadlocks[_i].notes));
	ck_assert_ptr_nonnull(strstr(fake_libpq_calls(&probe), deadlocks[_i].asked));
}
END_TEST

START_TEST(asks_about_nothing_else)
{
	ck_assert_str_eq(refuse("42P01", NULL), "42P01 ERROR: no");
	ck_assert_str_eq(fake_libpq_calls(&probe), "");
}
END_TEST

Suite *pg_lock_failure_suite(void)
{
	Suite *suite = suite_create("pg_lock_failure");
	TCase *tc = tcase_create("lock_failure");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, tells_who_holds_the_lock, 0, COUNT(locks));
	tcase_add_loop_test(tc, tells_with_whom_the_deadlock_was, 0, COUNT(deadlocks));
	tcase_add_test(tc, asks_about_nothing_else);
	suite_add_tcase(suite, tc);
	return suite;
}
