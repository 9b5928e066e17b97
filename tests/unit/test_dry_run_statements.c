/* SPDX-License-Identifier: Apache-2.0 */
/* test_dry_run_statements.c - statements in the file of a dry run, and what they would change */
#include "suites.h"

#include "fake_db.h"
#include "scratch.h"

#include "cflyway/base/clock.h"
#include "cflyway/base/fs.h"
#include "cflyway/config/settings.h"
#include "cflyway/db/dry_run.h"
#include "cflyway/sql/client_command.h"

static struct scratch scratch;
static struct fake_db fake;
static struct db_file_methods methods;
static struct settings settings;
static struct dry_run *dry_run;
static struct db db;

static void open_db(struct db *opened)
{
	ck_assert_msg(db_open(opened, dry_run_drivers(dry_run), &scratch.arena, &settings,
	                      &scratch.log, &scratch.err),
	              "%s", scratch.err.message);
}

static void describe(struct db *opened)
{
	struct db_description description;

	ck_assert(db_describe(opened, "public", "h", &description, &scratch.err));
}

static void set_up(void)
{
	scratch_open(&scratch);
	fake_db_init(&fake, &scratch.arena);
	methods = *fake.driver.file;
	fake.driver.file = &methods;
	settings = (struct settings){.url = "jdbc:fake:", .table = "h"};
	dry_run = dry_run_open("dry.sql", &fake.drivers, &clock_system, &scratch.err);
	ck_assert_ptr_nonnull(dry_run);
	open_db(&db);
}

static void set_up_described(void)
{
	set_up();
	describe(&db);
	fake_db_calls(&fake);
}

static void tear_down(void)
{
	db_close(&db);
	dry_run_close(dry_run);
	scratch_close(&scratch);
}

static enum db_status send(const char *sql, unsigned flags)
{
	const struct statement statement = {.text = sql, .len = strlen(sql), .flags = flags};

	return db_send(&db, &statement, &scratch.err);
}

static void run(const char *sql)
{
	ck_assert_msg(send(sql, 0) == DB_OK, "%s: %s", sql, scratch.err.message);
}

/* What follows the head of the file. */
static const char *lines(void)
{
	static const char head_end[] = "no table;\n";
	struct buf text = BUF_EMPTY(1 << 22);

	ck_assert(dry_run_finish(dry_run, &scratch.err));
	ck_assert(fs_read_all("dry.sql", &text, &scratch.err));
	struct str all = buf_str(&text);
	const size_t begin = str_find(all, str_of(head_end)) + strlen(head_end);
	const size_t end = str_find(all, STR("\n-- End of the dry run\n"));
	const char *kept = str_dup(&scratch.arena, str_sub(all, begin, end));

	buf_release(&text);
	return kept;
}

/* --- the text ------------------------------------------------------------------------------ */

static const struct {
	const char *statement, *line;
	bool is_sqlite;
} texts[] = {
	{"select 1", "select 1;\n", false},
	{"select 1 \n\t", "select 1;\n", false},
	{"select 1 -- c", "select 1 -- c\n;\n", false},
	{"select -- c\n1", "select -- c\n1;\n", false},
	{"select 1 /* open", "select 1 /* open;\n", false},
	{"select 1 /* open", "select 1 /* open\n*/\n;\n", true},
	{"select 1 /*/", "select 1 /*/\n*/\n;\n", true},
	{"select /* a */ 1 /* b */", "select /* a */ 1 /* b */;\n", true},
	{"select /* a */ 1 /* b", "select /* a */ 1 /* b\n*/\n;\n", true},
	{"select /**/1", "select /**/1;\n", true},
	{"select '/*'", "select '/*';\n", true},
	{"select \"/*\"", "select \"/*\";\n", true},
	{"select `/*`", "select `/*`;\n", true},
	{"select [/*]", "select [/*];\n", true},
	{"select [a] /*", "select [a] /*\n*/\n;\n", true},
	{"select 'a' /*", "select 'a' /*\n*/\n;\n", true},
	{"-- /*\nselect 1", "-- /*\nselect 1;\n", true},
	{"-- '\nselect 1 /*", "-- '\nselect 1 /*\n*/\n;\n", true},
	/* psql would put a value there */
	{"select a[1:x], ':x', b::int", "select a[1: x], ':x', b::int;\n", false},
	{":a :'b'", ": a : 'b';\n", false},
};

