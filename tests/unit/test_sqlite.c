/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite.c - the SQLite driver, on private databases and on a file in a temporary folder */
#include "suites.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/db/driver.h"
#include "cflyway/db/history.h"

#include <unistd.h>

static struct arena memory;
static char folder[32];
static struct buf lines;

static void keep_line(void *ctx, enum log_level level, struct str message)
{
	(void)ctx;
	(void)level;
	buf_append(&lines, message.ptr, message.len);
	buf_putc(&lines, '\n');
}

static const struct log keeper = {.sink = keep_line};

static void set_up(void)
{
	arena_init(&memory);
	buf_init(&lines, 1 << 16);
	snprintf(folder, sizeof(folder), "/tmp/cflyway-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void tear_down(void)
{
	struct str_list files = {0};

	fs_list_files(&memory, folder, &files);
	for (size_t i = 0; i < files.n; i++)
		unlink(fs_join(&memory, folder, files.items[i]));
	rmdir(folder);
	buf_release(&lines);
	arena_release(&memory);
}

/* A database for as long as the test runs; url may be NULL: a private one. */
static struct db *open_db(const char *url)
{
	struct settings *settings = arena_alloc(&memory, sizeof(*settings));
	struct db *db = arena_alloc(&memory, sizeof(*db));
	struct error err = ERROR_INIT(&memory);

	settings->url = url != NULL ? url : "jdbc:sqlite::memory:";
	settings->output_query_results = true;
	ck_assert_msg(db_open(db, &db_drivers, &memory, settings, &keeper, &err), "%s",
	              err.message);
	return db;
}

static const char *file_url(const char *name)
{
	return arena_printf(&memory, "jdbc:sqlite:%s/%s", folder, name);
}

static enum db_status send_sql(struct db *db, const char *sql, struct error *err)
{
	const struct statement statement = {.text = sql, .len = strlen(sql), .line = 1};

	return db_send(db, &statement, err);
}

static void run(struct db *db, const char *sql)
{
	struct error err = ERROR_INIT(&memory);

	ck_assert_msg(send_sql(db, sql, &err) == DB_OK, "%s: %s", sql, err.message);
}

/* Recorded from Flyway 12.4.0 with sqlite-jdbc 3.49.1. */
static const struct {
	const char *sql[3];
	int code;
	const char *message;
} failures[] = {
	{{"select * from nope"},
         1,
         "[SQLITE_ERROR] SQL error or missing database (no such table: nope)"},
	{{"selekt 1"},
         1,
         "[SQLITE_ERROR] SQL error or missing database (near \"selekt\": syntax error)"},
	{{"create table a(x int, y text not null)", "insert into a values(1, null)"},
         19,
         "[SQLITE_CONSTRAINT_NOTNULL] A NOT NULL constraint failed (NOT NULL constraint failed: "
         "a.y)"},
	{{"create table a(x int, check (x<5))", "insert into a values(9)"},
         19,
         "[SQLITE_CONSTRAINT_CHECK] A CHECK constraint failed (CHECK constraint failed: x<5)"},
	{{"create table a(z int unique)", "insert into a values(1)", "insert into a values(1)"},
         19,
         "[SQLITE_CONSTRAINT_UNIQUE] A UNIQUE constraint failed (UNIQUE constraint failed: a.z)"},
	{{"create table a(x text primary key)", "insert into a values(1)",
          "insert into a values(1)"},
         19,
         "[SQLITE_CONSTRAINT_PRIMARYKEY] A PRIMARY KEY constraint failed (UNIQUE constraint "
         "failed: a.x)"},
	{{"create table a(x integer primary key)", "insert into a values('x')"},
         20,
         "[SQLITE_MISMATCH] Data type mismatch (datatype mismatch)"},
	{{"create table a(x int) strict", "insert into a values('x')"},
         19,
         "[SQLITE_CONSTRAINT_DATATYPE] An insert or update attempted to store a value "
         "inconsistent with the column's declared type in a table defined as STRICT (cannot "
         "store TEXT value in INT column a.x)"},
	{{"begin", "vacuum"},
         1,
         "[SQLITE_ERROR] SQL error or missing database (cannot VACUUM from within a "
         "transaction)"},
};

START_TEST(words_failures_as_the_jdbc_driver)
{
	struct db *db = open_db(NULL);
	struct error err = ERROR_INIT(&memory);
	enum db_status status = DB_OK;
	size_t i = 0;

	for (; i < COUNT(failures[_i].sql) && failures[_i].sql[i] != NULL && status == DB_OK; i++)
		status = send_sql(db, failures[_i].sql[i], &err);
	ck_assert_int_eq(status, DB_FAILED);
	ck_assert_uint_eq(db->failed_index, i - 1);
	ck_assert_ptr_null(err.sql->state);
	ck_assert_int_eq(err.sql->code, failures[_i].code);
	ck_assert_str_eq(err.sql->message, failures[_i].message);
	db_close(db);
}
END_TEST

struct heard {
	size_t started, results, completed;
	const char *title, *value;
	bool is_null;
	int64_t affected;
};

static void hear_started(void *ctx, int64_t ago_ms)
{
	ck_assert_int_eq(ago_ms, 0);
	((struct heard *)ctx)->started++;
}

static void hear_result(void *ctx, size_t index, struct row_set *rows)
{
	struct heard *heard = ctx;

	(void)index;
	row_set_rewind(rows);
	heard->results++;
	heard->title = arena_strdup(&memory, rows->titles[0]);
	ck_assert(row_set_next(rows));
	heard->is_null = rows->values[1] == NULL;
	ck_assert(row_set_next(rows));
	heard->value = arena_strdup(&memory, rows->values[0]);
	ck_assert(!row_set_next(rows));
}

static void hear_complete(void *ctx, size_t index, int64_t affected)
{
	struct heard *heard = ctx;

	ck_assert_uint_eq(index, heard->completed);
	heard->completed++;
	heard->affected = affected;
}

START_TEST(hands_results_over)
{
	struct db *db = open_db(NULL);
	struct heard heard = {0};
	const struct db_listener listener = {
		.started = hear_started,
		.result = hear_result,
		.complete = hear_complete,
		.ctx = &heard,
	};

	db->listener = &listener;
	run(db, "create table a(x, y)");
	run(db, "insert into a values(4.5, null), ('b', 1)");
	ck_assert_int_eq(heard.affected, 2);
	run(db, "-- two\nselect x as col, y from a; select x as col, y from a");
	ck_assert_uint_eq(heard.results, 2);
	ck_assert_uint_eq(heard.completed, 3);
	ck_assert_str_eq(heard.title, "col");
	ck_assert_str_eq(heard.value, "b");
	ck_assert(heard.is_null);
	db_close(db);
}
END_TEST

START_TEST(keeps_the_history)
{
	struct db *db = open_db(NULL);
	struct error err = ERROR_INIT(&memory);
	struct history history;
	struct history_rows rows = {0};
	struct db_description about;
	struct history_row row = {
		.installed_rank = 1,
		.description = "it's",
		.type = MIGRATION_SQL,
		.script = "V1.sql",
		.installed_by = "",
		.success = true,
	};

	history_init(&memory, &history, "main", "my history");
	ck_assert(db_describe(db, NULL, history.table, &about, &err));
	ck_assert_str_eq(about.current_schema, "main");
	ck_assert(about.default_schema_exists);
	ck_assert(!about.history_exists);
	ck_assert(version_parse(&memory, "1", &row.version, &err));
	ck_assert_msg(history_create(db, &history, NULL, &row, &err), "%s", err.message);
	row.installed_rank = 2;
	row.version = version_empty();
	row.success = false;
	ck_assert(history_insert(db, &history, &row, &err));
	ck_assert(history_read(&memory, db, &history, &rows, &err));
	ck_assert_uint_eq(rows.n, 2);
	ck_assert_str_eq(rows.items[0].description, "it's");
	ck_assert(rows.items[0].success && !rows.items[1].success);
	ck_assert(!rows.items[0].has_checksum);
	ck_assert_uint_eq(strlen(rows.items[0].installed_on), strlen("2026-01-02 03:04:05.678"));
	ck_assert(history_delete_failed(db, &history, &rows.items[1], &err));
	ck_assert(db_describe(db, "main", history.table, &about, &err));
	ck_assert(about.history_exists);
	ck_assert(!history_insert(db, &history, &rows.items[0], &err));
	ck_assert_str_eq(err.message,
	                 "Unable to insert row for version '1' in Schema History table "
	                 "\"main\".\"my history\"");
	db_close(db);
}
END_TEST

START_TEST(needs_the_history_that_it_guards)
{
	struct error err = ERROR_INIT(&memory);
	struct db *db = open_db(NULL);
	struct db_guard guard = {.table = "\"main\".\"h\"", .last_rank = -1, .check_history = true};

	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &err), DB_FAILED);
	ck_assert(strstr(err.sql->message, "no such table: main.h") != NULL);
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	error_clear(&err);
	guard.check_history = false;
	ck_assert_int_eq(db_prepare_guarded(db, &guard, &err), DB_OK);
	db_close(db);
}
END_TEST

