/* SPDX-License-Identifier: Apache-2.0 */
/* test_dry_run.c - a dry run writes into a file what the command would do, and does nothing */
#include "suites.h"

#include "capture.h"
#include "scenario.h"

#include "cflyway/base/fs.h"
#include "cflyway/db/dry_run.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scenarios scenarios;

/* The name of a scenario begins with that of its command. */
static const struct command *command_of(const struct scenario *scenario)
{
	struct str name = str_of(scenario->name);
	struct str word = str_cut(&name, ':');

	for (size_t i = 0; i < command_count; i++)
		if (str_eq(word, str_of(commands[i]->name)))
			return commands[i];
	ck_abort_msg("which command is \"%s\"?", scenario->name);
}

START_TEST(writes_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, command_of(&scenarios.items[_i]));
}
END_TEST

/* --- every call may fail ------------------------------------------------------------------- */

static const char *const broken[] = {
	"migrate: from nothing",
	"migrate: callbacks",
	"undo: the last migration",
	"clean: schemas that were made here",
};

static size_t count_files(const char *path)
{
	DIR *directory = opendir(path);
	size_t n = 0;

	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		n += entry->d_name[0] != '.';
	closedir(directory);
	return n;
}

/* The file of the run without a fault is replaced, or it stays: there is no other one. */
static void check_nothing_done(struct run_fixture *fixture, const char *what)
{
	struct buf text = BUF_EMPTY(1 << 20);

	ck_assert(fs_read_all("dry.sql", &text, &fixture->err));
	ck_assert_msg(str_ends(buf_str(&text), STR("-- End of the dry run\n")), "%s", what);
	buf_release(&text);
	ck_assert_msg(count_files(".") == 2, "%s: files are left behind", what); /* and sql/ */
	ck_assert_str_eq(fake_db_statements(&fixture->fake), "");
}

START_TEST(does_nothing_whatever_call_fails)
{
	const struct scenario *scenario = scenario_find(&scenarios, broken[_i]);

	scenario_break(scenario, command_of(scenario), check_nothing_done);
}
END_TEST

/* --- the file ------------------------------------------------------------------------------ */

static struct scratch scratch;
static struct fake_db fake;

static void set_up(void)
{
	scratch_open(&scratch);
	fake_db_init(&fake, &scratch.arena);
}

static void tear_down(void)
{
	scratch_close(&scratch);
}

static struct dry_run *open_run(const char *path)
{
	return dry_run_open(path, &fake.drivers, &clock_system, &scratch.err);
}

static const char *read_file(const char *path)
{
	struct buf text = BUF_EMPTY(1 << 20);

	ck_assert(fs_read_all(path, &text, &scratch.err));

	const char *copy = str_dup(&scratch.arena, buf_str(&text));

	buf_release(&text);
	return copy;
}

START_TEST(appears_when_it_is_complete)
{
	struct dry_run *dry_run = open_run("a/b/dry.sql");

	ck_assert_ptr_nonnull(dry_run);
	ck_assert_int_ne(access("a/b/dry.sql", F_OK), 0);
	ck_assert(dry_run_finish(dry_run, &scratch.err));
	dry_run_close(dry_run);
	ck_assert_str_eq(read_file("a/b/dry.sql"), "\n-- End of the dry run\n");
	ck_assert_uint_eq(count_files("a/b"), 1);
}
END_TEST

/* Only a dry run is replaced. */
#define OLD "-- Flyway Dry Run (old)\n"

START_TEST(leaves_the_old_file_when_it_is_given_up)
{
	struct dry_run *dry_run;

	scratch_write("d/dry.sql", OLD);
	dry_run = open_run("d/dry.sql");
	ck_assert_ptr_nonnull(dry_run);
	dry_run_close(dry_run);
	ck_assert_str_eq(read_file("d/dry.sql"), OLD);
	ck_assert_uint_eq(count_files("d"), 1);
}
END_TEST

START_TEST(replaces_the_file_that_a_link_names)
{
	struct dry_run *dry_run;
	struct stat about;

	scratch_write("d/target.sql", OLD);
	ck_assert_int_eq(chmod("d/target.sql", 0640), 0);
	ck_assert_int_eq(symlink("target.sql", "d/dry.sql"), 0);
	dry_run = open_run("d/dry.sql");
	ck_assert_ptr_nonnull(dry_run);
	ck_assert(dry_run_finish(dry_run, &scratch.err));
	dry_run_close(dry_run);
	ck_assert_int_eq(lstat("d/dry.sql", &about), 0);
	ck_assert(S_ISLNK(about.st_mode));
	ck_assert_str_eq(read_file("d/target.sql"), "\n-- End of the dry run\n");
	ck_assert_int_eq(stat("d/target.sql", &about), 0);
	ck_assert_int_eq(about.st_mode & 0777, 0640);
}
END_TEST

START_TEST(cannot_be_a_directory)
{
	scratch_write("d/x", "");
	ck_assert_ptr_null(open_run("d"));
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to write the dry run to d: Is a directory");
}
END_TEST

START_TEST(needs_a_place)
{
	scratch_write("file", "");
	ck_assert_ptr_null(open_run("file/dry.sql"));
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to write the dry run to file/dry.sql: Not a directory");
}
END_TEST