START_TEST(writes_statements)
{
	methods.end_ends_comment = texts[_i].is_sqlite;
	methods.find_variable = texts[_i].is_sqlite ? NULL : client_variable_of_psql;
	run(texts[_i].statement);
	ck_assert_str_eq(lines(), texts[_i].line);
}
END_TEST

static bool takes_backslash(struct str statement)
{
	return str_find_char(statement, '\\') < statement.len;
}

static enum db_status copy(const char *sql)
{
	const struct statement statement = {.text = sql, .len = strlen(sql)};

	return db_copy(&db, &statement, NULL, &scratch.err);
}

/* The database would refuse it, and the program that plays the file would execute it. */
START_TEST(refuses_commands_of_the_program)
{
	methods.has_client_command = takes_backslash;
	methods.client = "player";
	run("select 1");
	ck_assert_int_eq(_i == 0 ? send("\\! ls", 0) : copy("copy t \\! ls"), DB_FAILED);
	ck_assert_str_eq(scratch.err.message, "syntax error: player would take a part of this "
	                                      "statement for a command of its own");
	ck_assert_int_eq((int)db.failed_index, 1);
	ck_assert_str_eq(lines(), "select 1;\n");
}
END_TEST

static struct splitter *rows_of(const char *text, struct text_memory *memory)
{
	const struct split_options options = {.path = "f.sql", .max_statement_size = 1 << 20};
	struct statement statement;
	struct splitter *splitter;

	text_memory_init(memory, str_of(text), 0);
	splitter = split_open(&dialect_postgres, &memory->source, &options);
	ck_assert_int_eq(split_next(splitter, &statement, &scratch.err), SPLIT_STATEMENT);
	ck_assert(statement.flags & STATEMENT_COPY_IN);
	return splitter;
}

static const struct {
	const char *rows, *lines; /* NULL: the end of the rows is missing */
} copies[] = {
	{"\\.\n", "copy t from stdin;\n\\.\n"},
	{"1\n2\n\\.\n", "copy t from stdin;\n1\n2\n\\.\n"},
	{"1\n2\n\\.", "copy t from stdin;\n1\n2\n\\.\n"},
	{"1\n2\n", NULL},
};

START_TEST(writes_rows)
{
	struct text_memory memory;
	struct splitter *rows = rows_of(
		arena_concat(&scratch.arena, "copy t from stdin;\n", copies[_i].rows, ""), &memory);
	const struct statement statement = {.text = "copy t from stdin", .len = 17};

	ck_assert_int_eq(db_copy(&db, &statement, rows, &scratch.err),
	                 copies[_i].lines != NULL ? DB_OK : DB_FAILED);
	split_close(rows);
	if (copies[_i].lines != NULL)
		ck_assert_str_eq(lines(), copies[_i].lines);
}
END_TEST

/* --- what the database decides ------------------------------------------------------------- */

static const struct {
	const char *statement;
	unsigned flags;
	bool is_asked;
} asked[] = {
	{"set client_encoding to x", 0, true},
	{"SET LOCAL DateStyle = x", 0, true},
	{"set session names 'x'", 0, true},
	{"reset client_encoding", 0, true},
	{"set \"client_encoding\" to x", 0, true},
	{"set local \"datestyle\" to x", 0, true},
	{"set names 'x'", 0, true},
	{"set x = 'client_encoding'", 0, false},
	{"select 'set client_encoding'", 0, false},
	{"copy t to stdout", STATEMENT_COPY_OUT, true},
};

START_TEST(asks_whether_a_setting_is_right)
{
	const char *calls;

	ck_assert_int_eq(send(asked[_i].statement, asked[_i].flags), DB_OK);
	calls = fake_db_calls(&fake);
	ck_assert_msg((strstr(calls, "SEND") != NULL) == asked[_i].is_asked, "%s: %s",
	              asked[_i].statement, calls);
	ck_assert_str_eq(lines(), arena_concat(&scratch.arena, asked[_i].statement, ";\n", ""));
}
END_TEST

START_TEST(does_not_write_what_the_database_refuses)
{
	fake_db_add_reaction(&fake, (struct fake_reaction){.statement = "set names",
	                                                   .state = "22023",
	                                                   .failure = "no"});
	ck_assert_int_eq(send("set names 'x'", 0), DB_FAILED);
	ck_assert_str_eq(scratch.err.sql->state, "22023");
	ck_assert_str_eq(lines(), "");
}
END_TEST

