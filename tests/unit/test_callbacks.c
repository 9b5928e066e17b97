/* SPDX-License-Identifier: Apache-2.0 */
/* test_callbacks.c - the events of migrate: connections, transactions, failures */
#include "suites.h"

#include "scenario.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_migrate);
}
END_TEST

static const char *const broken[] = {
	"all events of migrate",
	"all events without a transactional lock",
	"callbacks inside of a group",
	"a callback inside commits",
	"a callback outside of transactions for the command",
	"callbacks of a migration outside of transactions",
	"SQL callbacks of a program",
	"statement events, results after",
	"a statement fails with callbacks for it",
	"events between migrations",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_migrate, NULL);
}
END_TEST

Suite *callbacks_suite(void)
{
	Suite *suite = suite_create("callbacks");
	TCase *tc = tcase_create("callbacks");

	scenarios_load(&scenarios, "callbacks");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	return suite;
}
