/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_dry_run.c - the lines of a dry run's file that only PostgreSQL needs */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/dry_run.h"

#include "cflyway/base/buf.h"

static struct pg_fixture fixture;
static struct db *db;
static const struct db_file_methods *file;
static struct buf out;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	db = &fixture.db;
	file = db->driver->file;
	out = (struct buf)BUF_EMPTY(1 << 20);
}

static void tear_down(void)
{
	buf_release(&out);
	pg_fixture_close(&fixture);
}

static const char *written(void)
{
	return str_dup(&fixture.arena, buf_str(&out));
}

/* --- texts --------------------------------------------------------------------------------- */

static const struct {
	const char *value, *literal;
} literals[] = {
	{"", "''"},           {"plain", "'plain'"}, {"it's", "'it''s'"}, {"a\\b", "E'a\\\\b'"},
	{"\\'", "E'\\\\'''"},
};

START_TEST(writes_literals)
{
	file->write_literal(literals[_i].value, &out);
	ck_assert_str_eq(written(), literals[_i].literal);
}
END_TEST

/* --- the session --------------------------------------------------------------------------- */

static const struct fake_reply settings_read = {
	.sql = "SELECT name,",
	.columns = "name,current_setting",
	.rows = "DateStyle,ISO\nsearch_path,\"a\"",
};

START_TEST(writes_the_settings_of_the_client)
{
	fake_libpq_reply(&fixture.conn, settings_read);
	ck_assert(file->write_settings(db, &out, &fixture.err));
	ck_assert_str_eq(written(),
	                 "SET client_encoding = 'UTF8';\n"
	                 "SET DateStyle = 'ISO';\n"
	                 "SELECT pg_catalog.set_config('search_path', '\"a\"', false);\n");
}
END_TEST

static const struct fake_reply settings_refused = {
	.sql = "SELECT name,",
	.state = "42501",
	.failure = "permission denied",
};

START_TEST(cannot_read_the_settings)
{
	fake_libpq_reply(&fixture.conn, settings_refused);
	ck_assert(!file->write_settings(db, &out, &fixture.err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "42501 ERROR: permission denied");
}
END_TEST

static const struct {
	const char *schema, *line;
} paths[] = {
	{"app", "SELECT pg_catalog.set_config('search_path', '\"app\",public', false);\n"},
	{"it's", "SELECT pg_catalog.set_config('search_path', '\"it''s\",public', false);\n"},
	{"public", ""},
};

START_TEST(writes_the_search_path)
{
	file->write_path(db, paths[_i].schema, &out);
	ck_assert_str_eq(written(), paths[_i].line);
}
END_TEST

static const struct {
	const char *login, *session, *role;
	bool has_session;
	const char *lines;
} roles[] = {
	{"me", "me", "me", false, "SET ROLE 'me';\n"},
	{"me", "me", "other", false, "SET ROLE 'other';\n"},
	{"me", "me", "me", true, "RESET SESSION AUTHORIZATION;\nSET ROLE 'me';\n"},
	{"me", "s", "r", true,
         "RESET SESSION AUTHORIZATION;\nSET SESSION AUTHORIZATION 's';\nSET ROLE 'r';\n"},
	{"me", "s", "r", false, "SET ROLE 'r';\n"},
	{"me", NULL, NULL, true, ""},
};

START_TEST(writes_the_role)
{
	fixture.conn.login = roles[_i].login;
	fixture.pg->origin.session = roles[_i].session;
	fixture.pg->origin.role = roles[_i].role;
	file->write_role(db, roles[_i].has_session, &out);
	ck_assert_str_eq(written(), roles[_i].lines);
}
END_TEST

/* --- the guard ----------------------------------------------------------------------------- */

static const struct {
	const char *quoted;
	bool exists;
	const char *condition;
} guards[] = {
	{"\"a\".\"h\"", true,
         "(SELECT count(*) = 5 AND coalesce(max(\"installed_rank\"), -1) = 6 AND "
         "coalesce(sum(\"checksum\"), 0) = -7 AND count(*) FILTER (WHERE \"success\") = 4 "
         "FROM \"a\".\"h\")"},
	{"\"a\".\"h\"", false, "pg_catalog.to_regclass('\"a\".\"h\"') IS NULL"},
	{"\"it's\".\"h\"", false, "pg_catalog.to_regclass('\"it''s\".\"h\"') IS NULL"},
};

START_TEST(guards_the_history)
{
	const struct db_history_mark mark = {
		.quoted = guards[_i].quoted,
		.exists = guards[_i].exists,
		.rows = 5,
		.last_rank = 6,
		.checksums = -7,
		.successes = 4,
	};
	const char *line = arena_printf(
		&fixture.arena,
		"SELECT CASE WHEN %s THEN '1' ELSE 'cflyway: the schema history has changed since "
		"this dry run' END::int AS guard;\n",
		guards[_i].condition);

	file->write_guard(&mark, &out);
	ck_assert_str_eq(written(), line);
}
END_TEST

/* --- the connection that reads ------------------------------------------------------------- */

START_TEST(cannot_write_in_a_dry_run)
{
	ck_assert(pg_make_read_only(fixture.pg, &fixture.err));
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), "");
	db->dry_run = (struct dry_run *)&fixture; /* any: it is only asked whether there is one */
	ck_assert(pg_make_read_only(fixture.pg, &fixture.err));
	db->dry_run = NULL;
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn),
	                 "simple SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
}
END_TEST

Suite *pg_dry_run_suite(void)
{
	Suite *suite = suite_create("pg_dry_run");
	TCase *tc = tcase_create("lines");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, writes_literals, 0, COUNT(literals));
	tcase_add_test(tc, writes_the_settings_of_the_client);
	tcase_add_test(tc, cannot_read_the_settings);
	tcase_add_loop_test(tc, writes_the_search_path, 0, COUNT(paths));
	tcase_add_loop_test(tc, writes_the_role, 0, COUNT(roles));
	tcase_add_loop_test(tc, guards_the_history, 0, COUNT(guards));
	tcase_add_test(tc, cannot_write_in_a_dry_run);
	suite_add_tcase(suite, tc);
	return suite;
}
