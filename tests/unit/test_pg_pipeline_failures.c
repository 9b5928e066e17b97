/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_pipeline_failures.c - commands in a pipeline that fail, and the end of a connection */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/pipeline.h"

#include <errno.h>
#include <sys/resource.h>

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

/* --- failures ------------------------------------------------------------------------------ */

START_TEST(blames_the_first_statement_that_fails)
{
	fixture.conn.arriving = (size_t)_i;
	reply((struct fake_reply){
		.sql = "BAD", .state = "42601", .failure = "syntax error", .position = "1"});
	begin();
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert(add_statement(1, "BAD"));
	ck_assert(add_statement(2, "CREATE TABLE u ()"));
	ck_assert(add_statement(3, "BAD"));
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert_int_eq((int)fixture.db.failed_index, 1);
	ck_assert_str_eq(pg_fixture_error(&fixture), "42601 ERROR: syntax error\n  Position: 1");
	ck_assert_str_eq(events(), "started\ncomplete 0 -1");
}
END_TEST

/* Rows that came before the failure are not shown. */
START_TEST(drops_the_rows_of_a_statement_that_fails)
{
	reply((struct fake_reply){.sql = "SELECT a", .columns = "a", .rows = "1"});
	reply((struct fake_reply){.sql = "BAD", .state = "42601", .failure = "syntax error"});
	ck_assert(add_statement(0, "BAD"));
	ck_assert(add_statement(1, "SELECT a"));
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert(!pg->listened.has_rows);
	ck_assert_str_eq(events(), "");
}
END_TEST

/* They must not come before those of the next result either. */
START_TEST(drops_the_rows_that_came_before_a_failure)
{
	reply((struct fake_reply){.sql = "SELECT a",
	                          .columns = "a",
	                          .rows = "1\n2",
	                          .state = "22012",
	                          .failure = "division by zero"});
	reply((struct fake_reply){.sql = "SELECT b", .columns = "b", .rows = "3"});
	ck_assert(add_statement(0, "SELECT a"));
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), "22012 ERROR: division by zero");
	ck_assert(!pg->listened.has_rows);
	error_clear(err);
	ck_assert(add_statement(0, "SELECT b"));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_str_eq(events(), "result 0 b: 3\ncomplete 0 -1");
}
END_TEST

static const struct {
	const char *name;
	enum pg_command_kind kind;
	const char *state;
	enum db_status status;
} guards[] = {
	{"the lock is held", PG_LOCK, PG_GUARD_FAILED, DB_LOCK_BUSY},
	{"the history has changed", PG_HISTORY, PG_GUARD_FAILED, DB_HISTORY_CHANGED},
	{"a failure of another kind", PG_LOCK, "42501", DB_FAILED},
	{"a failure of another kind", PG_HISTORY, "42P01", DB_FAILED},
	{"a statement with the same state", PG_STATEMENT, PG_GUARD_FAILED, DB_FAILED},
	{"something else of our own", PG_BEGIN, PG_GUARD_FAILED, DB_FAILED},
};

START_TEST(knows_why_a_guard_has_failed)
{
	reply((struct fake_reply){
		.sql = "SELECT guard", .state = guards[_i].state, .failure = "no"});
	ck_assert(add(PG_BEGIN, "BEGIN"));
	ck_assert(add(guards[_i].kind, "SELECT guard"));
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert_msg(finish() == guards[_i].status, "%s", guards[_i].name);
	ck_assert_msg((err->sql == NULL) == (guards[_i].status != DB_FAILED), "%s",
	              guards[_i].name);
	ck_assert_str_eq(events(), "");
}
END_TEST

/* After a guard the first failure counts, whatever follows. */
START_TEST(keeps_the_first_failure)
{
	reply((struct fake_reply){
		.sql = "SELECT guard", .state = PG_GUARD_FAILED, .failure = "no"});
	ck_assert(add(PG_LOCK, "SELECT guard"));
	fake_libpq_fail(&fixture.conn, "consume_input", 2, true);
	fixture.conn.arriving = 2;
	ck_assert_int_eq(finish(), DB_LOCK_BUSY);
	ck_assert(pg->is_unusable);
	ck_assert(err->sql == NULL);
}
END_TEST

/* --- the row and COMMIT -------------------------------------------------------------------- */

static void end_and_begin(void)
{
	ck_assert(add(PG_ROW, "INSERT INTO h"));
	ck_assert(add(PG_COMMIT, "COMMIT"));
	begin();
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
}

START_TEST(tells_that_the_commit_is_done)
{
	end_and_begin();
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_str_eq(events(), "committed\nstarted\ncomplete 0 -1");
}
END_TEST

