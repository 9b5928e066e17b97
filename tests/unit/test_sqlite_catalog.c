/* SPDX-License-Identifier: Apache-2.0 */
/* test_sqlite_catalog.c - schemas of SQLite, and clean, with a database that refuses */
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

#define NO_SCHEMA "[SQLITE_ERROR] SQL error or missing database (no such table: nope.sqlite_master)"

START_TEST(cannot_ask_about_a_schema_that_is_not_attached)
{
	struct error *err = &sqlite_scratch.err;
	struct db_clean_size size = {.exists = true, .locks = 1, .limit = 1};
	bool answer;

	ck_assert(!db_schema_empty(db, "nope", &answer, err));
	ck_assert_str_eq(err->message, "Unable to check whether schema \"nope\" is empty");
	ck_assert_str_eq(err->sql->message, NO_SCHEMA);
	error_clear(err);
	ck_assert(!db_table_exists(db, "nope", "t", &answer, err));
	ck_assert_str_eq(err->message, "Unable to check whether table \"nope\".\"t\" exists");
	ck_assert_str_eq(err->sql->message, NO_SCHEMA);
	error_clear(err);
	ck_assert(db_measure_schema(db, "nope", &size, err));
	ck_assert(!size.exists && size.locks == 0 && size.limit == 0);
	ck_assert(db_measure_schema(db, "main", &size, err));
	ck_assert(size.exists && size.locks == 0 && size.limit == 0);
}
END_TEST

START_TEST(says_what_sqlite_cannot_do)
{
	struct error *err = &sqlite_scratch.err;

	ck_assert(db_create_schema(db, "s", err));
	ck_assert(db_drop_schema(db, "s", err));
	ck_assert_str_eq(scratch_lines(&sqlite_scratch),
	                 "INFO SQLite does not support creating schemas. Schema not created: s\n"
	                 "INFO SQLite does not support dropping schemas. Schema not dropped: s\n");
}
END_TEST

static const struct {
	const char *sql;
	bool empty;
} contents[] = {
	{"select 1", true},
	{"create view v as select 1", true},
	{"create table android_metadata(x)", true},
	{"create table s(i integer primary key autoincrement); drop table s", true},
	{"create table t(x)", false},
};

START_TEST(takes_a_schema_without_tables_for_empty)
{
	bool empty = !contents[_i].empty;

	sqlite_fixture_run(db, contents[_i].sql);
	ck_assert(db_schema_empty(db, "main", &empty, &sqlite_scratch.err));
	ck_assert_int_eq(empty, contents[_i].empty);
}
END_TEST

START_TEST(finds_tables_and_no_views)
{
	bool exists = false;

	sqlite_fixture_run(db, "create table t(x); create view v as select 1");
	ck_assert(db_table_exists(db, "main", "t", &exists, &sqlite_scratch.err) && exists);
	ck_assert(db_table_exists(db, "main", "v", &exists, &sqlite_scratch.err) && !exists);
}
END_TEST

START_TEST(finds_tables_of_attached_files)
{
	struct db_description about;
	bool exists = false;

	sqlite_fixture_run(db, "attach ':memory:' as other; create table other.t(x)");
	ck_assert(db_table_exists(db, "other", "t", &exists, &sqlite_scratch.err) && exists);
	ck_assert(db_table_exists(db, "main", "t", &exists, &sqlite_scratch.err) && !exists);
	ck_assert(db_describe(db, "other", "t", &about, &sqlite_scratch.err));
	ck_assert(about.default_schema_exists && about.history_exists);
	ck_assert_str_eq(about.current_schema, "main");
	ck_assert_str_eq(about.user, "");
}
END_TEST

START_TEST(knows_why_nothing_can_be_asked)
{
	struct error *err = &sqlite_scratch.err;
	struct db_description about;

	ck_assert(!db_describe(db, "nope", "t", &about, err));
	ck_assert(!about.default_schema_exists && about.schema_unknown && about.schema_missing);
	ck_assert_str_eq(err->message, "Unable to check whether table \"nope\".\"t\" exists");
	error_clear(err);
	scratch_write("text", "this is no database\n");

	struct db *text = sqlite_fixture_open("jdbc:sqlite:text");

	ck_assert(!db_describe(text, NULL, "t", &about, err));
	ck_assert(!about.default_schema_exists && about.schema_unknown && !about.schema_missing);
	db_close(text);
}
END_TEST

/* --- clean, with a database that refuses --------------------------------------------------- */

/* What SQLite must not do. */
struct ban {
	int action;
	const char *name; /* NULL: any */
	int at;           /* the n-th time, from 1 */
};

static int refuse(void *ctx, int action, const char *first, const char *second,
                  const char *database, const char *trigger)
{
	struct ban *ban = ctx;

	(void)second;
	(void)database;
	(void)trigger;
	if (action != ban->action || (ban->name != NULL && strcmp(first, ban->name) != 0))
		return SQLITE_OK;
	return --ban->at == 0 ? SQLITE_DENY : SQLITE_OK;
}

