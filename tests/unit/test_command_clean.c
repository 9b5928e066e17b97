/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_clean.c - clean drops all objects in the managed schemas */
#include "suites.h"

#include "scenario.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_clean);
}
END_TEST

static const char *const broken[] = {
	"several schemas",
	"schemas that were made here",
	"callbacks",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_clean, NULL);
}
END_TEST

Suite *command_clean_suite(void)
{
	Suite *suite = suite_create("command_clean");
	TCase *tc = tcase_create("command_clean");

	scenarios_load(&scenarios, "clean");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	return suite;
}