/* --- the transaction ----------------------------------------------------------------------- */

/* Statements of a script, and whether a transaction is open after each: "+" or "-". */
static const struct {
	const char *statements, *states;
	bool has_savepoints; /* that begin transactions, as in SQLite */
} transactions[] = {
	{"begin;commit", "+-", false},
	{"start transaction;end", "+-", false},
	{"begin;abort", "+-", false},
	{"begin;rollback", "+-", false},
	{"begin;rollback work", "+-", false},
	{"begin;commit transaction", "+-", false},
	{"begin;commit and chain;rollback", "++-", false},
	{"begin;commit work and chain;rollback transaction and no chain", "++-", false},
	{"begin;rollback to a;rollback work to savepoint a;rollback", "+++-", false},
	{"begin;commit prepared 'x';rollback prepared 'x';commit", "+++-", false},
	{"begin;prepare transaction 'x'", "+-", false},
	{"begin;prepare p as select 1", "++", false},
	{"/* a */ begin -- b\n;/* c */ commit", "+-", false},
	{"commit;rollback", "--", false},
	{"savepoint a;release a", "--", false},
	{"begin;savepoint a;release a;commit", "+++-", false},
	{"savepoint a;release a", "+-", true},
	{"savepoint a;release savepoint /* x */ A", "+-", true},
	{"savepoint a;savepoint b;release b;release a", "+++-", true},
	{"savepoint a;rollback to a;commit", "++-", true},
	{"begin;savepoint a;release a;commit", "+++-", true},
	{"savepoint a;commit;begin;release a", "+-++", true},
};

START_TEST(follows_the_transaction_of_a_script)
{
	struct str rest = str_of(transactions[_i].statements);
	struct buf states = BUF_EMPTY(100);

	fake.driver.has_transactional_lock = !transactions[_i].has_savepoints;
	while (rest.len > 0) {
		const char *sql = str_dup(&scratch.arena, str_cut(&rest, ';'));

		ck_assert_int_eq(send(sql, STATEMENT_TRANSACTION_CONTROL), DB_OK);
		buf_putc(&states, db_tx_status(&db) == TX_IDLE ? '-' : '+');
	}
	const char *found = str_dup(&scratch.arena, buf_str(&states));

	buf_release(&states);
	ck_assert_msg(strcmp(found, transactions[_i].states) == 0, "%s: %s",
	              transactions[_i].statements, found);
}
END_TEST

START_TEST(leaves_nothing_of_what_is_rolled_back)
{
	run("a");
	ck_assert(db_begin(&db, &scratch.err));
	run("b");
	db_rollback(&db);
	db_rollback(&db);
	ck_assert(db_begin(&db, &scratch.err));
	run("c");
	ck_assert(db_commit(&db, &scratch.err));
	ck_assert_str_eq(lines(), "a;\n\nBEGIN;\nc;\nCOMMIT;\n");
}
END_TEST

/* --- schemas ------------------------------------------------------------------------------- */

/* Of a schema "app" that a script may have made or dropped, nobody knows whether it exists. */
static const struct {
	const char *statement;
	bool exists, is_known;
} schemas[] = {
	{"select 1", false, true},
	{"create schema app", false, false},
	{"create schema \"App\"", false, false},
	{"create schema app", true, true},
	{"create schema if not exists x.app", false, false},
	{"create schema apps", false, true},
	{"create schema my_app", false, true},
	{"create schema app_x", false, true},
	{"create table app", false, true},
	{"drop schema app", true, false},
	{"drop schema app", false, true},
	{"drop table app", true, true},
	{"alter schema app rename to x", true, false},
	{"alter schema x rename to app", false, false},
	{"do $$ create schema app $$", false, false},
	{"do $$ drop schema app $$", true, false},
	{"do $$ create table app $$", false, true},
	{"select schema app", false, true},
};

START_TEST(does_not_guess_whether_a_schema_exists)
{
	bool exists = !schemas[_i].exists;

	if (schemas[_i].exists)
		fake_db_add_schema(&fake, "app");
	run(schemas[_i].statement);
	if (schemas[_i].is_known) {
		ck_assert_msg(db_schema_exists(&db, "app", &exists, &scratch.err), "%s",
		              scratch.err.message);
		ck_assert_int_eq(exists, schemas[_i].exists);
		return;
	}
	ck_assert(!db_schema_exists(&db, "app", &exists, &scratch.err));
	ck_assert_str_eq(scratch.err.message,
	                 "A dry run cannot know whether schema app exists: scripts that run before "
	                 "may have created or dropped it");
}
END_TEST

