/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_test_connection.c - testConnection connects and does nothing else */
#include "suites.h"

#include "scenario.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_test_connection);
}
END_TEST

static const char *const broken[] = {
	"a connection",
	"initSql is left alone",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_test_connection, NULL);
}
END_TEST

Suite *command_test_connection_suite(void)
{
	Suite *suite = suite_create("command_test_connection");
	TCase *tc = tcase_create("command_test_connection");

	scenarios_load(&scenarios, "test_connection");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	return suite;
}
