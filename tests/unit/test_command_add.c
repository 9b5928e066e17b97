/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_add.c - add and new make the files of new migrations */
#include "suites.h"

#include "scenario.h"

#include <sys/stat.h>
#include <unistd.h>

static struct scenarios add, new;

START_TEST(does_what_is_recorded)
{
	scenario_check(&add, (size_t)_i, &command_add);
}
END_TEST

START_TEST(new_does_what_is_recorded)
{
	scenario_check(&new, (size_t)_i, &command_new);
}
END_TEST

static struct run_fixture fixture;

static void open_fixture(void)
{
	run_fixture_open(&fixture);
	run_fixture_set(&fixture, "add.description", "b");
}

static void close_fixture(void)
{
	run_fixture_close(&fixture);
}

static off_t size_of(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 ? about.st_size : -1;
}

START_TEST(creates_an_empty_file)
{
	run_fixture_write(&fixture, "V1__a.sql", "create table a;");
	ck_assert(run_fixture_run(&fixture, &command_add));
	ck_assert_int_eq(size_of("sql/V2__b.sql"), 0);
}
END_TEST

START_TEST(creates_the_folder)
{
	run_fixture_set(&fixture, "locations", "filesystem:db/new");
	ck_assert(run_fixture_run(&fixture, &command_add));
	ck_assert_int_eq(size_of("db/new/V001__b.sql"), 0);
}
END_TEST

START_TEST(creates_it_below_the_working_directory)
{
	scratch_write("work/db/x", "");
	run_fixture_set(&fixture, "workingDirectory", "work");
	run_fixture_set(&fixture, "add.location", "db");
	ck_assert(run_fixture_run(&fixture, &command_add));
	ck_assert_int_eq(size_of("work/db/V001__b.sql"), 0);
	ck_assert_int_eq(size_of("db"), -1);
}
END_TEST

START_TEST(says_that_a_folder_cannot_be_made)
{
	scratch_write("db", "a file");
	run_fixture_set(&fixture, "locations", "filesystem:db/new");
	ck_assert(!run_fixture_run(&fixture, &command_add));
	ck_assert_ptr_nonnull(strstr(fixture.err.message, "db"));
}
END_TEST

START_TEST(creates_nothing_for_the_name)
{
	run_fixture_set(&fixture, "add.nameOnly", "true");
	run_fixture_set(&fixture, "locations", "filesystem:db/new");
	ck_assert(run_fixture_run(&fixture, &command_add));
	ck_assert_str_eq(fixture.result.add.path, "db/new/V001__b.sql");
	ck_assert_int_eq(size_of("db"), -1);
}
END_TEST

START_TEST(never_overwrites)
{
	run_fixture_write(&fixture, "R__b.sql", "select 1;");
	run_fixture_set(&fixture, "add.type", "repeatable");
	ck_assert(!run_fixture_run(&fixture, &command_add));
	ck_assert_str_eq(fixture.err.message, "File sql/R__b.sql exists already");
	ck_assert_int_eq(size_of("sql/R__b.sql"), 9);
}
END_TEST

START_TEST(overwrites_when_forced)
{
	run_fixture_write(&fixture, "R__b.sql", "select 1;");
	run_fixture_set(&fixture, "add.type", "repeatable");
	run_fixture_set(&fixture, "add.force", "true");
	ck_assert(run_fixture_run(&fixture, &command_add));
	ck_assert_int_eq(size_of("sql/R__b.sql"), 0);
}
END_TEST

START_TEST(does_not_follow_a_link_to_nothing)
{
	run_fixture_set(&fixture, "add.version", "1");
	ck_assert_int_eq(symlink("../elsewhere.sql", "sql/V1__b.sql"), 0);
	ck_assert(!run_fixture_run(&fixture, &command_add));
	ck_assert_int_eq(size_of("elsewhere.sql"), -1);
}
END_TEST

Suite *command_add_suite(void)
{
	Suite *suite = suite_create("command_add");
	TCase *tc = tcase_create("scenarios"), *files = tcase_create("files");

	scenarios_load(&add, "add");
	scenarios_load(&new, "new");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)add.n);
	tcase_add_loop_test(tc, new_does_what_is_recorded, 0, (int)new.n);
	tcase_add_checked_fixture(files, open_fixture, close_fixture);
	tcase_add_test(files, creates_an_empty_file);
	tcase_add_test(files, creates_the_folder);
	tcase_add_test(files, creates_it_below_the_working_directory);
	tcase_add_test(files, says_that_a_folder_cannot_be_made);
	tcase_add_test(files, creates_nothing_for_the_name);
	tcase_add_test(files, never_overwrites);
	tcase_add_test(files, overwrites_when_forced);
	tcase_add_test(files, does_not_follow_a_link_to_nothing);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, files);
	return suite;
}
