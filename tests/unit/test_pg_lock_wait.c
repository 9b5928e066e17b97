/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_lock_wait.c - who is in the way of a statement, as PostgreSQL's views tell it */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/listener.h"
#include "../../src/db/postgres/lock_wait.h"

#include "cflyway/base/attr.h"

#include <unistd.h>

enum { PROBE_PID = 9 };

static struct pg_fixture fixture;
static struct postgres *pg;
static struct pg_conn probe; /* the second connection */

static void on_blocked(void *ctx, const struct db_wait *wait)
{
	struct pg_fixture *own = ctx;

	str_list_add(&own->arena, &own->events,
	             arena_printf(&own->arena, "%s (%zu%s)", wait->sentence, wait->statement_bytes,
	                          wait->is_longer ? " or more" : ""));
}

static void set_up(void)
{
	struct libpq same;

	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	pg = fixture.pg;
	pg->phase = PG_PHASE_SCRIPT;
	pg->address = "here";
	fixture.listener.blocked = on_blocked;
	fixture.lines = (struct str_list){0};
	fake_libpq_open(&probe, &fixture.arena, &same);
	probe.backend_pid = PROBE_PID;
}

static void tear_down(void)
{
	fake_libpq_close(&probe);
	pg_fixture_close(&fixture);
}

static void answer(const char *rows)
{
	fake_libpq_reply(&probe, (struct fake_reply){.sql = "BEGIN READ ONLY",
	                                             .columns = "p,i,b,k,t,m,r,o,pid,u,a,s,d,ms,q",
	                                             .rows = rows});
}

static const char *look(void)
{
	pg_lock_wait_look(pg);
	return pg_fixture_events(&fixture);
}

#define SELF "9,here,12,1024,"
#define BY ", blocked by process 5 of user u"

static const struct {
	const char *rows, *told;
} answers[] = {
	{"", ""},
	{SELF "relation,SHARE,t,0,5,u,psql,active,11:22:33,2100,select 1",
         "waiting for the lock SHARE on t" BY
         " (application psql), active; its transaction has been "
         "open for 2 s, since 11:22:33; its query: select 1 (12)"},
	{SELF "relation,SHARE,t,1,5,u,,NULL,NULL,NULL,<insufficient privilege>",
         "waiting for the lock SHARE on t, blocked by 1 other and process 5 of user u (12)"},
	{SELF "relation,SHARE,NULL,2,5,NULL,NULL,NULL,NULL,NULL,NULL",
         "waiting for a lock, blocked by 2 others and process 5 (12)"},
	{SELF "virtualxid,SHARE,NULL,0,5,u,,idle in transaction,1970-01-01 11:22:33,7500000,",
         "waiting for the end of an older transaction" BY
         ", idle in transaction; its transaction has "
         "been open for 2 h 5 min, since 1970-01-01 11:22:33 (12)"},
	{SELF "transactionid,SHARE,t,0,5,u,,idle,NULL,NULL,commit",
         "waiting for a row of t" BY ", idle; its last query: commit (12)"},
	{SELF "transactionid,SHARE,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL",
         "waiting for the end of another transaction, blocked by a prepared transaction, which "
         "pg_prepared_xacts shows (12)"},
	{SELF "tuple,SHARE,t,0,5,u,,active,NULL,273600000,q",
         "waiting for a row of t" BY ", active; its query: q (12)"},
	{SELF "advisory,SHARE,NULL,0,5,u,,active,x,273600000,q",
         "waiting for an advisory lock" BY
         ", active; its transaction has been open for 3 d 4 h, since "
         "x; its query: q (12)"},
	{SELF "object,SHARE,NULL,0,5,u,,active,NULL,NULL,NULL",
         "waiting for a lock" BY ", active (12)"},
	{SELF "NULL,NULL,NULL,0,5,u,,active,NULL,NULL,NULL",
         "waiting for a lock" BY ", active (12)"},
	/* The text of a statement is cut. */
	{"9,here,1021,1024,NULL,NULL,NULL,0,5,u,,active,NULL,NULL,NULL",
         "waiting for a lock" BY ", active (1021 or more)"},
	/* In another encoding, its length is not known. */
	{"9,here,0,1024,NULL,NULL,NULL,0,5,u,,active,NULL,NULL,NULL",
         "waiting for a lock" BY ", active (0)"},
	/* Another server has answered. */
	{"10,here,12,1024,NULL,NULL,NULL,0,5,u,,active,NULL,NULL,NULL", ""},
	{"9,there,12,1024,NULL,NULL,NULL,0,5,u,,active,NULL,NULL,NULL", ""},
	/* What others have made up. */
	{SELF "object,SHARE,NULL,0,5,u\x1b,a\x1b[m,active,NULL,NULL,alter role r password 's\x1b",
         "waiting for a lock, blocked by process 5 of user u\\x1b (application a\\x1b[m), active; its "
         "query: alter role r password ******** (12)"},
	{SELF "object,SHARE,NULL,0,5,u,,active,NULL,NULL,select dblink('password=s')",
         "waiting for a lock" BY ", active; its query: select dblink('password=******** (12)"},
};

