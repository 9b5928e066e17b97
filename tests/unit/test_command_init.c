/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_init.c - init begins a project */
#include "suites.h"

#include "scenario.h"

#include "cflyway/base/fs.h"

#include <sys/stat.h>
#include <unistd.h>

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_init);
}
END_TEST

static struct run_fixture fixture;

static void open_fixture(void)
{
	run_fixture_open(&fixture);
	run_fixture_set(&fixture, "init.projectName", "shop");
	fixture.has_default_locations = true;
}

static void close_fixture(void)
{
	run_fixture_close(&fixture);
}

static const char *contents(const char *path)
{
	struct buf text = BUF_EMPTY(1 << 16);
	struct error err = ERROR_INIT(&fixture.arena);

	ck_assert_msg(fs_read_all(path, &text, &err), "%s", err.message);
	const char *copy = str_dup(&fixture.arena, buf_str(&text));
	buf_release(&text);
	return copy;
}

static mode_t mode_of(const char *path)
{
	struct stat about;

	ck_assert_int_eq(stat(path, &about), 0);
	return about.st_mode;
}

START_TEST(writes_a_project)
{
	run_fixture_set(&fixture, "url", "jdbc:postgresql://h/\"d\"");
	run_fixture_set(&fixture, "user", "me");
	run_fixture_set(&fixture, "password", "s3cret");
	ck_assert(run_fixture_run(&fixture, &command_init));
	ck_assert_str_eq(contents("flyway.toml"),
	                 "id = \"shop\"\n"
	                 "\n"
	                 "[environments.default]\n"
	                 "url = \"jdbc:postgresql://h/\\\"d\\\"\"\n"
	                 "user = \"me\"\n"
	                 "# The password is better not kept here: set FLYWAY_PASSWORD.\n"
	                 "\n"
	                 "[flyway]\n"
	                 "locations = [\"filesystem:migrations\"]\n");
	ck_assert_ptr_nonnull(strstr(contents("migrations/V001__first_table.sql"), "create table"));
	ck_assert_int_eq(mode_of("flyway.toml") & 0111, 0);
	ck_assert_int_eq(mode_of("migrations/V001__first_table.sql") & 0111, 0);
}
END_TEST

START_TEST(writes_a_project_of_its_folder)
{
	fixture.has_default_locations = false;
	run_fixture_set(&fixture, "init.projectName", "");
	run_fixture_set(&fixture, "init.databaseType", _i == 0 ? "SQLite" : "PostgreSQL");
	run_fixture_set(&fixture, "url", _i == 0 ? "jdbc:postgresql://h/d" : "jdbc:sqlite:x.db");
	run_fixture_set(&fixture, "locations", "filesystem:a,filesystem:b");
	ck_assert(run_fixture_run(&fixture, &command_init));
	const char *text = contents("flyway.toml");
	const char *name = fs_base_name(fixture.scratch.root);

	ck_assert_str_eq(
		text,
		arena_printf(
			&fixture.arena,
			"id = \"%s\"\n\n[environments.default]\nurl = \"%s\"\n%s\n[flyway]\n"
			"locations = [\"filesystem:a\", \"filesystem:b\"]\n",
			name,
			_i == 0 ? "jdbc:sqlite:app.db" : "jdbc:postgresql://localhost:5432/app",
			_i == 0 ? ""
				: "# user = \"app\"\n# The password is better not kept here: set "
				  "FLYWAY_PASSWORD.\n"));
}
END_TEST

START_TEST(begins_a_project_in_the_working_directory)
{
	scratch_write("work/x", "");
	run_fixture_set(&fixture, "workingDirectory", "work");
	ck_assert(run_fixture_run(&fixture, &command_init));
	ck_assert_int_eq(access("work/flyway.toml", F_OK), 0);
	ck_assert_int_eq(access("work/migrations/V001__first_table.sql", F_OK), 0);
	ck_assert_int_eq(access("flyway.toml", F_OK), -1);
	ck_assert_str_eq(fixture.result.init.next, "cflyway -workingDirectory=work migrate");
}
END_TEST

