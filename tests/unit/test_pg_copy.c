/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_copy.c - COPY … FROM STDIN with the rows of the script */
#include "suites.h"

#include "pg_fixture.h"

#include "cflyway/sql/split.h"

static struct pg_fixture fixture;
static struct db *db;
static struct error *err;
static struct text_memory text;
static struct splitter *splitter;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	fake_libpq_reply(&fixture.conn,
	                 (struct fake_reply){.sql = "COPY t", .copy = PGRES_COPY_IN});
	db = &fixture.db;
	err = &fixture.err;
	splitter = NULL;
}

static void tear_down(void)
{
	split_close(splitter);
	pg_fixture_close(&fixture);
}

static const char *calls(void)
{
	return fake_libpq_calls(&fixture.conn);
}

/* Copies the rows of the script. */
static enum db_status copy(const char *script)
{
	const struct split_options options = {.path = "V1.sql", .max_statement_size = SIZE_MAX};
	struct statement statement;

	text_memory_init(&text, str_of(script), 0);
	splitter = split_open(&dialect_postgres, &text.source, &options);
	ck_assert_int_eq(split_next(splitter, &statement, err), SPLIT_STATEMENT);
	return db_copy(db, &statement, splitter, err);
}

#define SCRIPT "COPY t FROM STDIN;\n1\ta\n2\tb\n\\.\n"

START_TEST(copies_the_rows)
{
	fake_libpq_reply(&fixture.conn, (struct fake_reply){.sql = "end", .tag = "COPY 2"});
	fixture.pg->sent = 3;
	ck_assert_int_eq(copy(SCRIPT), DB_OK);
	ck_assert_str_eq(calls(), "simple COPY t FROM STDIN\ndata 1\ta\n2\tb\n\nend");
	ck_assert_str_eq(pg_fixture_events(&fixture), "complete 3 2");
	ck_assert_int_eq((int)fixture.pg->sent, 4);
	ck_assert_int_eq(fixture.pg->role, PG_ROLE_UNKNOWN);
	ck_assert_int_eq(fixture.pg->phase, PG_PHASE_OWN);
}
END_TEST

START_TEST(ends_the_batch_first)
{
	ck_assert(db_begin(db, err));
	calls();
	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", 0), DB_OK);
	ck_assert_int_eq(copy(SCRIPT), DB_OK);
	ck_assert(str_starts(str_of(calls()),
	                     STR("enter\nsend ONE\nsync\nexit\nsimple COPY t FROM STDIN\n")));
	ck_assert_str_eq(pg_fixture_events(&fixture), "complete 0 -1\ncomplete 1 1");
}
END_TEST

START_TEST(does_not_copy_when_the_batch_has_failed)
{
	fake_libpq_reply(&fixture.conn,
	                 (struct fake_reply){.sql = "ONE", .state = "42601", .failure = "no"});
	ck_assert(db_begin(db, err));
	calls();
	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", 0), DB_OK);
	ck_assert_int_eq(copy(SCRIPT), DB_FAILED);
	ck_assert_str_eq(calls(), "enter\nsend ONE\nsync\nexit");
}
END_TEST

START_TEST(hears_notices_of_triggers)
{
	fake_libpq_reply(&fixture.conn, (struct fake_reply){.sql = "end", .notice = "hear"});
	ck_assert_int_eq(copy(SCRIPT), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "notice 00000 hear\ncomplete 0 1");
}
END_TEST

static void on_waiting(void *ctx)
{
	struct pg_fixture *watching = ctx;

	str_list_add(&watching->arena, &watching->events, "waiting");
}

START_TEST(tells_that_it_works)
{
	fixture.listener.waiting = on_waiting;
	ck_assert_int_eq(copy(SCRIPT), DB_OK);
	ck_assert(str_starts(str_of(pg_fixture_events(&fixture)), STR("waiting\nwaiting\n")));
}
END_TEST

/* --- failures ------------------------------------------------------------------------------ */