static const struct {
	const char *name, *sql;
	enum db_part part;
} endings[] = {
	{"the row fails", "INSERT", DB_PART_ROW},
	{"COMMIT fails", "COMMIT", DB_PART_COMMIT},
	{"BEGIN fails", "BEGIN", DB_PART_SCRIPT},
	{"the statement fails", "CREATE", DB_PART_SCRIPT},
};

START_TEST(tells_which_part_has_failed)
{
	bool is_end = endings[_i].part != DB_PART_SCRIPT;

	reply((struct fake_reply){.sql = endings[_i].sql, .state = "23505", .failure = "no"});
	fixture.db.failed_part = DB_PART_SCRIPT;
	pg->role = PG_ROLE_OURS;
	end_and_begin();
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert_msg(fixture.db.failed_part == endings[_i].part, "%s", endings[_i].name);
	ck_assert_msg(pg->role == (is_end ? PG_ROLE_UNKNOWN : PG_ROLE_OURS), "%s",
	              endings[_i].name);
	ck_assert_msg((strstr(events(), "committed") == NULL) == is_end, "%s", endings[_i].name);
}
END_TEST

START_TEST(notices_a_commit_that_was_none)
{
	reply((struct fake_reply){.sql = "COMMIT", .tag = "ROLLBACK"});
	end_and_begin();
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert_int_eq(fixture.db.failed_part, DB_PART_COMMIT);
	ck_assert_str_eq(pg_fixture_error(&fixture), "25P02 The database returned ROLLBACK, so the "
	                                             "transaction cannot be committed.");
	ck_assert_str_eq(events(), "");
}
END_TEST

/* A ROLLBACK of the script is one. */
START_TEST(takes_only_commit_for_a_commit)
{
	ck_assert(add_statement(0, "ROLLBACK"));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_str_eq(events(), "complete 0 -1");
}
END_TEST

/* --- notices ------------------------------------------------------------------------------- */

static const struct {
	const char *name, *sql, *expected;
} notices[] = {
	{"of a row", "INSERT INTO h", "committed\nstarted\ncomplete 0 -1"},
	{"of COMMIT", "COMMIT", "committed\nstarted\ncomplete 0 -1"},
	{"of a guard", "SELECT guard", "committed\nstarted\nnotice 01000 hear\ncomplete 0 -1"},
	{"of a statement", "CREATE", "committed\nstarted\nnotice 01000 hear\ncomplete 0 -1"},
};

START_TEST(hears_notices_of_the_script_alone)
{
	reply((struct fake_reply){
		.sql = notices[_i].sql, .notice_state = "01000", .notice = "hear"});
	end_and_begin();
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert_msg(strcmp(events(), notices[_i].expected) == 0, "%s", notices[_i].name);
}
END_TEST

START_TEST(does_not_hear_notices_of_our_own_queries)
{
	reply((struct fake_reply){.sql = "SELECT 1", .notice = "hear"});
	ck_assert(add(PG_OWN, "SELECT 1"));
	ck_assert(add(PG_QUERY, "SELECT 1"));
	ck_assert_int_eq(finish(), DB_OK);
	pg->pq.clear(pg_pipeline_take_result(pg));
	ck_assert_str_eq(events(), "");
}
END_TEST

/* --- parameters that pgjdbc wants ---------------------------------------------------------- */

#define WRONG_ENCODING                                                                             \
	"08006 The server's client_encoding parameter was changed to LATIN1. The JDBC driver "     \
	"requires client_encoding to be UTF8 for correct operation."

static const struct {
	const char *name, *sql;
	size_t at, failed_index;
} changes[] = {
	{"at once after other statements", "SELECT set", 1, 1},
	{"after INSERT with the statement that follows", "INSERT", 1, 1},
	{"after the last INSERT at the end", "INSERT", 2, 2},
};

START_TEST(refuses_another_encoding)
{
	reply((struct fake_reply){
		.sql = changes[_i].sql,
		.at = changes[_i].at,
		.parameter = "client_encoding",
		.value = "LATIN1",
	});
	ck_assert(add_statement(0, "INSERT INTO t"));
	ck_assert(add_statement(1, "SELECT set"));
	ck_assert(add_statement(2, "INSERT INTO t"));
	fixture.conn.arriving = 1;
	ck_assert_msg(finish() == DB_FAILED, "%s", changes[_i].name);
	ck_assert_str_eq(pg_fixture_error(&fixture), WRONG_ENCODING);
	ck_assert_int_eq((int)fixture.db.failed_index, (int)changes[_i].failed_index);
}
END_TEST

/* --- COPY and lost connections ------------------------------------------------------------- */

