/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_migrate.c - migrate, from connecting to the last line */
#include "suites.h"

#include "scenario.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_migrate);
}
END_TEST

/* What the result lists as there to stay is there. */
static void look(struct run_fixture *fixture, const char *fault)
{
	const struct migrate_result *result = &fixture->result.migrate;
	const char *rows = fake_db_rows(&fixture->fake);

	for (size_t i = 0; i < result->executed; i++) {
		const char *row = arena_printf(&fixture->arena, " %s ok\n",
		                               result->migrations[i].file->script);

		ck_assert_msg(strstr(rows, row) != NULL, "%s: %s is not in\n%s", fault, row, rows);
	}
}

static const char *const broken[] = {
	"all is pending",
	"group",
	"queued commits",
	"baselineOnMigrate in a schema that holds something",
	"the schema is missing",
	"callbacks around everything",
	"a script that commits by itself",
	"a mixed group that may be",
	"commits that need not wait",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_migrate, look);
}
END_TEST

Suite *command_migrate_suite(void)
{
	Suite *suite = suite_create("command_migrate");
	TCase *tc = tcase_create("command_migrate");

	scenarios_load(&scenarios, "migrate");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	return suite;
}
