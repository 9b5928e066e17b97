/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite_driver.c - statements that SQLite runs, and the ends that they come to */
#include "suites.h"

#include "sqlite_fixture.h"

#include "cflyway/base/attr.h"

static struct db *db;

static void set_up(void)
{
	sqlite_fixture_enter();
	db = sqlite_fixture_open(NULL);
}

static void tear_down(void)
{
	db_close(db);
	sqlite_fixture_leave();
}

/* --- messages ------------------------------------------------------------------------------ */

static const struct {
	int code;
	const char *text;
} messages[] = {
	{SQLITE_BUSY, "[SQLITE_BUSY] The database file is locked (m)"},
	{SQLITE_CONSTRAINT_NOTNULL, "[SQLITE_CONSTRAINT_NOTNULL] A NOT NULL constraint failed (m)"},
	{SQLITE_BUSY | 77 << 8, "[SQLITE_BUSY] The database file is locked (m)"},
	{99, "[UNKNOWN_ERROR] unknown error (m)"},
};

START_TEST(words_a_code_as_the_jdbc_driver)
{
	ck_assert_str_eq(sqlite_error_text(&sqlite_scratch.arena, messages[_i].code, "m"),
	                 messages[_i].text);
}
END_TEST

START_TEST(words_a_batch_as_the_jdbc_driver)
{
	const struct batch_entry entry = {.number = 3, .text = "x"};
	struct sql_failure failure = {.code = 19, .message = "[SQLITE_CONSTRAINT] no"};
	const char *cause = NULL;

	db_describe_batch(db, &sqlite_scratch.arena, &entry, &failure, &cause);
	ck_assert_str_eq(cause, "[SQLITE_CONSTRAINT] no");
	ck_assert_str_eq(failure.message, "batch entry 3: [SQLITE_CONSTRAINT] no");
	ck_assert_int_eq(failure.code, 0);
}
END_TEST

/* SQLite takes all that follows a quote for the token. */
START_TEST(shortens_the_rest_of_a_script)
{
	struct error *err = &sqlite_scratch.err;

	ck_assert_int_eq(sqlite_fixture_send(db,
	                                     "select 'a\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
	                                     "\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
	                                     err),
	                 DB_FAILED);
	ck_assert_ptr_nonnull(strstr(err->sql->message, "left out"));
	ck_assert_uint_eq(err->notes.n, 0);
}
END_TEST

/* --- cflyway's own SQL --------------------------------------------------------------------- */

struct seen {
	size_t rows, stops_at;
	const char *text;
};

static bool see(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct seen *seen = ctx;

	for (size_t i = 0; i < columns; i++)
		seen->text = arena_printf(&sqlite_scratch.arena, "%s%s%s", seen->text,
		                          values[i] != NULL ? values[i] : "NULL",
		                          i + 1 < columns ? "," : ";");
	return ++seen->rows != seen->stops_at || error_set(err, ERROR_GENERAL, "stopped");
}

START_TEST(hands_over_the_rows_of_a_query)
{
	static const char *const args[] = {"one", NULL, "three"};
	struct seen seen = {.text = ""};

	ck_assert(db_query(db, "select $1, $2, 'a' || $1 union all values(7, x'ff', '')", args,
	                   COUNT(args), see, &seen, &sqlite_scratch.err));
	ck_assert_str_eq(seen.text, "one,NULL,aone;7,\xEF\xBF\xBD,;");
}
END_TEST

START_TEST(stops_where_nobody_wants_more_rows)
{
	struct seen seen = {.text = "", .stops_at = 2};

	ck_assert(!db_query(db, "values(1), (2), (3)", NULL, 0, see, &seen, &sqlite_scratch.err));
	ck_assert_str_eq(seen.text, "1;2;");
	ck_assert_str_eq(sqlite_scratch.err.message, "stopped");
}
END_TEST

#define OVERFLOWS "abs(-9223372036854775808)"

START_TEST(fails_in_the_middle_of_a_query)
{
	struct seen seen = {.text = ""};

	ck_assert(!db_query(db, "select 1 union all select " OVERFLOWS, NULL, 0, see, &seen,
	                    &sqlite_scratch.err));
	ck_assert_str_eq(seen.text, "1;");
	ck_assert_ptr_nonnull(strstr(sqlite_scratch.err.message, "integer overflow"));
}
END_TEST