/* Nothing of it is printed before it is complete. */
START_TEST(goes_to_standard_output)
{
	struct dry_run *dry_run = open_run("-");

	ck_assert_ptr_nonnull(dry_run);
	struct capture capture = capture_begin(stdout);
	const bool ok = dry_run_finish(dry_run, &scratch.err);
	const char *text = capture_end(&capture, &scratch.arena);

	ck_assert(!dry_run_writes(dry_run, "-"));
	dry_run_close(dry_run);
	ck_assert(ok);
	ck_assert_str_eq(text, "\n-- End of the dry run\n");
	ck_assert_uint_eq(count_files("."), 0);
}
END_TEST

static const struct {
	const char *before;
	bool is_replaced;
} before[] = {
	{"", true},
	{OLD, true},
	{"-- ====\n" OLD "create table a;\n", true},
	{"create table a;\n", false},
	{"-- Flyway Dry", false},
};

START_TEST(replaces_nothing_but_a_dry_run)
{
	struct dry_run *dry_run;

	scratch_write("dry.sql", before[_i].before);
	dry_run = open_run("dry.sql");
	ck_assert_int_eq(dry_run != NULL, before[_i].is_replaced);
	dry_run_close(dry_run);
	if (!before[_i].is_replaced)
		ck_assert_str_eq(scratch_error(&scratch),
		                 "Unable to write the dry run to dry.sql: there is a file of this "
		                 "name that is no dry run. Choose another name, or remove the "
		                 "file.");
	ck_assert_str_eq(read_file("dry.sql"), before[_i].before);
	ck_assert_uint_eq(count_files("."), 1);
}
END_TEST

START_TEST(does_not_replace_a_file_that_is_not_to_be_written)
{
	struct dry_run *dry_run;

	scratch_write("d/dry.sql", OLD);
	ck_assert_int_eq(chmod("d", 0777), 0);
	ck_assert_int_eq(chmod("d/dry.sql", _i == 0 ? 0444 : 0), 0);
	if (!scratch_drop_root(&scratch))
		return;
	dry_run = open_run("d/dry.sql");
	scratch_regain_root();
	ck_assert_ptr_null(dry_run);
	ck_assert_msg(strstr(scratch_error(&scratch), "d/dry.sql") != NULL, "%s",
	              scratch_error(&scratch));
	ck_assert_msg(strstr(scratch_error(&scratch), "Permission denied") != NULL, "%s",
	              scratch_error(&scratch));
}
END_TEST

START_TEST(needs_a_folder_that_can_be_written)
{
	struct dry_run *dry_run;

	scratch_write("d/x", "");
	ck_assert_int_eq(chmod("d", 0555), 0);
	if (!scratch_drop_root(&scratch))
		return;
	dry_run = open_run("d/dry.sql");
	scratch_regain_root();
	ck_assert_int_eq(chmod("d", 0777), 0);
	ck_assert_ptr_null(dry_run);
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to write the dry run to d/dry.sql: Permission denied");
}
END_TEST

/* The folder is gone when the file is complete. */
START_TEST(says_that_its_place_is_gone)
{
	struct dry_run *dry_run;

	scratch_write("d/x", "");
	if (_i == 1)
		ck_assert_int_eq(mkfifo("d/dry.sql", 0600), 0);
	dry_run = open_run("d/dry.sql");
	ck_assert_ptr_nonnull(dry_run);
	ck_assert_int_eq(rename("d", "e"), 0);
	ck_assert(!dry_run_finish(dry_run, &scratch.err));
	dry_run_close(dry_run);
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to write the dry run to d/dry.sql: No such file or directory");
}
END_TEST

START_TEST(says_that_a_device_is_full)
{
	struct dry_run *dry_run = open_run("/dev/full");

	ck_assert_ptr_nonnull(dry_run);
	ck_assert(!dry_run_finish(dry_run, &scratch.err));
	dry_run_close(dry_run);
	ck_assert_str_eq(scratch_error(&scratch),
	                 "Unable to write the dry run to /dev/full: No space left on device");
}
END_TEST

Suite *dry_run_suite(void)
{
	Suite *suite = suite_create("dry_run");
	TCase *tc = tcase_create("commands"), *file = tcase_create("file");

	scenarios_load(&scenarios, "dry_run");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, writes_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, does_nothing_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(file, set_up, tear_down);
	tcase_add_test(file, appears_when_it_is_complete);
	tcase_add_test(file, leaves_the_old_file_when_it_is_given_up);
	tcase_add_test(file, replaces_the_file_that_a_link_names);
	tcase_add_test(file, cannot_be_a_directory);
	tcase_add_test(file, needs_a_place);
	tcase_add_test(file, goes_to_standard_output);
	tcase_add_loop_test(file, replaces_nothing_but_a_dry_run, 0, COUNT(before));
	tcase_add_loop_test(file, does_not_replace_a_file_that_is_not_to_be_written, 0, 2);
	tcase_add_test(file, needs_a_folder_that_can_be_written);
	tcase_add_loop_test(file, says_that_its_place_is_gone, 0, 2);
	tcase_add_test(file, says_that_a_device_is_full);
	suite_add_tcase(suite, file);
	return suite;
}
