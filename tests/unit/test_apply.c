/* SPDX-License-Identifier: Apache-2.0 */
/* test_apply.c - plans, and plans made again; groups; when the disk is waited for */
#include "suites.h"

#include "scenario.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_migrate);
}
END_TEST

static const char *const broken[] = {
	"the last script cannot be parsed",
	"a mixed group runs one by one",
	"a script of its own kind is parsed when it runs",
	"planned again in the middle",
	"durability before a program",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_migrate, NULL);
}
END_TEST

Suite *apply_suite(void)
{
	Suite *suite = suite_create("apply");
	TCase *tc = tcase_create("apply");

	scenarios_load(&scenarios, "apply");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	return suite;
}