START_TEST(refuses_an_argument_that_is_too_long)
{
	static const char *const args[] = {"12345678901"};

	sqlite3_limit(sqlite_of(db)->conn, SQLITE_LIMIT_LENGTH, 10);
	ck_assert(!db_query(db, "select $1", args, COUNT(args), NULL, NULL, &sqlite_scratch.err));
	ck_assert_int_eq(sqlite_scratch.err.sql->code, SQLITE_TOOBIG);
}
END_TEST

/* --- statements of a script ---------------------------------------------------------------- */

struct heard {
	const char *text;
	size_t waited;
	bool cancels;
};

static void hear_result(void *ctx, size_t index, struct row_set *rows)
{
	struct heard *heard = ctx;

	row_set_rewind(rows);
	heard->text = arena_printf(&sqlite_scratch.arena, "%sresult %zu: %s:", heard->text, index,
	                           rows->titles[0]);
	while (row_set_next(rows))
		heard->text = arena_printf(&sqlite_scratch.arena, "%s %s", heard->text,
		                           rows->values[0] != NULL ? rows->values[0] : "NULL");
	heard->text = arena_printf(&sqlite_scratch.arena, "%s\n", heard->text);
}

static void hear_complete(void *ctx, size_t index, int64_t affected)
{
	struct heard *heard = ctx;

	heard->text = arena_printf(&sqlite_scratch.arena, "%scomplete %zu: %d\n", heard->text,
	                           index, (int)affected);
}

static void hear_waiting(void *ctx)
{
	struct heard *heard = ctx;

	heard->waited++;
	if (heard->cancels)
		db_cancel(db);
}

static const struct {
	const char *sql, *heard; /* after two rows have been inserted */
} statements[] = {
	{"insert into t values(3, 'c')", "complete 0: 1\n"},
	{"update t set a = 1", "complete 0: 2\n"},
	{"delete from t where a > 7", "complete 0: 0\n"},
	{"begin", "complete 0: -1\n"},
	{"select a from t", "result 0: a: 1 NULL\ncomplete 0: -1\n"},
	{"select a as \"b\xFF\" from t where a > 7", "result 0: b\xEF\xBF\xBD:\ncomplete 0: -1\n"},
	{"insert into t values(3, 'c') returning b", "result 0: b: c\ncomplete 0: -1\n"},
	{"select 1; ; insert into t values(3, 'c'); select 2 as b -- end",
         "result 0: 1: 1\nresult 0: b: 2\ncomplete 0: 1\n"},
	{"-- nothing", "complete 0: -1\n"},
	{"", "complete 0: -1\n"},
};

static void insert_two_rows(void)
{
	sqlite_fixture_run(db, "create table t(a, b); insert into t values(1, 'a'), (null, 'b')");
	ck_assert_int_eq(db_sync(db, &sqlite_scratch.err), DB_OK);
}

START_TEST(tells_what_a_statement_has_done)
{
	struct heard heard = {.text = ""};
	const struct db_listener listener = {
		.result = hear_result,
		.complete = hear_complete,
		.ctx = &heard,
	};

	insert_two_rows();
	db->listener = &listener;
	sqlite_fixture_run(db, statements[_i].sql);
	ck_assert_str_eq(heard.text, statements[_i].heard);
}
END_TEST

/* Without a listener for results, rows are fetched all the same. */
START_TEST(runs_a_query_to_its_end)
{
	struct heard heard = {.text = ""};
	const struct db_listener listener = {.complete = hear_complete, .ctx = &heard};
	struct error *err = &sqlite_scratch.err;

	insert_two_rows();
	db->listener = &listener;
	sqlite_fixture_run(db, "insert into t values(3, 'c'), (4, 'd') returning b");
	ck_assert_str_eq(heard.text, "complete 0: -1\n");
	ck_assert_str_eq(sqlite_fixture_value(db, "select count(*) from t"), "4");
	ck_assert_int_eq(sqlite_fixture_send(db, "select 1 union all select " OVERFLOWS, err),
	                 DB_FAILED);
	ck_assert_ptr_nonnull(strstr(err->sql->message, "integer overflow"));
}
END_TEST

