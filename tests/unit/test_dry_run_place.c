/* SPDX-License-Identifier: Apache-2.0 */
/* test_dry_run_place.c - where the file of a dry run may be written */
#include "suites.h"

#include "run_fixture.h"

#include "../../src/main/dry_run_place.h"

#include "cflyway/base/fs.h"

static struct run_fixture fixture;

static void set_up(void)
{
	run_fixture_open(&fixture);
}

static void tear_down(void)
{
	run_fixture_close(&fixture);
}

/* The location is sql/, and callbacks/ that of callbacks. */
static const struct {
	const char *path;
	bool is_allowed;
} places[] = {
	{"sql/V1__dry.sql", false},
	{"./sql/V1__dry.sql", false},
	{"sql/deep/er/V1__dry.sql", false},
	{"sql/R__dry.sql", false},
	{"sql/U1__dry.sql", false},
	{"sql/B1__dry.sql", false},
	{"sql/beforeMigrate.sql", false},
	{"sql/V1__dry.sql.conf", false},
	{"sql/V1__dry.sh", false},
	{"callbacks/afterMigrate.sql", false},
	{"sql/dry.sql", true},
	{"sql/dry.sh", true},
	{"sql/V1__dry.txt", true},
	{"V1__dry.sql", true},
	{"sqlx/V1__dry.sql", true},
	{"sq/V1__dry.sql", true},
	{"other/sql/V1__dry.sql", true},
	{"callback/afterMigrate.sql", true},
};

static bool check(const char *path)
{
	struct locations locations = {.arena = &fixture.arena, .settings = &fixture.settings};
	struct error *err = &fixture.err;

	ck_assert(run_fixture_connect(&fixture, &command_migrate));
	const bool ok = dry_run_check_place(path, &locations, err);

	run_fixture_disconnect(&fixture);
	return ok;
}

START_TEST(is_not_where_the_next_run_would_find_it)
{
	scratch_write("callbacks/x", "");
	run_fixture_set(&fixture, "callbackLocations", "filesystem:callbacks");
	ck_assert_msg(check(places[_i].path) == places[_i].is_allowed, "%s", places[_i].path);
	if (!places[_i].is_allowed)
		ck_assert_msg(strstr(fixture.err.message, "the next run would find it") != NULL,
		              "%s", fixture.err.message);
}
END_TEST

START_TEST(names_the_place)
{
	ck_assert(!check("sql/V1__dry.sql"));
	ck_assert_str_eq(fixture.err.message,
	                 "Unable to write the dry run to sql/V1__dry.sql: the next run would find "
	                 "it among the scripts of filesystem:sql. Choose another folder, or a name "
	                 "that does not end as scripts do. Nothing was changed.");
}
END_TEST

START_TEST(minds_names_that_validation_refuses)
{
	run_fixture_set(&fixture, "validateMigrationNaming", "true");
	ck_assert(!check("sql/dry.sql"));
	ck_assert(check("sql/dry.txt"));
}
END_TEST

START_TEST(minds_the_working_directory)
{
	scratch_write("work/sql/x", "");
	fixture.settings.working_directory = "work";
	struct locations locations = {.arena = &fixture.arena, .settings = &fixture.settings};

	ck_assert(run_fixture_connect(&fixture, &command_migrate));
	fixture.settings.working_directory = "work";
	ck_assert(!dry_run_check_place("work/sql/V1__dry.sql", &locations, &fixture.err));
	error_clear(&fixture.err);
	ck_assert(dry_run_check_place("sql/V1__dry.sql", &locations, &fixture.err));
	run_fixture_disconnect(&fixture);
}
END_TEST

START_TEST(ends_slashes_and_a_class_path)
{
	run_fixture_set(&fixture, "locations", "classpath:sql,filesystem:db//");
	ck_assert(!check("db/V1__dry.sql"));
	error_clear(&fixture.err);
	ck_assert(check("sql/V1__dry.sql"));
}
END_TEST

START_TEST(passes_on_what_is_wrong_with_the_locations)
{
	struct locations locations = {.arena = &fixture.arena, .settings = &fixture.settings};

	ck_assert(run_fixture_connect(&fixture, &command_migrate));
	struct str_list wrong = {0};

	str_list_add(&fixture.arena, &wrong, "nonsense:sql");
	if (_i == 0)
		fixture.settings.locations = wrong;
	else
		fixture.settings.callback_locations = wrong;
	ck_assert(!dry_run_check_place("x/V1__dry.sql", &locations, &fixture.err));
	ck_assert_ptr_nonnull(strstr(fixture.err.message, "nonsense"));
	run_fixture_disconnect(&fixture);
}
END_TEST

Suite *dry_run_place_suite(void)
{
	Suite *suite = suite_create("dry_run_place");
	TCase *tc = tcase_create("place");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, is_not_where_the_next_run_would_find_it, 0, COUNT(places));
	tcase_add_test(tc, names_the_place);
	tcase_add_test(tc, minds_names_that_validation_refuses);
	tcase_add_test(tc, minds_the_working_directory);
	tcase_add_test(tc, ends_slashes_and_a_class_path);
	tcase_add_loop_test(tc, passes_on_what_is_wrong_with_the_locations, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