static const struct {
	struct ban ban;
	const char *message; /* NULL: clean succeeds */
	const char *left;
} bans[] = {
	{{-1, NULL, 1}, NULL, "sqlite_sequence,"},
	{{SQLITE_PRAGMA, "defer_foreign_keys", 1},
         "Unable to clean schema \"main\"",
         "t,sqlite_sequence,u\"x,v,w,"},
	{{SQLITE_SELECT, NULL, 1},
         "Unable to clean schema \"main\"",
         "t,sqlite_sequence,u\"x,v,w,"},
	{{SQLITE_DROP_VIEW, "w", 1},
         "Unable to clean schema \"main\"",
         "t,sqlite_sequence,u\"x,w,"},
	{{SQLITE_DROP_TABLE, "t", 1}, "Unable to drop \"main\".\"t\"", "t,sqlite_sequence,u\"x,"},
	{{SQLITE_DROP_TABLE, "u\"x", 1},
         "Unable to drop \"main\".\"u\"\"x\"",
         "sqlite_sequence,u\"x,"},
};

static bool clean(struct error *err)
{
	struct db_clean_part all = {.step = 0};

	return db_clean_schema(db, "main", &all, err);
}

START_TEST(says_what_clean_could_not_do)
{
	struct ban ban = bans[_i].ban;
	struct error *err = &sqlite_scratch.err;

	sqlite_fixture_run(db, "create table t(i integer primary key autoincrement);"
	                       "create table \"u\"\"x\"(x); create view v as select 1;"
	                       "create view w as select 1; insert into t values(1)");
	sqlite3_set_authorizer(sqlite_of(db)->conn, refuse, &ban);
	ck_assert_int_eq(clean(err), bans[_i].message == NULL);
	sqlite3_set_authorizer(sqlite_of(db)->conn, NULL, NULL);
	ck_assert_pstr_eq(err->message, bans[_i].message);
	if (bans[_i].message != NULL)
		ck_assert_int_eq(err->sql->code, SQLITE_AUTH);
	ck_assert_str_eq(sqlite_fixture_value(db, "select coalesce(group_concat(name || ',', ''), "
	                                          "'') from sqlite_master"),
	                 bans[_i].left);
}
END_TEST

/* The n-th query of clean: the views, the tables, whether there are sequences. */
START_TEST(stops_clean_at_each_query)
{
	struct ban ban = {SQLITE_SELECT, NULL, _i};

	sqlite_fixture_run(db, "create table t(x)");
	sqlite3_set_authorizer(sqlite_of(db)->conn, refuse, &ban);
	ck_assert(!clean(&sqlite_scratch.err));
	sqlite3_set_authorizer(sqlite_of(db)->conn, NULL, NULL);
	ck_assert_str_eq(sqlite_scratch.err.message, "Unable to clean schema \"main\"");
	ck_assert_str_eq(sqlite_fixture_value(db, "select count(*) from sqlite_master"),
	                 _i < 3 ? "1" : "0");
}
END_TEST

START_TEST(empties_the_sequences)
{
	struct ban ban = {SQLITE_DELETE, "sqlite_sequence", 2}; /* after that of DROP TABLE */

	sqlite_fixture_run(db, "create table t(i integer primary key autoincrement);"
	                       "insert into t values(7);"
	                       "insert into sqlite_sequence values('gone', 5)");
	ck_assert(clean(&sqlite_scratch.err));
	ck_assert_str_eq(sqlite_fixture_value(db, "select count(*) from sqlite_sequence"), "0");
	sqlite_fixture_run(db, "create table t(i integer primary key autoincrement)");
	sqlite3_set_authorizer(sqlite_of(db)->conn, refuse, &ban);
	ck_assert(!clean(&sqlite_scratch.err));
	sqlite3_set_authorizer(sqlite_of(db)->conn, NULL, NULL);
	ck_assert_str_eq(sqlite_scratch.err.message, "Unable to clean schema \"main\"");
}
END_TEST

Suite *sqlite_catalog_suite(void)
{
	Suite *suite = suite_create("sqlite_catalog");
	TCase *tc = tcase_create("catalog");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, cannot_ask_about_a_schema_that_is_not_attached);
	tcase_add_test(tc, says_what_sqlite_cannot_do);
	tcase_add_loop_test(tc, takes_a_schema_without_tables_for_empty, 0, COUNT(contents));
	tcase_add_test(tc, finds_tables_and_no_views);
	tcase_add_test(tc, finds_tables_of_attached_files);
	tcase_add_test(tc, knows_why_nothing_can_be_asked);
	tcase_add_loop_test(tc, says_what_clean_could_not_do, 0, COUNT(bans));
	tcase_add_loop_test(tc, stops_clean_at_each_query, 1, 4);
	tcase_add_test(tc, empties_the_sequences);
	suite_add_tcase(suite, tc);
	return suite;
}