START_TEST(shows_no_rows_of_a_query_that_fails)
{
	struct heard heard = {.text = ""};
	const struct db_listener listener = {
		.result = hear_result,
		.complete = hear_complete,
		.ctx = &heard,
	};

	db->listener = &listener;
	ck_assert_int_eq(sqlite_fixture_send(db, "select 1 union all select " OVERFLOWS,
	                                     &sqlite_scratch.err),
	                 DB_FAILED);
	ck_assert_str_eq(heard.text, "");
	ck_assert_ptr_nonnull(strstr(sqlite_scratch.err.sql->message, "integer overflow"));
}
END_TEST

START_TEST(runs_nothing_after_a_command_that_fails)
{
	insert_two_rows();
	ck_assert_int_eq(sqlite_fixture_send(db, "delete from t where a = 1; selekt; delete from t",
	                                     &sqlite_scratch.err),
	                 DB_FAILED);
	ck_assert_str_eq(sqlite_fixture_value(db, "select count(*) from t"), "1");
	error_clear(&sqlite_scratch.err);
	ck_assert_int_eq(
		sqlite_fixture_send(db, "select " OVERFLOWS "; delete from t", &sqlite_scratch.err),
		DB_FAILED);
	ck_assert_str_eq(sqlite_fixture_value(db, "select count(*) from t"), "1");
}
END_TEST

/* The text may go on after the statement. */
START_TEST(runs_no_more_than_the_statement)
{
	const struct statement statement = {
		.text = "delete from t where a = 1; delete from t",
		.len = strlen("delete from t where a = 1;"),
		.line = 1,
	};

	insert_two_rows();
	ck_assert_int_eq(db_send(db, &statement, &sqlite_scratch.err), DB_OK);
	ck_assert_str_eq(sqlite_fixture_value(db, "select count(*) from t"), "1");
}
END_TEST

START_TEST(counts_statements_of_a_batch)
{
	struct error *err = &sqlite_scratch.err;

	sqlite_fixture_run(db, "select 1");
	sqlite_fixture_run(db, "select 1");
	ck_assert_int_eq(sqlite_fixture_send(db, "selekt", err), DB_FAILED);
	ck_assert_uint_eq(db->failed_index, 2);
	ck_assert_int_eq(db_sync(db, err), DB_OK);
	error_clear(err);
	ck_assert_int_eq(sqlite_fixture_send(db, "selekt", err), DB_FAILED);
	ck_assert_uint_eq(db->failed_index, 0);
}
END_TEST

START_TEST(counts_from_the_guard_on)
{
	const struct db_guard guard = {.table = "h", .last_rank = -1};
	struct error *err = &sqlite_scratch.err;

	sqlite_fixture_run(db, "select 1");
	ck_assert_int_eq(db_prepare_guarded(db, &guard, err), DB_OK);
	ck_assert_int_eq(sqlite_fixture_send(db, "selekt", err), DB_FAILED);
	ck_assert_uint_eq(db->failed_index, 0);
}
END_TEST

#define LONG_QUERY                                                                                 \
	"with recursive n(i) as (values(1) union all select i + 1 from n where i < 300000) "       \
	"select count(*) from n"

START_TEST(tells_that_a_statement_is_running)
{
	struct heard heard = {.text = ""};
	const struct db_listener listener = {.waiting = hear_waiting, .ctx = &heard};

	db->listener = &listener;
	sqlite_fixture_run(db, LONG_QUERY);
	ck_assert_uint_gt(heard.waited, 5);
	ck_assert_uint_lt(heard.waited, 500);
	heard.waited = 0;
	ck_assert_str_eq(sqlite_fixture_value(db, LONG_QUERY), "300000"); /* cflyway's own */
	ck_assert_uint_eq(heard.waited, 0);
}
END_TEST

