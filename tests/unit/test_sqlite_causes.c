/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite_causes.c - what is said about a statement or a file that SQLite refuses */
#include "suites.h"

#include "sqlite_fixture.h"

#include <sys/stat.h>

static struct db *db;

static void set_up(void)
{
	sqlite_fixture_enter();
}

static void tear_down(void)
{
	sqlite_fixture_leave();
}

static const char *told(void)
{
	const struct str_list *texts =
		scratch_texts(&sqlite_scratch.arena, &sqlite_scratch.err.notes);

	return str_list_join(&sqlite_scratch.arena, texts, "|");
}

#define SETUP                                                                                      \
	"create table persons(id integer primary key, name text unique);"                          \
	"create view v as select name from persons; insert into persons values(1, 'a')"

static const struct {
	const char *sql, *expected;
} failures[] = {
	{"select * from prsons", "there is no table prsons|did you mean \"persons\"?"},
	{"select * from zzzzzzz",
         "there is no table zzzzzzz in a.db|make it in a migration before, or correct the file "
         "in the URL"},
	{"select nme from persons", "there is no column nme|did you mean \"name\"?"},
	{"select p.nme from persons p", "there is no column nme|did you mean \"name\"?"},
	{"insert into persons(nam) values(1)",
         "the table persons has no column nam|did you mean \"name\"?"},
	{"select now()", "SQLite has no now()|write CURRENT_TIMESTAMP"},
	{"Create Schema x", "SQLite has no CREATE SCHEMA|a file is one schema: leave it out"},
	{"create table app.t(i)",
         "SQLite has no schemas: app would be another file, and none was attached under this "
         "name|leave \"app.\" out"},
	{"create table persons(i)",
         "the table persons is there already: by hand, or from a run that was not recorded|"
         "record the script with baseline if all of it was applied; otherwise drop it, or write IF "
         "NOT EXISTS"},
	{"insert into persons values(2, 'a')",
         "two rows have the same value in persons.name, which must be unique|leave the row "
         "out, or write INSERT OR IGNORE if it may be there"},
	{"create virtual table t using nosuch(a)",
         "this SQLite @ was built without the module nosuch|use a build of SQLite that has "
         "it"},
	{"select nosuch(1)",
         "this is SQLite @; Flyway 12.4.0 brings SQLite 3.49.1, which may have functions that this "
         "one lacks|more: \"cflyway explain SQLITE_ERROR\""},
	{"commit",
         "the script ends a transaction that has not begun, or was ended before|take COMMIT "
         "out"},
	{"selekt 1", "more: \"cflyway explain SQLITE_ERROR\""},
};

START_TEST(tells_the_cause_and_what_to_do)
{
	const char *expected = str_replace(&sqlite_scratch.arena, str_of(failures[_i].expected),
	                                   STR("@"), str_of(sqlite3_libversion()));

	db = sqlite_fixture_open("jdbc:sqlite:a.db");
	sqlite_fixture_run(db, SETUP);
	ck_assert_int_eq(sqlite_fixture_send(db, failures[_i].sql, &sqlite_scratch.err), DB_FAILED);
	db_explain(db, &sqlite_scratch.err);
	ck_assert_str_eq(told(), expected);
	db_close(db);
}
END_TEST

START_TEST(looks_at_the_statement_of_a_batch)
{
	struct sql_failure failure = {.message = "batch entry 3: [SQLITE_ERROR] x (y)"};

	db = sqlite_fixture_open("jdbc:sqlite:a.db");
	error_set_sql(&sqlite_scratch.err, ERROR_DB_CONNECTION, &failure, "failed");
	sqlite_scratch.err.cause =
		"[SQLITE_CONSTRAINT_NOTNULL] A NOT NULL … (NOT NULL constraint failed: t.a)";
	db_explain(db, &sqlite_scratch.err);
	ck_assert_str_eq(told(), "a row has no value for t.a|give it a value, or the column a "
	                         "DEFAULT");
	db_close(db);
}
END_TEST

/* --- files --------------------------------------------------------------------------------- */

static const char *open_failing(const char *url)
{
	struct settings settings = {.url = url};
	struct db other = {.arena = &sqlite_scratch.arena, .settings = &settings, .url = url};

	ck_assert(!sqlite_open(&other, &sqlite_scratch.err));
	return scratch_shorten(&sqlite_scratch, told());
}

START_TEST(names_a_missing_folder)
{
	ck_assert_str_eq(
		open_failing("jdbc:sqlite:no/such/a.db"),
		"the folder of the database is missing; a relative path begins in the "
		"working directory, @|next: mkdir -p @/no/such, or correct the path in the "
		"URL");
}
END_TEST

START_TEST(tells_a_folder_from_a_file)
{
	ck_assert_int_eq(mkdir("d", 0755), 0);
	ck_assert_str_eq(open_failing("jdbc:sqlite:d"),
	                 "d is a folder|next: name a file in it in the URL");
}
END_TEST

START_TEST(knows_what_is_no_database)
{
	scratch_write("a.db",
	              "this is a text, and longer than the header of a database file, which "
	              "has a hundred bytes, so that SQLite reads it\n");
	db = sqlite_fixture_open("jdbc:sqlite:a.db");
	ck_assert_int_eq(sqlite_fixture_send(db, "select * from t", &sqlite_scratch.err),
	                 DB_FAILED);
	db_explain(db, &sqlite_scratch.err);
	ck_assert_str_eq(told(),
	                 "a.db is no SQLite database, or it is encrypted|next: file a.db tells "
	                 "what it is; correct the path in the URL");
	db_close(db);
}
END_TEST

Suite *sqlite_causes_suite(void)
{
	Suite *suite = suite_create("sqlite_causes");
	TCase *tc = tcase_create("causes");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, tells_the_cause_and_what_to_do, 0, COUNT(failures));
	tcase_add_test(tc, looks_at_the_statement_of_a_batch);
	tcase_add_test(tc, names_a_missing_folder);
	tcase_add_test(tc, tells_a_folder_from_a_file);
	tcase_add_test(tc, knows_what_is_no_database);
	suite_add_tcase(suite, tc);
	return suite;
}
