/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_undo.c - undo takes back the last migrations */
#include "suites.h"

#include "scenario.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_undo);
}
END_TEST

static const char *const broken[] = {
	"the last migration",
	"several, one by one",
	"a row of its own",
	"the row of the run is deleted",
	"a group",
	"no transaction",
	"callbacks",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_undo, NULL);
}
END_TEST

Suite *command_undo_suite(void)
{
	Suite *suite = suite_create("command_undo");
	TCase *tc = tcase_create("command_undo");

	scenarios_load(&scenarios, "undo");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	return suite;
}
