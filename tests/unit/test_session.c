/* SPDX-License-Identifier: Apache-2.0 */
/* test_session.c - what is known after connecting: schemas, placeholders, files */
#include "suites.h"

#include "run_fixture.h"

#include "cflyway/core/callbacks.h"

static struct run_fixture fixture;

static void setup(void)
{
	run_fixture_open(&fixture);
}

static void teardown(void)
{
	run_fixture_close(&fixture);
}

/* "key=value;key=value" */
static void set_options(const char *options)
{
	struct str rest = str_of(options);

	while (rest.len > 0) {
		struct str value = str_cut(&rest, ';');
		struct str key = str_cut(&value, '=');

		run_fixture_set(&fixture, str_dup(&fixture.scratch.arena, key),
		                str_dup(&fixture.scratch.arena, value));
	}
}

static const struct session *open_session(void)
{
	ck_assert_msg(run_fixture_connect(&fixture, &command_info), "%s", fixture.err.message);
	return fixture.run.session;
}

/* --- schemas ------------------------------------------------------------------------------- */

static const struct {
	const char *options, *default_schema, *schemas, *history;
} schemas[] = {
	{"", "public", "public", "\"public\".\"flyway_schema_history\""},
	{"schemas=two,one", "two", "two,one", "\"two\".\"flyway_schema_history\""},
	{"schemas=two,one;defaultSchema=one", "one", "two,one",
         "\"one\".\"flyway_schema_history\""},
	{"schemas=two,one;defaultSchema=d", "d", "d,two,one", "\"d\".\"flyway_schema_history\""},
	{"defaultSchema=d;table=h", "d", "d", "\"d\".\"h\""},
	{"defaultSchema=a\"b;table=h\"", "a\"b", "a\"b", "\"a\"\"b\".\"h\"\"\""},
};

START_TEST(chooses_the_schemas)
{
	set_options(schemas[_i].options);
	const struct session *session = open_session();
	ck_assert_str_eq(session->default_schema, schemas[_i].default_schema);
	ck_assert_str_eq(session->quoted_schema,
	                 db_quote_identifier(&fixture.arena, schemas[_i].default_schema));
	ck_assert_str_eq(str_list_join(&fixture.arena, &session->schemas, ","),
	                 schemas[_i].schemas);
	ck_assert_str_eq(session->history.quoted, schemas[_i].history);
	run_fixture_disconnect(&fixture);
}
END_TEST

START_TEST(needs_a_schema)
{
	fixture.fake.current_schema = NULL;
	ck_assert(!run_fixture_connect(&fixture, &command_info));
	ck_assert_str_eq(fixture.err.message,
	                 "Unable to determine current schema as search_path is empty. Set the "
	                 "current schema in currentSchema parameter of the JDBC URL or in "
	                 "Flyway's schemas property.");
	run_fixture_disconnect(&fixture);
}
END_TEST

START_TEST(needs_no_current_schema_if_one_is_configured)
{
	fixture.fake.current_schema = NULL;
	set_options("schemas=public");
	ck_assert_str_eq(open_session()->default_schema, "public");
	run_fixture_disconnect(&fixture);
}
END_TEST

/* --- who, and which placeholders ----------------------------------------------------------- */

static const struct {
	const char *options, *installed_by;
} users[] = {
	{"", "me"},
	{"installedBy=you", "you"},
};

START_TEST(knows_who_installs)
{
	set_options(users[_i].options);
	ck_assert_str_eq(open_session()->installed_by, users[_i].installed_by);
	run_fixture_disconnect(&fixture);
}
END_TEST

/* "name=value" for each, with the affixes in front. */
static const char *show(const struct placeholders *placeholders)
{
	struct str_list lines = {0};

	str_list_add(&fixture.arena, &lines,
	             arena_printf(&fixture.arena, "%s x %s %s", placeholders->prefix,
	                          placeholders->suffix, placeholders->separator));
	for (size_t i = 0; i < placeholders->n; i++)
		str_list_add(&fixture.arena, &lines,
		             arena_printf(&fixture.arena, "%s=%s", placeholders->items[i].name,
		                          placeholders->items[i].value != NULL
		                                  ? placeholders->items[i].value
		                                  : "(none)"));
	return scratch_shorten(&fixture.scratch, str_list_join(&fixture.arena, &lines, "\n"));
}

static const struct {
	const char *options, *shown, *program;
} names[] = {
	{"",
         "${ x } :\nflyway:defaultSchema=public\nflyway:user=me\nflyway:database=fake\n"
         "flyway:timestamp=2026-01-02 03:04:05\nflyway:workingDirectory=@\n"
         "flyway:table=flyway_schema_history\nflyway:environment=default",
         "FP__ x __ _"},
	{"placeholders.who=World;placeholderPrefix=<;placeholderSuffix=>;placeholderSeparator=.;"
         "scriptPlaceholderPrefix=P_;scriptPlaceholderSuffix=_Q;environment=prod;"
         "defaultSchema=d;table=t;workingDirectory=/w",
         "< x > .\nwho=World\nflyway.defaultSchema=d\nflyway.user=me\nflyway.database=fake\n"
         "flyway.timestamp=2026-01-02 03:04:05\nflyway.workingDirectory=/w\nflyway.table=t\n"
         "flyway.environment=prod",
         "P_ x _Q _"},
};

