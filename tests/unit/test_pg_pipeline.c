/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_pipeline.c - commands that are sent to PostgreSQL without waiting in between */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/pipeline.h"
#include "../../src/db/postgres/wakeup.h"

static struct pg_fixture fixture;
static struct postgres *pg;
static struct error *err;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	pg = fixture.pg;
	err = &fixture.err;
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
}

static bool add(enum pg_command_kind kind, const char *sql)
{
	return pg_pipeline_add(pg, (struct pg_command){.kind = kind}, sql, NULL, 0, err);
}

static bool add_statement(size_t index, const char *sql)
{
	const struct pg_command command = {.kind = PG_STATEMENT, .index = index};

	return pg_pipeline_add(pg, command, sql, NULL, 0, err);
}

static void reply(struct fake_reply reply)
{
	fake_libpq_reply(&fixture.conn, reply);
}

/* BEGIN and what belongs to it; the script has started. */
static void begin(void)
{
	const struct pg_command last = {.kind = PG_HISTORY, .starts = true};

	ck_assert(add(PG_BEGIN, "BEGIN"));
	ck_assert(pg_pipeline_add(pg, last, "SELECT guard", NULL, 0, err));
}

static enum db_status finish(void)
{
	return pg_pipeline_finish(pg, err);
}

static const char *events(void)
{
	return pg_fixture_events(&fixture);
}

static const char *calls(void)
{
	return fake_libpq_calls(&fixture.conn);
}

/* --- a batch ------------------------------------------------------------------------------- */

START_TEST(sends_all_before_it_waits)
{
	const char *const args[] = {"1", NULL};

	ck_assert(!pg_pipeline_is_on(pg));
	ck_assert(add(PG_BEGIN, "BEGIN"));
	ck_assert(pg_pipeline_is_on(pg));
	ck_assert(pg_pipeline_add(pg, (struct pg_command){.kind = PG_OWN}, "SELECT $1, $2", args, 2,
	                          err));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert(!pg_pipeline_is_on(pg));
	ck_assert_str_eq(calls(), "enter\nsend BEGIN\nsend SELECT $1, $2 [1|NULL]\nsync\nexit");
	ck_assert(!fixture.conn.is_nonblocking);
	ck_assert_int_eq(pg->phase, PG_PHASE_OWN);
}
END_TEST

START_TEST(is_nonblocking_while_it_is_on)
{
	ck_assert(add(PG_BEGIN, "BEGIN"));
	ck_assert(fixture.conn.is_nonblocking);
	ck_assert_int_eq(finish(), DB_OK);
}
END_TEST

START_TEST(does_nothing_without_commands)
{
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_int_eq(pg_pipeline_advance(pg, err), DB_OK);
	ck_assert_str_eq(calls(), "");
}
END_TEST

START_TEST(keeps_the_result_of_a_query)
{
	PGresult *result;

	reply((struct fake_reply){.sql = "SELECT 7", .columns = "a,b", .rows = "7,8"});
	ck_assert(add(PG_OWN, "SELECT 6"));
	ck_assert(add(PG_QUERY, "SELECT 7"));
	ck_assert_int_eq(finish(), DB_OK);
	result = pg_pipeline_take_result(pg);
	ck_assert_str_eq(pg->pq.getvalue(result, 0, 1), "8");
	pg->pq.clear(result);
	ck_assert(pg_pipeline_take_result(pg) == NULL);
}
END_TEST

/* Whatever number of results comes at a time. */
START_TEST(tells_the_listener_in_order)
{
	fixture.conn.arriving = (size_t)_i;
	reply((struct fake_reply){.sql = "SELECT a", .columns = "a", .rows = "1\n2"});
	reply((struct fake_reply){.sql = "CREATE", .notice_state = "42P07", .notice = "skipped"});
	reply((struct fake_reply){.sql = "INSERT", .tag = "INSERT 0 12"});
	begin();
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert(add_statement(1, "INSERT INTO t"));
	ck_assert(add_statement(2, "SELECT a"));
	ck_assert(add_statement(3, ""));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_str_eq(events(), "started\n"
	                           "notice 42P07 skipped\n"
	                           "complete 0 -1\n"
	                           "complete 1 12\n"
	                           "result 2 a: 1; 2\n"
	                           "complete 2 -1\n"
	                           "complete 3 -1");
	ck_assert_int_eq((int)fixture.conn.whole_results, 0);
}
END_TEST