START_TEST(guards_lock_and_history)
{
	struct db *db = open_db(file_url("a.db")),
		  *other = open_db(file_url("a.db?busy_timeout=1"));
	struct error err = ERROR_INIT(&memory);
	struct heard heard = {0};
	const struct db_listener listener = {.started = hear_started, .ctx = &heard};
	struct db_guard guard = {.table = "\"main\".\"h\"", .last_rank = 5, .check_history = true};

	run(db, "create table h(installed_rank int)");
	db->listener = &listener;
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &err), DB_HISTORY_CHANGED);
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	ck_assert_uint_eq(heard.started, 0);
	guard.last_rank = -1;
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &err), DB_OK);
	ck_assert_uint_eq(heard.started, 1);
	ck_assert_int_eq(db_begin_guarded(other, &guard, true, &err), DB_FAILED);
	ck_assert_int_eq(err.sql->code, 5);
	ck_assert_str_eq(err.sql->message,
	                 "[SQLITE_BUSY] The database file is locked (database is locked)");
	db_rollback(db);
	ck_assert_int_eq(db_begin_guarded(other, &guard, true, &err), DB_OK);
	db_close(other);
	db_close(db);
}
END_TEST

START_TEST(turns_a_deferred_transaction_into_an_immediate_one)
{
	struct db *db = open_db(file_url("a.db")),
		  *other = open_db(file_url("a.db?busy_timeout=1"));
	struct error err = ERROR_INIT(&memory);
	bool taken = false;

	ck_assert(db_begin(db, &err));
	ck_assert(db_try_lock(db, LOCK_TRANSACTION, "h", &taken, &err));
	ck_assert(taken);
	ck_assert_int_eq(send_sql(other, "create table x(a)", &err), DB_FAILED);
	ck_assert(db_commit(db, &err));
	run(other, "create table x(a)");
	db_close(other);
	db_close(db);
}
END_TEST

