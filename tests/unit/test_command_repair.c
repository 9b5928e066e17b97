/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_repair.c - repair brings the history in line with the files */
#include "suites.h"

#include "scenario.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_repair);
}
END_TEST

static const char *const broken[] = {
	"failed migrations",
	"files that are gone",
	"changed files",
	"callbacks",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_repair, NULL);
}
END_TEST

Suite *command_repair_suite(void)
{
	Suite *suite = suite_create("command_repair");
	TCase *tc = tcase_create("command_repair");

	scenarios_load(&scenarios, "repair");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	return suite;
}
