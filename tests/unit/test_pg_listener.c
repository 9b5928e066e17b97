/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_listener.c - what is told about rows, notices and time while PostgreSQL works */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/listener.h"

#include "cflyway/base/attr.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static struct pg_fixture fixture;
static struct postgres *pg;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	pg = fixture.pg;
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
}

static const char *events(void)
{
	return pg_fixture_events(&fixture);
}

/* --- notices ------------------------------------------------------------------------------- */

static const struct {
	enum pg_phase phase;
	const char *now, *at_the_start;
} phases[] = {
	{PG_PHASE_OWN, "", "started"},
	{PG_PHASE_GUARDS, "", "started\nnotice 01000 hear"},
	{PG_PHASE_SCRIPT, "notice 01000 hear", "started"},
	{PG_PHASE_COMMIT, "", "started"},
};

START_TEST(tells_notices_of_the_guards_after_the_start)
{
	fake_libpq_reply(
		&fixture.conn,
		(struct fake_reply){.sql = "SQL", .notice_state = "01000", .notice = "hear"});
	pg->phase = phases[_i].phase;
	pg->pq.clear(pg->pq.exec(pg->conn, "SQL"));
	ck_assert_str_eq(events(), phases[_i].now);
	pg_listener_started(pg, 0);
	ck_assert_str_eq(events(), phases[_i].at_the_start);
	pg_listener_started(pg, 0);
	ck_assert_str_eq(events(), "started");
}
END_TEST

/* Outside of scripts, nobody would hear of it. */
START_TEST(says_that_a_commit_has_not_waited_for_its_standby)
{
	static const struct fake_reply reply = {
		.sql = "SQL",
		.notice_state = "01000",
		.notice = "canceling wait",
		.notice_function = "SyncRepWaitForLSN",
	};
	static const char warning[] =
		"cflyway: a COMMIT has not waited for its synchronous standby (canceling wait): a "
		"failover may lose what it has committed";
	const bool is_said = _i == PG_PHASE_OWN || _i == PG_PHASE_COMMIT;

	fake_libpq_reply(&fixture.conn, reply);
	fixture.lines = (struct str_list){0};
	pg->phase = (enum pg_phase)_i;
	pg->pq.clear(pg->pq.exec(pg->conn, "SQL"));
	ck_assert_str_eq(str_list_join(&fixture.arena, &fixture.lines, "|"),
	                 is_said ? warning : "");
}
END_TEST

START_TEST(tells_no_notice_without_a_text)
{
	pg->phase = PG_PHASE_SCRIPT;
	fixture.conn.receiver(fixture.conn.receiver_arg, NULL);
	ck_assert_str_eq(events(), "");
}
END_TEST

/* --- rows ---------------------------------------------------------------------------------- */

START_TEST(tells_the_rows_of_each_result_once)
{
	PGresult *result;

	fake_libpq_reply(&fixture.conn,
	                 (struct fake_reply){.sql = "SELECT", .columns = "a", .rows = "1\n2"});
	result = pg->pq.exec(pg->conn, "SELECT a");
	pg_listener_rows(pg, 3, result);
	ck_assert(!pg->listened.has_rows);
	pg_listener_rows(pg, 4, result);
	pg->pq.clear(result);
	ck_assert_str_eq(events(), "result 3 a: 1; 2\nresult 4 a: 1; 2");
}
END_TEST

/* --- while the server works ---------------------------------------------------------------- */

static void on_waiting(void *ctx)
{
	struct pg_fixture *watching = ctx;

	str_list_add(&watching->arena, &watching->events, "waiting");
}

static void answer_late(int number)
{
	(void)number;
	(void)!write(fixture.conn.server, "x", 1);
}

/* The server answers after more than one slice of 200 ms, and before the third ends. */
START_TEST(tells_that_it_waits_several_times_a_second)
{
	const struct itimerval late = {.it_value = {.tv_usec = 250000}}, never = {0};
	const struct sigaction answer = {.sa_handler = answer_late, .sa_flags = SA_RESTART};
	struct sigaction before;
	struct pollfd fd = {.fd = fixture.conn.client, .events = POLLIN};
	int ready;

	fixture.listener.waiting = on_waiting;
	ck_assert_int_eq(sigaction(SIGALRM, &answer, &before), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &late, NULL), 0);
	while ((ready = pg_wait(pg, &fd)) < 0)
		continue; /* the signal itself */
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	ck_assert_int_eq(ready, 1);
	ck_assert(str_starts(str_of(events()), STR("waiting\nwaiting")));
}
END_TEST

static void do_nothing(int number)
{
	(void)number;
}

static void change_errno(void *ctx)
{
	(void)ctx;
	errno = EBADF;
}

/* The callers ask errno whether the wait was only interrupted: a trial runs a query meanwhile. */
START_TEST(says_that_a_signal_has_interrupted_it)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 20000}}, never = {0};
	const struct sigaction ignore = {.sa_handler = do_nothing};
	struct sigaction before;
	struct pollfd fd = {.fd = fixture.conn.client, .events = POLLIN};

	fixture.listener.waiting = change_errno;
	ck_assert_int_eq(sigaction(SIGALRM, &ignore, &before), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
	int ready = pg_wait(pg, &fd), reason = errno;
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	ck_assert_int_eq(ready, -1);
	ck_assert_int_eq(reason, EINTR);
}
END_TEST

START_TEST(waits_for_a_result_whether_somebody_watches_or_not)
{
	PGresult *result;

	fixture.conn.arriving = 1;
	fixture.listener.waiting = _i == 0 ? NULL : on_waiting;
	ck_assert_int_eq(pg->pq.send_query(pg->conn, "SQL"), 1);
	pg_await_result(pg);
	ck_assert_uint_gt(fixture.conn.arrived, fixture.conn.read);
	ck_assert_str_eq(events(), _i == 0 ? "" : "waiting");
	while ((result = pg->pq.get_result(pg->conn)))
		pg->pq.clear(result);
}
END_TEST

START_TEST(stops_waiting_when_the_connection_is_lost)
{
	PGresult *result;

	fixture.listener.waiting = on_waiting;
	ck_assert_int_eq(pg->pq.send_query(pg->conn, "SQL"), 1);
	fake_libpq_fail(&fixture.conn, "consume_input", 1, false);
	pg_await_result(pg);
	ck_assert_str_eq(events(), "waiting");
	while ((result = pg->pq.get_result(pg->conn)))
		pg->pq.clear(result);
}
END_TEST

Suite *pg_listener_suite(void)
{
	Suite *suite = suite_create("pg_listener");
	TCase *tc = tcase_create("listener");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, tells_notices_of_the_guards_after_the_start, 0, COUNT(phases));
	tcase_add_loop_test(tc, says_that_a_commit_has_not_waited_for_its_standby, PG_PHASE_OWN,
	                    PG_PHASE_COMMIT + 1);
	tcase_add_test(tc, tells_no_notice_without_a_text);
	tcase_add_test(tc, tells_the_rows_of_each_result_once);
	tcase_add_test(tc, tells_that_it_waits_several_times_a_second);
	tcase_add_test(tc, says_that_a_signal_has_interrupted_it);
	tcase_add_loop_test(tc, waits_for_a_result_whether_somebody_watches_or_not, 0, 2);
	tcase_add_test(tc, stops_waiting_when_the_connection_is_lost);
	suite_add_tcase(suite, tc);
	return suite;
}
