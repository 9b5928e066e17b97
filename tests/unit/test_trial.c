/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial.c - migrate and undo that are rolled back, and what cannot be tried */
#include "suites.h"

#include "scenario.h"

#include "cflyway/db/trial.h"
#include "cflyway/sql/side_effect.h"

static struct scenarios migrates, undos;

START_TEST(migrates_and_rolls_back)
{
	scenario_check(&migrates, (size_t)_i, &command_migrate);
}
END_TEST

START_TEST(undoes_and_rolls_back)
{
	scenario_check(&undos, (size_t)_i, &command_undo);
}
END_TEST

/* --- any call fails ------------------------------------------------------------------------ */

/* Whatever happens: nothing has been committed. */
static void look(struct run_fixture *broken, const char *fault)
{
	ck_assert_msg(strcmp(fake_db_statements(&broken->fake), "") == 0, "%s: left behind:\n%s",
	              fault, fake_db_statements(&broken->fake));
	ck_assert_msg(strcmp(fake_db_rows(&broken->fake), "") == 0, "%s: rows:\n%s", fault,
	              fake_db_rows(&broken->fake));
}

START_TEST(commits_nothing_whatever_fails)
{
	scenario_break(scenario_find(&migrates, "an empty database"), &command_migrate, look);
}
END_TEST

/* --- side effects -------------------------------------------------------------------------- */

static const struct {
	const char *statement, *found;
} statements[] = {
	{"select setval('s', 1)", "setval"},
	{"SELECT pg_catalog.SETVAL ('s', 1)", "setval"},
	{"select dblink_exec('x', 'drop table t')", "dblink_exec"},
	{"do $$ begin perform pg_terminate_backend(1); end $$", "pg_terminate_backend"},
	{"copy t from program 'ls'", "COPY ... PROGRAM"},
	{"-- a comment\n/* and another */ copy t to '/tmp/x'", "COPY ... TO a file"},
	{"copy t to stdout", NULL},
	{"copy t (a) from stdin", NULL},
	{"copy t from '/tmp/x'", NULL},
	{"set transaction isolation level serializable",
         "SET TRANSACTION, which only a transaction of its own can"},
	{"set search_path to app", NULL},
	{"create table dblinks (program int)", NULL},
	{"select my_setval(1)", NULL},
	{"select nextval('s')", NULL},
	{"select pg_advisory_xact_lock(1)", NULL},
	{"", NULL},
};

START_TEST(finds_what_no_rollback_takes_back)
{
	const char *found = side_effect_find(str_of(statements[_i].statement));

	ck_assert_msg(str_same(found, statements[_i].found), "%s: %s", statements[_i].statement,
	              found != NULL ? found : "nothing");
}
END_TEST

Suite *trial_suite(void)
{
	Suite *suite = suite_create("trial");
	TCase *tc = tcase_create("trial");

	scenarios_load(&migrates, "trial_migrate");
	scenarios_load(&undos, "trial_undo");
	tcase_add_checked_fixture(tc, scenario_set_up, scenario_tear_down);
	tcase_add_loop_test(tc, migrates_and_rolls_back, 0, (int)migrates.n);
	tcase_add_loop_test(tc, undoes_and_rolls_back, 0, (int)undos.n);
	tcase_add_test(tc, commits_nothing_whatever_fails);
	tcase_add_loop_test(tc, finds_what_no_rollback_takes_back, 0, COUNT(statements));
	suite_add_tcase(suite, tc);
	return suite;
}