START_TEST(makes_the_placeholders)
{
	set_options(names[_i].options);
	const struct session *session = open_session();
	const char *program = show(&session->program_placeholders);
	ck_assert_str_eq(show(&session->placeholders), names[_i].shown);
	ck_assert_msg(str_starts(str_of(program), str_of(names[_i].program)), "%s", program);
	ck_assert_uint_eq(session->program_placeholders.n, session->placeholders.n);
	run_fixture_disconnect(&fixture);
}
END_TEST

/* --- files --------------------------------------------------------------------------------- */

static const struct {
	const char *options, *lines, *message;
} scans[] = {
	{"encoding=nope", "", "java.nio.charset.UnsupportedCharsetException: nope"},
	{"locations=nope:sql", "",
         "Unknown prefix for location (should be one of classpath:, filesystem:): nope:sql"},
	{"callbackLocations=nope:sql", "",
         "Unknown prefix for location (should be one of classpath:, filesystem:): nope:sql"},
	{"locations=filesystem:nope;failOnMissingLocations=true", "",
         "Failed to find filesystem location: nope (not found)"},
	{"locations=filesystem:sql,filesystem:sql/sub",
         "WARN Discarding location 'filesystem:sql/sub' as it is a sub-location of "
         "'filesystem:sql'\n",
         NULL},
	{"callbackLocations=filesystem:sql,filesystem:sql",
         "WARN Discarding duplicate location 'filesystem:sql'\n"
         "WARN Discarding duplicate location 'filesystem:sql'\n",
         NULL},
	{"validateMigrationNaming=true", "", NULL},
};

START_TEST(scans_the_locations)
{
	set_options(scans[_i].options);
	bool ok = run_fixture_connect(&fixture, &command_info);
	ck_assert_msg(ok == (scans[_i].message == NULL), "%s", scans[_i].options);
	if (!ok)
		ck_assert_str_eq(fixture.err.message, scans[_i].message);
	ck_assert_str_eq(scratch_lines(&fixture.scratch),
	                 arena_printf(&fixture.arena, "INFO Database: jdbc:fake: (Fake 1.0)\n%s",
	                              scans[_i].lines));
	run_fixture_disconnect(&fixture);
}
END_TEST

static const struct {
	const char *options;
	size_t n;
} found[] = {
	{"", 3},
	{"skipDefaultResolvers=true", 1},
	{"skipDefaultCallbacks=true", 2},
	{"sqlMigrationPrefix=W", 2},
	{"repeatableSqlMigrationPrefix=X", 2},
	{"sqlMigrationSuffixes=.ddl", 0},
	{"sqlMigrationSeparator=--", 1},
	{"callbackLocations=filesystem:other", 3},
	{"callbackLocations=filesystem:none", 2},
	{"workingDirectory=below", 1},
};

START_TEST(finds_files_by_the_settings)
{
	run_fixture_write(&fixture, "V1__a.sql", "select 1;");
	run_fixture_write(&fixture, "R__v.sql", "select 1;");
	run_fixture_write(&fixture, "beforeInfo.sql", "select 1;");
	scratch_write("other/beforeInfo.sql", "select 1;");
	scratch_write("below/sql/V1__a.sql", "select 1;");
	set_options(found[_i].options);
	ck_assert_msg(open_session()->files.n == found[_i].n, "%s: %zu", found[_i].options,
	              fixture.run.session->files.n);
	run_fixture_disconnect(&fixture);
}
END_TEST

START_TEST(knows_no_files_in_the_default_location)
{
	run_fixture_write(&fixture, "V1__a.sql", "select 1;");
	fixture.has_default_locations = true;
	ck_assert_uint_eq(open_session()->files.n, 0);
	run_fixture_disconnect(&fixture);
}
END_TEST

/* --- later --------------------------------------------------------------------------------- */

START_TEST(asks_again_what_callbacks_may_have_changed)
{
	const struct session *before;

	fake_db_drop_schema(&fixture.fake, "public");
	before = open_session();
	ck_assert(!before->about.default_schema_exists && !before->about.history_exists);
	fake_db_add_schema(&fixture.fake, "public");
	run_fixture_add_table(&fixture);
	fixture.fake.calls.n = 0;
	ck_assert(session_refresh(&fixture.run, &fixture.err));
	ck_assert(fixture.run.session != before);
	ck_assert(fixture.run.session->about.default_schema_exists);
	ck_assert(fixture.run.session->about.history_exists);
	ck_assert(!before->about.history_exists);
	ck_assert_str_eq(fixture.run.session->default_schema, "public");
	run_fixture_expect_calls(&fixture, "refresh", "SCHEMA public\nTABLE flyway_schema_history");
	run_fixture_disconnect(&fixture);
}
END_TEST