START_TEST(shares_the_lock_of_a_session)
{
	struct db *db = open_db(file_url("a.db")), *other = open_db(file_url("a.db"));
	const char *file = arena_printf(&memory, "%s/a.db-cflyway.lock", folder);
	struct error err = ERROR_INIT(&memory);
	bool answer;

	ck_assert(db_try_lock(db, LOCK_SESSION, "h", &answer, &err) && answer);
	ck_assert(db_has_lock(db, "h", &answer, &err) && answer);
	ck_assert(db_try_lock(other, LOCK_SESSION, "h", &answer, &err) && !answer);
	ck_assert(db_has_lock(other, "h", &answer, &err) && !answer);
	ck_assert(db_unlock(db, "h", &answer, &err) && answer);
	ck_assert_int_eq(fs_kind(file), FS_MISSING);
	ck_assert(db_try_lock(other, LOCK_SESSION, "h", &answer, &err) && answer);
	ck_assert(db_unlock(db, "h", &answer, &err) && !answer);
	db_close(other);
	db_close(db);
}
END_TEST

START_TEST(cleans_a_schema)
{
	struct db *db = open_db("jdbc:sqlite::memory:?foreign_keys=on");
	struct error err = ERROR_INIT(&memory);
	struct db_clean_part all = {.step = 0};
	bool empty = false, exists = true;

	run(db, "create table p(a integer primary key)");
	run(db, "create table c(b int references p(a))");
	run(db, "create table s(i integer primary key autoincrement)");
	run(db, "create view v as select 1");
	run(db, "insert into p values(1)");
	run(db, "insert into c values(1)");
	run(db, "insert into s default values");
	ck_assert(db_begin(db, &err));
	ck_assert_msg(db_clean_schema(db, "main", &all, &err), "%s", err.message);
	ck_assert_msg(db_commit(db, &err), "%s", err.message);
	ck_assert(db_schema_empty(db, "main", &empty, &err) && empty);
	ck_assert(db_schema_exists(db, "nope", &exists, &err) && !exists);
	db_close(db);
}
END_TEST