static const char *failure(void)
{
	return arena_printf(&fixture.arena, "%s; %s; %s", pg_fixture_error(&fixture),
	                    err->cause != NULL ? err->cause : "",
	                    err->root_cause != NULL ? err->root_cause : "");
}

#define TITLE "NULL Unable to execute COPY operation | "
#define JAVA "; java.lang.reflect.InvocationTargetException; "

START_TEST(says_why_the_server_refuses)
{
	fixture.conn.replies_n = 0;
	fake_libpq_reply(&fixture.conn, (struct fake_reply){.sql = "COPY",
	                                                    .state = "42P01",
	                                                    .failure = "no\ntable",
	                                                    .detail = "d"});
	fixture.pg->sent = 3;
	ck_assert_int_eq(copy(SCRIPT), DB_FAILED);
	ck_assert_str_eq(failure(), TITLE "ERROR: no table   Detail: d (SQL State: 42P01)" JAVA
	                                  "ERROR: no\ntable\n  Detail: d");
	ck_assert_str_eq(calls(), "simple COPY t FROM STDIN");
	ck_assert_int_eq((int)db->failed_index, 3);
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
	ck_assert_int_eq(fixture.pg->phase, PG_PHASE_OWN);
}
END_TEST

START_TEST(says_which_row_is_wrong)
{
	fake_libpq_reply(&fixture.conn, (struct fake_reply){.sql = "end",
	                                                    .state = "22P02",
	                                                    .failure = "bad",
	                                                    .context = "line 2"});
	ck_assert_int_eq(copy(SCRIPT), DB_FAILED);
	ck_assert_str_eq(failure(), TITLE "ERROR: bad   Where: line 2 (SQL State: 22P02)" JAVA
	                                  "ERROR: bad\n  Where: line 2");
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
}
END_TEST

/* A statement that is no COPY, although the splitter took it for one. */
START_TEST(takes_only_copy)
{
	fixture.conn.replies_n = 0;
	ck_assert_int_eq(copy(SCRIPT), DB_FAILED);
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

START_TEST(tells_the_server_when_the_script_ends_in_the_rows)
{
	ck_assert_int_eq(copy("COPY t FROM STDIN;\n1\ta\n"), DB_FAILED);
	ck_assert_msg(strstr(calls(), "end: the script ends within the data") != NULL, "not told");
	ck_assert_str_eq(err->message, "The rows of the COPY statement in V1.sql at line 1 do not "
	                               "end: there is no line \"\\.\" behind them.");
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

#define LOST                                                                                       \
	"server closed the connection unexpectedly | An I/O error occurred while sending to the "  \
	"backend. (SQL State: 08006)"

static const char *const losing[] = {"send_query", "put_copy_data", "put_copy_end"};

START_TEST(loses_the_connection)
{
	fake_libpq_fail(&fixture.conn, losing[_i], 1, true);
	ck_assert_int_eq(copy(SCRIPT), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), TITLE LOST);
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
}
END_TEST

/* libpq goes on saying that rows are wanted. */
START_TEST(does_not_wait_for_ever_when_the_end_cannot_be_sent)
{
	fake_libpq_fail(&fixture.conn, losing[1 + _i], 1, false);
	ck_assert_int_eq(copy(SCRIPT), DB_FAILED);
}
END_TEST

Suite *pg_copy_suite(void)
{
	Suite *suite = suite_create("pg_copy");
	TCase *tc = tcase_create("copy");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, copies_the_rows);
	tcase_add_test(tc, ends_the_batch_first);
	tcase_add_test(tc, does_not_copy_when_the_batch_has_failed);
	tcase_add_test(tc, hears_notices_of_triggers);
	tcase_add_test(tc, tells_that_it_works);
	tcase_add_test(tc, says_why_the_server_refuses);
	tcase_add_test(tc, says_which_row_is_wrong);
	tcase_add_test(tc, takes_only_copy);
	tcase_add_test(tc, tells_the_server_when_the_script_ends_in_the_rows);
	tcase_add_loop_test(tc, loses_the_connection, 0, COUNT(losing));
	tcase_add_loop_test(tc, does_not_wait_for_ever_when_the_end_cannot_be_sent, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