static const char *const questions[] = {"SCHEMA", "TABLE"};

START_TEST(cannot_ask_again)
{
	open_session();
	fake_db_add_fault(&fixture.fake, FAKE_FAILS, questions[_i], 1);
	ck_assert(!session_refresh(&fixture.run, &fixture.err));
	ck_assert(fixture.err.is_set);
	run_fixture_disconnect(&fixture);
}
END_TEST

START_TEST(reads_the_history)
{
	struct applied applied;

	run_fixture_add_table(&fixture);
	fake_db_add_row(&fixture.fake, "1", "a", "V1__a.sql", "17");
	open_session();
	scratch_lines(&fixture.scratch);
	ck_assert(applied_read(&fixture.run, true, &applied, &fixture.err));
	ck_assert(applied.exists);
	ck_assert_uint_eq(applied.rows.n, 1);
	ck_assert_str_eq(scratch_lines(&fixture.scratch), "");
	ck_assert(applied_read(&fixture.run, false, &applied, &fixture.err));
	ck_assert(!applied.exists);
	ck_assert_uint_eq(applied.rows.n, 0);
	ck_assert_str_eq(scratch_lines(&fixture.scratch),
	                 "INFO Schema history table \"public\".\"flyway_schema_history\" does not "
	                 "exist yet\n");
	run_fixture_disconnect(&fixture);
}
END_TEST

/* --- what cannot be asked ------------------------------------------------------------------ */

START_TEST(tolerates_an_unknown_schema)
{
	struct applied applied;
	bool exists = false;

	fixture.fake.unknown_tries = 1;
	run_fixture_add_table(&fixture);
	ck_assert(run_fixture_connect(&fixture, &command_validate));
	ck_assert(fixture.run.session->about.schema_unknown);
	ck_assert(!fixture.err.is_set);
	ck_assert(session_find_history(&fixture.run, &exists, &fixture.err));
	ck_assert(exists);
	ck_assert(applied_read(&fixture.run, false, &applied, &fixture.err));
	ck_assert(applied.exists);
	ck_assert(session_refresh(&fixture.run, &fixture.err));
	ck_assert(!fixture.run.session->about.schema_unknown);
	run_fixture_disconnect(&fixture);
}
END_TEST

START_TEST(fails_where_the_history_of_an_unknown_schema_is_needed)
{
	struct applied applied;

	fixture.fake.unknown_tries = 1;
	open_session();
	fake_db_add_fault(&fixture.fake, FAKE_FAILS, "TABLE", 1);
	ck_assert(!applied_read(&fixture.run, false, &applied, &fixture.err));
	ck_assert(fixture.err.is_set);
	run_fixture_disconnect(&fixture);
}
END_TEST

/* The session then is the one before the callback. */
START_TEST(an_unknown_schema_does_not_fail_callbacks)
{
	fixture.fake.unknown_tries = 1;
	run_fixture_write(&fixture, "beforeInfo.sql", "select 1;\n");
	ck_assert(run_fixture_connect(&fixture, &command_info));
	fake_db_add_fault(&fixture.fake, FAKE_FAILS, "TABLE", 1);
	ck_assert(callbacks_run(&fixture.run, EVENT_BEFORE_INFO, &fixture.err));
	ck_assert(!fixture.err.is_set);
	ck_assert(fixture.run.session->about.schema_unknown);
	run_fixture_disconnect(&fixture);
}
END_TEST

START_TEST(does_not_tolerate_another_failure)
{
	fake_db_add_fault(&fixture.fake, FAKE_FAILS, "DESCRIBE", 1);
	ck_assert(!run_fixture_connect(&fixture, &command_validate));
	ck_assert(fixture.err.is_set);
	run_fixture_disconnect(&fixture);
}
END_TEST

Suite *session_suite(void)
{
	Suite *suite = suite_create("session");
	TCase *tc = tcase_create("session");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, chooses_the_schemas, 0, COUNT(schemas));
	tcase_add_test(tc, needs_a_schema);
	tcase_add_test(tc, needs_no_current_schema_if_one_is_configured);
	tcase_add_loop_test(tc, knows_who_installs, 0, COUNT(users));
	tcase_add_loop_test(tc, makes_the_placeholders, 0, COUNT(names));
	tcase_add_loop_test(tc, scans_the_locations, 0, COUNT(scans));
	tcase_add_loop_test(tc, finds_files_by_the_settings, 0, COUNT(found));
	tcase_add_test(tc, knows_no_files_in_the_default_location);
	tcase_add_test(tc, asks_again_what_callbacks_may_have_changed);
	tcase_add_loop_test(tc, cannot_ask_again, 0, COUNT(questions));
	tcase_add_test(tc, reads_the_history);
	tcase_add_test(tc, tolerates_an_unknown_schema);
	tcase_add_test(tc, fails_where_the_history_of_an_unknown_schema_is_needed);
	tcase_add_test(tc, an_unknown_schema_does_not_fail_callbacks);
	tcase_add_test(tc, does_not_tolerate_another_failure);
	suite_add_tcase(suite, tc);
	return suite;
}