/* Names are looked for in a MiB of statements; what comes then may name anything. */
START_TEST(does_not_guess_after_very_long_statements)
{
	struct buf text = BUF_EMPTY(1 << 22);
	bool exists;

	buf_add(&text, "create schema x");
	buf_repeat(&text, ' ', (1 << 20) - text.len + (_i == 1));
	ck_assert_int_eq(send(buf_str(&text).ptr, 0), DB_OK);
	buf_release(&text);
	ck_assert_int_eq(db_schema_exists(&db, "app", &exists, &scratch.err), _i == 0);
}
END_TEST

START_TEST(knows_the_schemas_of_its_own)
{
	struct db_clean_size size = {0};
	struct db_description description;
	bool exists = false;

	ck_assert(db_create_schema(&db, "app", &scratch.err));
	ck_assert(db_schema_exists(&db, "app", &exists, &scratch.err) && exists);
	ck_assert(db_measure_schema(&db, "app", &size, &scratch.err) && size.exists);
	ck_assert(db_drop_schema(&db, "app", &scratch.err));
	ck_assert(db_schema_exists(&db, "app", &exists, &scratch.err) && !exists);
	ck_assert(db_measure_schema(&db, "app", &size, &scratch.err) && !size.exists);
	ck_assert(db_describe(&db, "app", "h", &description, &scratch.err));
	ck_assert(!description.default_schema_exists);
	ck_assert_str_eq(fake_db_statements(&fake), "");
	ck_assert(!str_list_has(&(struct str_list){fake_db_view(&fake).schemas.items,
	                                           fake_db_view(&fake).schemas.n},
	                        "app"));
}
END_TEST

static const struct {
	const char *statement;
	bool is_known;
} objects[] = {
	{"insert into t", true},
	{"create table t", false},
	{"drop table t", false},
	{"create role r", true},
	{"create temp table t", true},
	{"drop database d", true},
	{"select 1", true},
	{"select 1 into t", false},
	{"with a as (x) select", true},
	{"with a as (x) select into t", false},
	{"vacuum t", true},
	{"alter table t", false},
	{"do $$ x $$", false},
	{"-- nothing", true},
	{"call p()", false},
	{"/* /* */ a */ values (1)", true},
	{"creates", false},
	{"truncate t", true},
};

START_TEST(does_not_guess_whether_a_schema_is_empty)
{
	bool empty;

	run(objects[_i].statement);
	ck_assert_msg(db_schema_empty(&db, "public", &empty, &scratch.err) == objects[_i].is_known,
	              "%s", objects[_i].statement);
	if (objects[_i].is_known)
		ck_assert(empty);
	else
		ck_assert_str_eq(scratch.err.message,
		                 "A dry run cannot know whether schema public is empty: scripts "
		                 "that run before may have created objects in it");
}
END_TEST

START_TEST(does_not_clean_after_scripts)
{
	struct db_clean_part part = {0};

	run("create table t");
	ck_assert(!db_clean_schema(&db, "public", &part, &scratch.err));
	ck_assert_str_eq(scratch.err.message,
	                 "A dry run cannot clean schema public after scripts and commands that "
	                 "create or drop objects: what will be there then is not known yet");
}
END_TEST

/* --- connections --------------------------------------------------------------------------- */

START_TEST(gives_other_connections_a_session_of_their_own)
{
	struct db other;

	open_db(&other);
	describe(&other);
	run(_i == 0 ? "set x = 1" : "insert into t");
	const struct statement statement = {.text = "b", .len = 1};

	ck_assert_int_eq(db_send(&other, &statement, &scratch.err), DB_OK);
	run("c");
	db_close(&other);
	ck_assert_str_eq(lines(), _i == 0 ? "set x = 1;\n\n-- Another connection\nreset;\n"
	                                    "settings;\nrole;\nb;\nc;\n"
	                                  : "insert into t;\nb;\nc;\n");
}
END_TEST

START_TEST(cancels_what_is_read)
{
	db_cancel(&db);
	ck_assert_str_eq(fake_db_calls(&fake), "CANCEL");
}
END_TEST

START_TEST(knows_its_file)
{
	ck_assert(dry_run_writes(dry_run, "dry.sql"));
	ck_assert(dry_run_writes(dry_run, fs_absolute(&scratch.arena, "dry.sql")));
	ck_assert(!dry_run_writes(dry_run, "other.sql"));
}
END_TEST

