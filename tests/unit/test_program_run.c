/* SPDX-License-Identifier: Apache-2.0 */
/* test_program_run.c - scripts that are not SQL: what they know, what they print, how they end */
#include "suites.h"

#include "scenario.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_migrate);
}
END_TEST

Suite *program_run_suite(void)
{
	Suite *suite = suite_create("program_run");
	TCase *tc = tcase_create("program_run");

	scenarios_load(&scenarios, "program_run");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_set_tags(tc, "vfork"); /* not in qemu, see .ci/arm64 */
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	suite_add_tcase(suite, tc);
	return suite;
}