START_TEST(gives_up_at_a_copy)
{
	static const ExecStatusType kinds[] = {PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH};

	reply((struct fake_reply){.sql = "COPY", .copy = kinds[_i], .rows = "1"});
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert(add_statement(1, "COPY t FROM STDIN"));
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert_int_eq((int)fixture.db.failed_index, 1);
	ck_assert(pg->is_unusable);
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "0A000 COPY commands are only supported using the CopyManager API.");
}
END_TEST

#define LOST                                                                                       \
	"08006 An I/O error occurred while sending to the backend. | "                             \
	"server closed the connection unexpectedly"

static const struct {
	const char *name, *function;
	size_t at;
	size_t failed_index;
} losses[] = {
	{"while it is written", "flush", 1, 0},
	{"while it is read", "consume_input", 1, 0},
	{"before Sync", "pipeline_sync", 1, 0},
};

START_TEST(notices_that_the_connection_is_lost)
{
	fake_libpq_fail(&fixture.conn, losses[_i].function, losses[_i].at, true);
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert(add_statement(1, "CREATE TABLE u ()"));
	ck_assert_msg(finish() == DB_FAILED, "%s", losses[_i].name);
	ck_assert_msg(strcmp(pg_fixture_error(&fixture), LOST) == 0, "%s: %s", losses[_i].name,
	              pg_fixture_error(&fixture));
	ck_assert_int_eq((int)fixture.db.failed_index, (int)losses[_i].failed_index);
	ck_assert(pg->is_unusable);
	ck_assert(!pg_pipeline_is_on(pg));
	ck_assert_int_eq(db_tx_status(&fixture.db), TX_LOST);
}
END_TEST

/* poll fails when it gets more files than there may be open. */
START_TEST(takes_a_wait_that_fails_for_a_loss)
{
	struct rlimit before, none;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	enum db_status status = finish();
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(status, DB_FAILED);
	ck_assert(pg->is_unusable);
	ck_assert_uint_eq(fixture.db.failed_index, 0);
}
END_TEST

/* libpq had no memory for Sync: without it nothing would come. */
START_TEST(does_not_wait_for_a_batch_that_cannot_be_ended)
{
	fake_libpq_fail(&fixture.conn, "pipeline_sync", 1, false);
	ck_assert(add_statement(2, "CREATE TABLE t ()"));
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert(str_starts(str_of(pg_fixture_error(&fixture)), STR("NULL server closed")));
	ck_assert_uint_eq(fixture.db.failed_index, 2);
	ck_assert(pg->is_unusable);
	ck_assert(!pg_pipeline_is_on(pg));
	ck_assert_str_eq(events(), "");
}
END_TEST

START_TEST(blames_the_statement_that_the_connection_did_not_survive)
{
	reply((struct fake_reply){.sql = "SELECT die", .loses = true});
	begin();
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	ck_assert(add_statement(1, "SELECT die"));
	ck_assert(add_statement(2, "CREATE TABLE u ()"));
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert_int_eq((int)fixture.db.failed_index, 1);
	ck_assert_str_eq(events(), "started\ncomplete 0 -1");
	ck_assert_str_eq(pg_fixture_error(&fixture), LOST);
}
END_TEST

/* What the server said last before it closed the connection is told. */
START_TEST(tells_why_the_server_closed_the_connection)
{
	reply((struct fake_reply){.sql = "CREATE", .state = "57P01", .failure = "terminating"});
	fake_libpq_fail(&fixture.conn, "flush", 2, true);
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	fixture.conn.arriving = 1;
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), "57P01 ERROR: terminating");
}
END_TEST

static const struct {
	const char *name, *sql;
	enum db_part part;
} lost_parts[] = {
	{"before the row", "INSERT", DB_PART_COMMIT},
	{"during COMMIT", "COMMIT", DB_PART_COMMIT},
	{"in the next migration", "BEGIN", DB_PART_SCRIPT},
};

/* A COMMIT that may have been carried out must not be taken for a script that has failed. */
START_TEST(knows_that_a_commit_may_be_lost)
{
	reply((struct fake_reply){.sql = lost_parts[_i].sql, .loses = true});
	fixture.db.failed_part = DB_PART_SCRIPT;
	end_and_begin();
	ck_assert_int_eq(finish(), DB_FAILED);
	ck_assert_msg(fixture.db.failed_part == lost_parts[_i].part, "%s", lost_parts[_i].name);
}
END_TEST

/* COMMIT cannot be sent any more, but that the row was is all that is known. */
START_TEST(knows_that_a_commit_may_be_lost_before_it_is_sent)
{
	fixture.db.failed_part = DB_PART_SCRIPT;
	ck_assert(_i == 0 ? add(PG_ROW, "INSERT INTO h") : add_statement(0, "SQL"));
	fake_libpq_fail(&fixture.conn, "send_query_params", 1, true);
	ck_assert(!add(PG_COMMIT, "COMMIT"));
	ck_assert_int_eq(fixture.db.failed_part, _i == 0 ? DB_PART_COMMIT : DB_PART_SCRIPT);
}
END_TEST