START_TEST(can_be_interrupted)
{
	struct heard heard = {.text = "", .cancels = true};
	const struct db_listener listener = {.waiting = hear_waiting, .ctx = &heard};
	struct db closed = {.driver = db->driver};

	db->listener = &listener;
	ck_assert_int_eq(sqlite_fixture_send(db, LONG_QUERY, &sqlite_scratch.err), DB_FAILED);
	ck_assert_int_eq(sqlite_scratch.err.sql->code, SQLITE_INTERRUPT);
	ck_assert_uint_eq(heard.waited, 1);
	db_cancel(&closed); /* a signal may come when there is no connection */
}
END_TEST

/* --- the guard ----------------------------------------------------------------------------- */

static const struct {
	const char *rows;
	int last_rank;
	bool checks;
	enum db_status status;
} guards[] = {
	{"select 1", -1, true, DB_OK},
	{"select 1", 0, true, DB_HISTORY_CHANGED},
	{"insert into h values(1), (12)", 12, true, DB_OK},
	{"insert into h values(1), (12)", 1, true, DB_HISTORY_CHANGED},
	{"insert into h values(1), (12)", -1, true, DB_HISTORY_CHANGED},
	{"insert into h values(1), (12)", 1, false, DB_OK},
};

START_TEST(sees_another_history)
{
	const struct db_guard guard = {
		.table = "\"main\".\"h\"",
		.last_rank = guards[_i].last_rank,
		.check_history = guards[_i].checks,
	};
	struct error *err = &sqlite_scratch.err;
	bool begins = guards[_i].status == DB_OK;

	sqlite_fixture_run(db, "create table h(installed_rank int)");
	sqlite_fixture_run(db, guards[_i].rows);
	ck_assert_int_eq(db_prepare_guarded(db, &guard, err), guards[_i].status);
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, err), guards[_i].status);
	ck_assert_int_eq(db_tx_status(db), begins ? TX_ACTIVE : TX_IDLE);
}
END_TEST

START_TEST(rolls_back)
{
	struct error *err = &sqlite_scratch.err;

	ck_assert(db_begin(db, err));
	ck_assert_int_eq(db_tx_status(db), TX_ACTIVE);
	sqlite_fixture_run(db, "create table t(x)");
	db_rollback(db);
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	ck_assert_ptr_null(sqlite_fixture_value(db, "select name from sqlite_master"));
	db_rollback(db); /* without a transaction it does nothing */
	ck_assert(db_begin(db, err));
	sqlite_fixture_run(db, "create table t(x)");
	ck_assert(db_commit(db, err));
	ck_assert_str_eq(sqlite_fixture_value(db, "select name from sqlite_master"), "t");
	ck_assert(!db_commit(db, err));
}
END_TEST

Suite *sqlite_driver_suite(void)
{
	Suite *suite = suite_create("sqlite_driver");
	TCase *tc = tcase_create("driver");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, words_a_code_as_the_jdbc_driver, 0, COUNT(messages));
	tcase_add_test(tc, words_a_batch_as_the_jdbc_driver);
	tcase_add_test(tc, shortens_the_rest_of_a_script);
	tcase_add_test(tc, hands_over_the_rows_of_a_query);
	tcase_add_test(tc, stops_where_nobody_wants_more_rows);
	tcase_add_test(tc, fails_in_the_middle_of_a_query);
	tcase_add_test(tc, refuses_an_argument_that_is_too_long);
	tcase_add_loop_test(tc, tells_what_a_statement_has_done, 0, COUNT(statements));
	tcase_add_test(tc, runs_a_query_to_its_end);
	tcase_add_test(tc, shows_no_rows_of_a_query_that_fails);
	tcase_add_test(tc, runs_nothing_after_a_command_that_fails);
	tcase_add_test(tc, runs_no_more_than_the_statement);
	tcase_add_test(tc, counts_statements_of_a_batch);
	tcase_add_test(tc, counts_from_the_guard_on);
	tcase_add_test(tc, tells_that_a_statement_is_running);
	tcase_add_test(tc, can_be_interrupted);
	tcase_add_loop_test(tc, sees_another_history, 0, COUNT(guards));
	tcase_add_test(tc, rolls_back);
	suite_add_tcase(suite, tc);
	return suite;
}