/* The numbers of one command are not those of the next. */
START_TEST(forgets_the_rows_of_the_command_before)
{
	reply((struct fake_reply){.sql = "INSERT", .tag = "INSERT 0 12"});
	begin();
	ck_assert(add_statement(0, "INSERT INTO t"));
	ck_assert(add_statement(1, "SELECT nothing"));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_str_eq(events(), "started\ncomplete 0 12\nresult 1 : \ncomplete 1 -1");
}
END_TEST

START_TEST(starts_when_the_guards_have_passed)
{
	begin();
	for (size_t i = 0; i < 64; i++)
		ck_assert(add_statement(i, "CREATE TABLE t ()"));
	ck_assert_int_eq(pg_pipeline_advance(pg, err), DB_OK);
	ck_assert_msg(str_starts(str_of(events()), STR("started\ncomplete 0 -1")), "not started");
	ck_assert_int_eq(pg->phase, PG_PHASE_SCRIPT);
	ck_assert_int_eq(finish(), DB_OK);
}
END_TEST

static int64_t started_ago_ms;

static void keep_ago(void *ctx, int64_t ago_ms)
{
	(void)ctx;
	started_ago_ms = ago_ms;
}

/* By the server's clock it was busy for so long before the script started. */
static const struct {
	const char *row_ms, *history;
	bool has_passed;
} busy[] = {
	{"1000", "1,1000", true},
	{"1000", "1,9000", false},
};

START_TEST(tells_how_long_ago_the_script_started)
{
	struct pollfd none = {.fd = -1};

	fixture.listener.started = keep_ago;
	reply((struct fake_reply){.sql = "SELECT row", .columns = "ms", .rows = busy[_i].row_ms});
	reply((struct fake_reply){
		.sql = "SELECT guard", .columns = "ok,ms", .rows = busy[_i].history});
	ck_assert(add(PG_ROW, "SELECT row"));
	ck_assert(add(PG_COMMIT, "COMMIT"));
	pg_wakeup_queued(pg);
	begin();
	(void)poll(&none, 1, 21);
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_int_eq(started_ago_ms >= 20, busy[_i].has_passed);
}
END_TEST

START_TEST(asks_for_the_guards_at_once)
{
	begin();
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_str_eq(calls(), "enter\nsend BEGIN\nsend SELECT guard\nflush\n"
	                          "send CREATE TABLE t ()\nsync\nexit");
}
END_TEST

static void ignore_waiting(void *ctx)
{
	(void)ctx;
}

START_TEST(asks_after_each_statement_for_who_wants_to_see_its_end)
{
	fixture.listener.waiting = ignore_waiting;
	fixture.listener.sees_each_end = true;
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert(add_statement(1, "CREATE TABLE u ()"));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_str_eq(calls(), "enter\nsend CREATE TABLE t ()\nflush\n"
	                          "send CREATE TABLE u ()\nflush\nsync\nexit");
}
END_TEST

/* A trial watches who waits: that is no reason to be woken for each statement. */
START_TEST(does_not_ask_for_who_only_waits)
{
	fixture.listener.waiting = ignore_waiting;
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert(add_statement(1, "CREATE TABLE u ()"));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_str_eq(calls(), "enter\nsend CREATE TABLE t ()\nsend CREATE TABLE u ()\n"
	                          "sync\nexit");
}
END_TEST

/* --- a long script ------------------------------------------------------------------------- */

static size_t count_calls(const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < fixture.conn.calls.n; i++)
		n += str_starts(str_of(fixture.conn.calls.items[i]), str_of(name));
	return n;
}

static const struct {
	const char *name;
	size_t statements, size_bytes, flushes;
} long_scripts[] = {
	{"63 statements", 63, 10, 0},
	{"64 statements", 64, 10, 1},
	{"128 statements", 128, 10, 2},
	{"65536 bytes with what a command costs", 1, 65536 - 64, 1},
	{"one byte less", 1, 65535 - 64, 0},
	{"two halves", 2, 32768 - 64, 1},
};