START_TEST(does_not_take_silence_for_a_loss)
{
	fake_libpq_fail(&fixture.conn, "send_flush_request", 1, false);
	for (size_t i = 0; i < 63; i++)
		ck_assert(add_statement(i, "SQL"));
	ck_assert(add_statement(63, "SQL"));
	errno = EIO;
	ck_assert_int_eq(pg_pipeline_advance(pg, err), DB_OK);
	ck_assert_str_eq(events(), "");
	ck_assert_int_eq(finish(), DB_OK);
}
END_TEST

START_TEST(cannot_add_to_a_lost_connection)
{
	ck_assert(add_statement(0, "CREATE TABLE t ()"));
	fake_libpq_fail(&fixture.conn, "send_query_params", 1, true);
	ck_assert(!add_statement(1, "CREATE TABLE u ()"));
	ck_assert(!pg_pipeline_is_on(pg));
	ck_assert_str_eq(pg_fixture_error(&fixture), LOST);
	ck_assert_int_eq((int)fixture.db.failed_index, 0);
}
END_TEST

static const char *const unable[] = {"set_nonblocking", "enter_pipeline_mode"};

START_TEST(cannot_begin_on_a_lost_connection)
{
	fake_libpq_fail(&fixture.conn, unable[_i], 1, true);
	ck_assert(!add(PG_BEGIN, "BEGIN"));
	ck_assert_str_eq(pg_fixture_error(&fixture), LOST);
	ck_assert(!pg_pipeline_is_on(pg));
}
END_TEST

START_TEST(is_unusable_when_the_pipeline_cannot_be_left)
{
	fake_libpq_fail(&fixture.conn, "exit_pipeline_mode", 1, false);
	ck_assert(add(PG_BEGIN, "BEGIN"));
	ck_assert_int_eq(finish(), DB_OK);
	ck_assert(pg->is_unusable);
	ck_assert_int_eq(db_tx_status(&fixture.db), TX_LOST);
}
END_TEST

Suite *pg_pipeline_failures_suite(void)
{
	Suite *suite = suite_create("pg_pipeline_failures");
	TCase *tc = tcase_create("failures"), *limits = tcase_create("limits of the system");

	tcase_add_checked_fixture(limits, set_up, tear_down);
	tcase_set_tags(limits, "limits"); /* not in valgrind, see .ci/memcheck */
	tcase_add_test(limits, takes_a_wait_that_fails_for_a_loss);
	suite_add_tcase(suite, limits);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, blames_the_first_statement_that_fails, 0, 4);
	tcase_add_test(tc, drops_the_rows_of_a_statement_that_fails);
	tcase_add_test(tc, drops_the_rows_that_came_before_a_failure);
	tcase_add_loop_test(tc, knows_why_a_guard_has_failed, 0, COUNT(guards));
	tcase_add_test(tc, keeps_the_first_failure);
	tcase_add_test(tc, tells_that_the_commit_is_done);
	tcase_add_loop_test(tc, tells_which_part_has_failed, 0, COUNT(endings));
	tcase_add_test(tc, notices_a_commit_that_was_none);
	tcase_add_test(tc, takes_only_commit_for_a_commit);
	tcase_add_loop_test(tc, hears_notices_of_the_script_alone, 0, COUNT(notices));
	tcase_add_test(tc, does_not_hear_notices_of_our_own_queries);
	tcase_add_loop_test(tc, refuses_another_encoding, 0, COUNT(changes));
	tcase_add_loop_test(tc, gives_up_at_a_copy, 0, 3);
	tcase_add_loop_test(tc, notices_that_the_connection_is_lost, 0, COUNT(losses));
	tcase_add_test(tc, does_not_wait_for_a_batch_that_cannot_be_ended);
	tcase_add_test(tc, blames_the_statement_that_the_connection_did_not_survive);
	tcase_add_test(tc, tells_why_the_server_closed_the_connection);
	tcase_add_loop_test(tc, knows_that_a_commit_may_be_lost, 0, COUNT(lost_parts));
	tcase_add_loop_test(tc, knows_that_a_commit_may_be_lost_before_it_is_sent, 0, 2);
	tcase_add_test(tc, does_not_take_silence_for_a_loss);
	tcase_add_test(tc, cannot_add_to_a_lost_connection);
	tcase_add_loop_test(tc, cannot_begin_on_a_lost_connection, 0, COUNT(unable));
	tcase_add_test(tc, is_unusable_when_the_pipeline_cannot_be_left);
	suite_add_tcase(suite, tc);
	return suite;
}
