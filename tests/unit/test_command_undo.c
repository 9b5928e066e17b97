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

/* --- another program works on the history ---------------------------------------------------- */

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

static const struct {
	const char *what, *version; /* of the row that is written before the lock is taken */
	const char *message, *rows;
} news[] = {
	{"another version has been applied", "3",
         "Version 3 has been applied since this undo began. It is not undone, and nothing that was "
         "applied before it.",
         "1 1 a SQL V1__a.sql ok\n2 2 b SQL V2__b.sql ok\n3 3 c SQL V3__c.sql ok\n"},
	{"a repeatable has been applied", NULL, NULL,
         "1 1 a SQL V1__a.sql ok\n2 2 b SQL V2__b.sql ok\n3 NULL c SQL V3__c.sql ok\n"
         "4 2 b DELETE V2__b.sql ok\n"},
};

static void write_row(void *ctx, const char *call)
{
	const char *version = ctx;

	if (strcmp(call, "LOCK") == 0 && fake_db_view(&fixture.fake).n == 2)
		fake_db_add_row(&fixture.fake, version, "c", "V3__c.sql", "1");
}

START_TEST(undoes_nothing_that_was_applied_meanwhile)
{
	run_fixture_write(&fixture, "U2__b.sql", "drop table b;");
	run_fixture_write(&fixture, "U3__c.sql", "drop table c;");
	fake_db_add_row(&fixture.fake, "1", "a", "V1__a.sql", "1");
	fake_db_add_row(&fixture.fake, "2", "b", "V2__b.sql", "1");
	fixture.fake.on_call = write_row;
	fixture.fake.ctx = (void *)(uintptr_t)news[_i].version;
	bool ok = run_fixture_run(&fixture, &command_undo);
	const char *message = ok ? NULL : fixture.err.message;

	ck_assert_msg(str_same(message, news[_i].message), "%s: %s", news[_i].what, message);
	ck_assert_str_eq(fake_db_rows(&fixture.fake), news[_i].rows);
}
END_TEST

Suite *command_undo_suite(void)
{
	Suite *suite = suite_create("command_undo");
	TCase *tc = tcase_create("command_undo"), *more = tcase_create("other programs");

	scenarios_load(&scenarios, "undo");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, does_what_is_recorded, 0, (int)scenarios.n);
	tcase_add_loop_test(tc, tells_the_truth_whatever_call_fails, 0, COUNT(broken));
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(more, setup, teardown);
	tcase_add_loop_test(more, undoes_nothing_that_was_applied_meanwhile, 0, COUNT(news));
	suite_add_tcase(suite, more);
	return suite;
}