START_TEST(asks_now_and_then)
{
	char *sql = arena_alloc(&fixture.arena, long_scripts[_i].size_bytes + 1);

	memset(sql, 'x', long_scripts[_i].size_bytes);
	for (size_t i = 0; i < long_scripts[_i].statements; i++) {
		ck_assert(add_statement(i, sql));
		ck_assert_int_eq(pg_pipeline_advance(pg, err), DB_OK);
	}
	ck_assert_msg(count_calls("flush") == long_scripts[_i].flushes, "%s",
	              long_scripts[_i].name);
	ck_assert_int_eq(finish(), DB_OK);
}
END_TEST

/* One item arrives in each turn; a turn that waits is followed by others. */
static const struct {
	const char *name;
	size_t statements, size_bytes;
	bool waits;
} bounds[] = {
	{"1 MB", 1, (1 << 20) - 64, false},
	{"more than 1 MB", 1, (1 << 20) - 63, true},
	{"896 commands", 896, 1, false},
	{"960 commands", 960, 1, true},
};

START_TEST(waits_while_too_much_is_unanswered)
{
	char *sql = arena_alloc(&fixture.arena, bounds[_i].size_bytes + 1);
	size_t turns = bounds[_i].statements > 1 ? bounds[_i].statements / 64 : 1;
	size_t before = fixture.conn.arrived;

	fixture.conn.arriving = 1;
	memset(sql, 'x', bounds[_i].size_bytes);
	for (size_t i = 0; i < bounds[_i].statements; i++) {
		ck_assert(add_statement(i, sql));
		ck_assert_int_eq(pg_pipeline_advance(pg, err), DB_OK);
	}
	ck_assert_msg((fixture.conn.arrived - before > turns) == bounds[_i].waits, "%s: %zu items",
	              bounds[_i].name, fixture.conn.arrived - before);
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_msg(strstr(events(), arena_printf(&fixture.arena, "complete %zu",
	                                            bounds[_i].statements - 1)) != NULL,
	              "%s: not all are complete", bounds[_i].name);
}
END_TEST

START_TEST(ends_the_batch_when_a_statement_fails_on_the_way)
{
	reply((struct fake_reply){.sql = "CREATE", .at = 3, .state = "42P07", .failure = "exists"});
	for (size_t i = 0; i < 63; i++) {
		ck_assert(add_statement(i, "CREATE TABLE t ()"));
		ck_assert_int_eq(pg_pipeline_advance(pg, err), DB_OK);
	}
	ck_assert(add_statement(63, "CREATE TABLE t ()"));
	ck_assert_int_eq(pg_pipeline_advance(pg, err), DB_FAILED);
	ck_assert(!pg_pipeline_is_on(pg));
	ck_assert_int_eq((int)fixture.db.failed_index, 2);
	ck_assert_str_eq(pg_fixture_error(&fixture), "42P07 ERROR: exists");
}
END_TEST

START_TEST(goes_on_writing_while_it_reads)
{
	fixture.conn.unsent = 3;
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_int_eq((int)fixture.conn.unsent, 0);
	ck_assert_str_eq(events(), "complete 0 -1");
}
END_TEST

Suite *pg_pipeline_suite(void)
{
	Suite *suite = suite_create("pg_pipeline");
	TCase *tc = tcase_create("pipeline");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, sends_all_before_it_waits);
	tcase_add_test(tc, is_nonblocking_while_it_is_on);
	tcase_add_test(tc, does_nothing_without_commands);
	tcase_add_test(tc, keeps_the_result_of_a_query);
	tcase_add_loop_test(tc, tells_the_listener_in_order, 0, 4);
	tcase_add_test(tc, forgets_the_rows_of_the_command_before);
	tcase_add_test(tc, starts_when_the_guards_have_passed);
	tcase_add_loop_test(tc, tells_how_long_ago_the_script_started, 0, COUNT(busy));
	tcase_add_test(tc, asks_for_the_guards_at_once);
	tcase_add_test(tc, asks_after_each_statement_for_who_wants_to_see_its_end);
	tcase_add_test(tc, does_not_ask_for_who_only_waits);
	tcase_add_loop_test(tc, asks_now_and_then, 0, COUNT(long_scripts));
	tcase_add_loop_test(tc, waits_while_too_much_is_unanswered, 0, COUNT(bounds));
	tcase_add_test(tc, ends_the_batch_when_a_statement_fails_on_the_way);
	tcase_add_test(tc, goes_on_writing_while_it_reads);
	suite_add_tcase(suite, tc);
	return suite;
}
