/* SPDX-License-Identifier: Apache-2.0 */
/* test_migration_retry.c - time limits of scripts, and migrations that run again */
#include "suites.h"

#include "scenario.h"

#include "../../src/core/migration_retry.h"

static struct scenarios scenarios;

START_TEST(does_what_is_recorded)
{
	scenario_check(&scenarios, (size_t)_i, &command_migrate);
}
END_TEST

/* Whatever call fails: what is said to be applied is there, once. */
static void look(struct run_fixture *broken, const char *fault)
{
	const struct migrate_result *result = &broken->result.migrate;
	const char *rows = fake_db_rows(&broken->fake);

	for (size_t i = 0; i < result->executed; i++) {
		const char *row = arena_printf(&broken->arena, " %s ok\n",
		                               result->migrations[i].file->script);
		const char *found = strstr(rows, row);

		ck_assert_msg(found != NULL && strstr(found + 1, row) == NULL,
		              "%s: %s is not once in\n%s", fault, row, rows);
	}
}

static const char *const broken[] = {
	"time limits",
	"time limits of callbacks",
	"it succeeds at the third try",
	"it succeeds at the second try, rows wait",
	"its COMMIT is in conflict",
	"the role is in conflict under a session lock",
};

START_TEST(tells_the_truth_whatever_call_fails)
{
	scenario_break(scenario_find(&scenarios, broken[_i]), &command_migrate, look);
}
END_TEST

/* The longest and the shortest pause. */
static const struct {
	int first_ms, retry;
	int64_t longest, shortest;
} pauses[] = {
	{1000, 0, 1000, 500},
	{1000, 1, 2000, 1000},
	{1000, 5, 32000, 16000},
	{1000, 6, 60000, 30000},
	{1000, 1000000, 60000, 30000},
	{120000, 0, 120000, 60000},
	{120000, 3, 120000, 60000},
	{2147483647, 2147483647, 2147483647, 1073741824},
	{1, 0, 1, 1},
	{0, 7, 0, 0},
};

START_TEST(waits_longer_each_time)
{
	int64_t longest = 0, shortest = INT64_MAX;

	ck_assert_int_eq(migration_retry_pause_ms(pauses[_i].first_ms, pauses[_i].retry, 0),
	                 pauses[_i].longest);
	for (uint32_t chance = 0; chance < 100000; chance++) {
		int64_t pause = migration_retry_pause_ms(pauses[_i].first_ms, pauses[_i].retry,
		                                         chance * 30011);

		longest = pause > longest ? pause : longest;
		shortest = pause < shortest ? pause : shortest;
	}
	ck_assert_int_eq(longest, pauses[_i].longest);
	ck_assert_int_ge(shortest, pauses[_i].shortest);
	ck_assert_int_le(shortest, pauses[_i].shortest + pauses[_i].longest / 100);
}
END_TEST

Suite *migration_retry_suite(void)
{
	Suite *suite = suite_create("migration_retry");
	TCase *tc = tcase_create("scenarios"), *more = tcase_create("pauses");

	scenarios_load(&scenarios, "retries");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(more, waits_longer_each_time, 0, COUNT(pauses));
	suite_add_tcase(suite, more);
	return suite;
}