START_TEST(runs_init_sql)
{
	struct settings settings = {
		.url = "jdbc:sqlite::memory:",
		.init_sql = "create temp table t(a);\nselect 1 as one;\nselekt",
		.output_query_results = true,
	};
	struct error err = ERROR_INIT(&memory);
	struct db db;

	ck_assert(db_open(&db, &db_drivers, &memory, &settings, &keeper, &err));
	ck_assert(!db_run_init_sql(&db, &err));
	ck_assert_str_eq(err.message, "Failed to execute script ");
	ck_assert_str_eq(err.sql->path, "");
	ck_assert_uint_eq(err.sql->line, 3);
	ck_assert_ptr_nonnull(strstr(lines.ptr, "| one |\n"));
	ck_assert(str_starts(buf_str(&lines), STR("Database: jdbc:sqlite::memory: (SQLite 3.")));
	db_close(&db);
}
END_TEST

/* %s is the folder of the test. */
static const struct {
	const char *file, *message;
	int code;
} unopened[] = {
	{"nodir/sub/x.db", "path to '%1$s/nodir/sub/x.db': '%1$s/nodir' does not exist", 0},
	{"", "[SQLITE_CANTOPEN] Unable to open the database file (unable to open database file)",
         14},
};

START_TEST(says_why_a_file_cannot_be_opened)
{
	const char *url = file_url(unopened[_i].file);
	const char *message =
		str_replace(&memory, str_of(unopened[_i].message), STR("%1$s"), str_of(folder));
	struct settings settings = {.url = url};
	struct error err = ERROR_INIT(&memory);
	struct db db;

	ck_assert(!db_open(&db, &db_drivers, &memory, &settings, &keeper, &err));
	ck_assert_int_eq(err.code, ERROR_DB_CONNECTION);
	ck_assert_str_eq(err.message,
	                 arena_printf(&memory,
	                              "Unable to obtain connection from database (%s) for "
	                              "user 'null': %s",
	                              url, message));
	ck_assert_str_eq(err.sql->message, message);
	ck_assert_int_eq(err.sql->code, unopened[_i].code);
}
END_TEST

START_TEST(finds_out_late_that_a_file_is_no_database)
{
	const char *path = fs_join(&memory, folder, "text");
	FILE *file = fopen(path, "w");
	struct error err = ERROR_INIT(&memory);
	struct db_description about;

	ck_assert_ptr_nonnull(file);
	fputs("this is no database\n", file);
	fclose(file);
	struct db *db = open_db(file_url("text"));

	ck_assert(!db_describe(db, NULL, "flyway_schema_history", &about, &err));
	ck_assert_str_eq(err.message,
	                 "Unable to check whether table \"main\".\"flyway_schema_history\" exists");
	ck_assert_str_eq(err.sql->message,
	                 "[SQLITE_NOTADB] File opened that is not a database file "
	                 "(file is not a database)");
	ck_assert_int_eq(err.sql->code, 26);
	db_close(db);
}
END_TEST

Suite *sqlite_suite(void)
{
	Suite *suite = suite_create("sqlite");
	TCase *tc = tcase_create("sqlite");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, words_failures_as_the_jdbc_driver, 0, COUNT(failures));
	tcase_add_test(tc, hands_results_over);
	tcase_add_test(tc, keeps_the_history);
	tcase_add_test(tc, needs_the_history_that_it_guards);
	tcase_add_test(tc, guards_lock_and_history);
	tcase_add_test(tc, turns_a_deferred_transaction_into_an_immediate_one);
	tcase_add_test(tc, shares_the_lock_of_a_session);
	tcase_add_test(tc, cleans_a_schema);
	tcase_add_test(tc, runs_init_sql);
	tcase_add_loop_test(tc, says_why_a_file_cannot_be_opened, 0, COUNT(unopened));
	tcase_add_test(tc, finds_out_late_that_a_file_is_no_database);
	suite_add_tcase(suite, tc);
	return suite;
}