START_TEST(tells_who_is_in_the_way)
{
	answer(answers[_i].rows);
	ck_assert_str_eq(look(), answers[_i].told);
	ck_assert_str_eq(look(), ""); /* the same again */
	ck_assert_uint_eq(fixture.lines.n, 0);
}
END_TEST

START_TEST(asks_for_the_process_of_the_first_connection)
{
	answer("");
	look();
	const char *calls = fake_libpq_calls(&probe);

	ck_assert_ptr_nonnull(strstr(calls, "application_name=cflyway"));
	ck_assert_ptr_nonnull(strstr(calls, "WHERE a.pid = 7 "));
	ck_assert(str_ends(str_of(calls), STR("; COMMIT\nfinish")));
}
END_TEST

static const char object[] = SELF "object,SHARE,NULL,0,5,u,,active,NULL,NULL,NULL";

START_TEST(tells_the_next_session)
{
	answer(object);
	look();
	probe.replies_n = 0;
	answer(SELF "object,SHARE,NULL,0,6,u,,active,NULL,NULL,NULL");
	ck_assert_ptr_nonnull(strstr(look(), "process 6"));
}
END_TEST

/* SQL of our own has no place in a script. */
START_TEST(logs_what_no_script_waits_for)
{
	answer(object);
	if (_i == 0)
		pg->phase = PG_PHASE_OWN;
	else
		fixture.listener.blocked = NULL;
	ck_assert_str_eq(look(), "");
	ck_assert_uint_eq(fixture.lines.n, 1);
	ck_assert_str_eq(fixture.lines.items[0], "cflyway: waiting for a lock" BY ", active");
}
END_TEST

/* --- silence ------------------------------------------------------------------------------- */

static void pool_transactions(void)
{
	fixture.db.pools_transactions = true;
}

static void see_pooler(void)
{
	pg->pooler.is_there = true;
}

static void switch_off(void)
{
	fixture.settings.explain_waits = false;
}

static void refuse_before(void)
{
	probe.attempts[0] = (struct fake_attempt){
		.failure = "connection to server at \"h\" failed: FATAL:  53300: too many",
		.host = "h",
		.port = "5432",
	};
	probe.attempts_n = 1;
	look();
	ck_assert_ptr_nonnull(strstr(fake_libpq_calls(&probe), "connect"));
}

static void (*const obstacles[])(void) = {switch_off, pool_transactions, see_pooler, refuse_before};

START_TEST(does_not_connect)
{
	answer(object);
	obstacles[_i]();
	ck_assert_str_eq(look(), "");
	ck_assert_str_eq(fake_libpq_calls(&probe), "");
	ck_assert_uint_eq(fixture.lines.n, 0);
}
END_TEST

static const char *const faults[] = {"connect_start", "send_query", "consume_input"};

START_TEST(says_nothing_without_an_answer)
{
	answer(object);
	probe.arriving = 1;
	fake_libpq_fail(&probe, faults[_i], 1, false);
	ck_assert_str_eq(look(), "");
	ck_assert_uint_eq(fixture.lines.n, 0);
}
END_TEST

START_TEST(says_nothing_if_the_server_refuses_the_query)
{
	fake_libpq_reply(&probe, (struct fake_reply){.sql = "BEGIN READ ONLY",
	                                             .state = "42883",
	                                             .failure = "no such function"});
	ck_assert_str_eq(look(), "");
}
END_TEST

/* The first connection has got its answer meanwhile. */
START_TEST(gives_up_when_it_is_not_needed_any_more)
{
	answer(object);
	ck_assert_int_eq(write(fixture.conn.server, "x", 1), 1);
	ck_assert_str_eq(look(), "");
}
END_TEST

Suite *pg_lock_wait_suite(void)
{
	Suite *suite = suite_create("pg_lock_wait");
	TCase *tc = tcase_create("lock_wait");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, tells_who_is_in_the_way, 0, COUNT(answers));
	tcase_add_test(tc, asks_for_the_process_of_the_first_connection);
	tcase_add_test(tc, tells_the_next_session);
	tcase_add_loop_test(tc, logs_what_no_script_waits_for, 0, 2);
	tcase_add_loop_test(tc, does_not_connect, 0, COUNT(obstacles));
	tcase_add_loop_test(tc, says_nothing_without_an_answer, 0, COUNT(faults));
	tcase_add_test(tc, says_nothing_if_the_server_refuses_the_query);
	tcase_add_test(tc, gives_up_when_it_is_not_needed_any_more);
	suite_add_tcase(suite, tc);
	return suite;
}
