/* SPDX-License-Identifier: Apache-2.0 */
/* test_program_run.c - scripts that are not SQL: what they know, what they print, how they end */
#include "suites.h"

#include "scenario.h"

#include <stdlib.h>
#include <sys/stat.h>

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_migrate);
}
END_TEST

/* --- PowerShell ---------------------------------------------------------------------------- */

static struct run_fixture fixture;

static void setup(void)
{
	run_fixture_open(&fixture);
	run_fixture_add_table(&fixture);
}

static void teardown(void)
{
	run_fixture_close(&fixture);
}

/* The name of the program, and the option; NULL: the default. */
static const char *const shells[][2] = {{"pwsh", NULL}, {"powershell", "powershell"}};

START_TEST(runs_the_powershell_that_is_chosen)
{
	const char *name = shells[_i][0], *option = shells[_i][1];
	const char *path = arena_strdup(&fixture.scratch.arena, getenv("PATH"));
	const char *program = arena_printf(&fixture.arena, "bin/%s", name);

	scratch_write(program, "#!/bin/sh\necho said by a shell\n");
	ck_assert_int_eq(chmod(program, 0755), 0);
	run_fixture_write(&fixture, "V1__a.ps1", "echo a");
	if (option != NULL)
		run_fixture_set(&fixture, "powershellExecutable", option);
	setenv("PATH", arena_printf(&fixture.arena, "%s/bin:%s", fixture.scratch.root, path), 1);
	bool ok = run_fixture_run(&fixture, &command_migrate);
	setenv("PATH", path, 1);
	ck_assert_msg(ok, "%s", fixture.err.message);
	const char *lines = scratch_lines(&fixture.scratch);
	ck_assert_msg(strstr(lines, arena_printf(&fixture.arena, "Executing %s ", name)) != NULL &&
	                      strstr(lines, "said by a shell") != NULL,
	              "%s", lines);
}
END_TEST

Suite *program_run_suite(void)
{
	Suite *suite = suite_create("program_run");
	TCase *tc = tcase_create("program_run"), *more = tcase_create("PowerShell");

	scenarios_load(&scenarios, "program_run");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_set_tags(tc, "vfork"); /* not in qemu, see .ci/arm64 */
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(more, setup, teardown);
	tcase_set_tags(more, "vfork");
	tcase_add_loop_test(more, runs_the_powershell_that_is_chosen, 0, COUNT(shells));
	suite_add_tcase(suite, more);
	return suite;
}