START_TEST(keeps_an_old_file_as_it_was)
{
	struct stat about;

	scratch_write("flyway.conf", "flyway.password=s3cret\n");
	ck_assert_int_eq(chmod("flyway.conf", 0600), 0);
	run_fixture_set(&fixture, "init.fromType", "conf");
	ck_assert(run_fixture_run(&fixture, &command_init));
	ck_assert_str_eq(contents("flyway.conf.bak"), "flyway.password=s3cret\n");
	ck_assert_int_eq(access("flyway.conf", F_OK), -1);
	ck_assert_int_eq(stat("flyway.toml", &about), 0);
	ck_assert_int_eq(about.st_mode & 0777, 0600);
	ck_assert_ptr_null(strstr(scratch_lines(&fixture.scratch), "s3cret"));
}
END_TEST

START_TEST(leaves_a_file_of_another_folder_where_it_is)
{
	scratch_write("old/flyway.conf", "flyway.url=jdbc:x\n");
	run_fixture_set(&fixture, "init.fromType", "Conf");
	run_fixture_set(&fixture, "init.from", "old/flyway.conf");
	ck_assert(run_fixture_run(&fixture, &command_init));
	ck_assert_int_eq(access("old/flyway.conf", F_OK), 0);
	ck_assert_ptr_null(fixture.result.init.renamed_to);
}
END_TEST

/* In a folder like /tmp nobody renames what belongs to root. */
START_TEST(says_when_the_old_file_cannot_be_put_aside)
{
	if (geteuid() != 0)
		return;
	scratch_write("flyway.conf", "flyway.url=jdbc:x\n");
	run_fixture_set(&fixture, "init.fromType", "Conf");
	ck_assert(scratch_drop_root(&fixture.scratch));
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(chmod(".", 01777), 0);
	ck_assert_int_eq(seteuid(getuid()), 0);
	bool ok = run_fixture_run(&fixture, &command_init);
	scratch_regain_root();
	ck_assert(!ok);
	ck_assert_str_eq(fixture.err.message, "Unable to rename flyway.conf to flyway.conf.bak: "
	                                      "Operation not permitted");
	ck_assert_int_eq(access("flyway.conf", F_OK), 0);
}
END_TEST

/* What is there already, and what must still be as it was. */
static const struct {
	const char *path, *option, *value, *message;
} kept[] = {
	{"flyway.toml", "init.projectName", "x",
         "File flyway.toml exists already. Nothing was changed."},
	{"flyway.toml", "init.fromType", "Conf",
         "File flyway.toml exists already. Nothing was changed."},
	{"flyway.conf.bak", "init.fromType", "Conf",
         "File flyway.conf.bak exists already. Nothing was changed."},
	{"flyway.conf", "init.projectName", "x",
         "flyway.conf exists already, and would not be read any more beside flyway.toml. "
         "Nothing was changed. init -fromType=Conf converts it."},
};

START_TEST(changes_nothing_that_is_there)
{
	scratch_write("flyway.conf", "flyway.url=jdbc:x\n");
	scratch_write(kept[_i].path, "kept");
	run_fixture_set(&fixture, kept[_i].option, kept[_i].value);
	ck_assert(!run_fixture_run(&fixture, &command_init));
	ck_assert_str_eq(fixture.err.message, kept[_i].message);
	ck_assert_str_eq(contents(kept[_i].path), "kept");
	ck_assert_int_eq(access("migrations", F_OK), -1);
}
END_TEST

Suite *command_init_suite(void)
{
	Suite *suite = suite_create("command_init");
	TCase *tc = tcase_create("scenarios"), *files = tcase_create("files");

	scenarios_load(&scenarios, "init");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_checked_fixture(files, open_fixture, close_fixture);
	tcase_add_test(files, writes_a_project);
	tcase_add_loop_test(files, writes_a_project_of_its_folder, 0, 2);
	tcase_add_test(files, begins_a_project_in_the_working_directory);
	tcase_add_test(files, keeps_an_old_file_as_it_was);
	tcase_add_test(files, leaves_a_file_of_another_folder_where_it_is);
	tcase_add_test(files, says_when_the_old_file_cannot_be_put_aside);
	tcase_add_loop_test(files, changes_nothing_that_is_there, 0, COUNT(kept));
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, files);
	return suite;
}