/* --- initSql ------------------------------------------------------------------------------- */

static struct str_list commands;

/* Keeps what is neither of the history nor of a script. */
static bool keep_command(struct db *real, const char *sql, const char *const *args, size_t n,
                         db_row_fn *row, void *ctx, struct error *err)
{
	(void)real, (void)args, (void)n, (void)row, (void)ctx;
	str_list_add(&scratch.arena, &commands, sql);
	return commands.n != 3 || error_set(err, ERROR_GENERAL, "no");
}

static const struct {
	const char *name, *state, *commands;
	unsigned flags;
	bool ok;
} init_sql[] = {
	{"it succeeds", NULL, "begin reading COMMIT", 0, true},
	{"it fails", "42704", "begin reading ROLLBACK", 0, false},
	{"it ends transactions itself", NULL, "", STATEMENT_TRANSACTION_CONTROL, true},
};

START_TEST(runs_init_sql_where_it_cannot_write)
{
	const bool is_sent = init_sql[_i].flags == 0;

	methods.begin_reading = "begin reading";
	fake.driver.connection.query = keep_command;
	commands = (struct str_list){0};
	if (init_sql[_i].state != NULL)
		fake_db_add_reaction(&fake, (struct fake_reaction){.statement = "set x",
		                                                   .state = init_sql[_i].state,
		                                                   .failure = "no"});
	fake_db_calls(&fake);
	db.failed_index = 7;
	ck_assert_msg((send("set x", init_sql[_i].flags) == DB_OK) == init_sql[_i].ok, "%s",
	              init_sql[_i].name);
	ck_assert_int_eq((int)db.failed_index, 0);
	ck_assert_str_eq(str_list_join(&scratch.arena, &commands, " "), init_sql[_i].commands);
	const char *calls = fake_db_calls(&fake);

	ck_assert_msg((strstr(calls, "SEND set x") != NULL) == is_sent, "%s", calls);
}
END_TEST

/* Without its COMMIT, nobody knows what it has set. */
START_TEST(fails_when_reading_does_not_end)
{
	methods.begin_reading = "begin reading";
	fake.driver.connection.query = keep_command;
	commands = (struct str_list){0};
	ck_assert_int_eq(send("set x", 0), DB_OK);
	ck_assert_int_eq(send("set y", 0), DB_FAILED); /* the third command is refused */
	ck_assert_str_eq(scratch.err.message, "no");
	ck_assert(strstr(fake_db_calls(&fake), "set y") == NULL);
}
END_TEST

Suite *dry_run_statements_suite(void)
{
	Suite *suite = suite_create("dry_run_statements");
	TCase *tc = tcase_create("statements"), *init = tcase_create("init");

	tcase_add_checked_fixture(tc, set_up_described, tear_down);
	tcase_add_loop_test(tc, writes_statements, 0, COUNT(texts));
	tcase_add_loop_test(tc, refuses_commands_of_the_program, 0, 2);
	tcase_add_loop_test(tc, writes_rows, 0, COUNT(copies));
	tcase_add_loop_test(tc, asks_whether_a_setting_is_right, 0, COUNT(asked));
	tcase_add_test(tc, does_not_write_what_the_database_refuses);
	tcase_add_loop_test(tc, follows_the_transaction_of_a_script, 0, COUNT(transactions));
	tcase_add_test(tc, leaves_nothing_of_what_is_rolled_back);
	tcase_add_loop_test(tc, does_not_guess_whether_a_schema_exists, 0, COUNT(schemas));
	tcase_add_loop_test(tc, does_not_guess_after_very_long_statements, 0, 2);
	tcase_add_test(tc, knows_the_schemas_of_its_own);
	tcase_add_loop_test(tc, does_not_guess_whether_a_schema_is_empty, 0, COUNT(objects));
	tcase_add_test(tc, does_not_clean_after_scripts);
	tcase_add_loop_test(tc, gives_other_connections_a_session_of_their_own, 0, 2);
	tcase_add_test(tc, cancels_what_is_read);
	tcase_add_test(tc, knows_its_file);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(init, set_up, tear_down);
	tcase_add_loop_test(init, runs_init_sql_where_it_cannot_write, 0, COUNT(init_sql));
	tcase_add_test(init, fails_when_reading_does_not_end);
	suite_add_tcase(suite, init);
	return suite;
}
