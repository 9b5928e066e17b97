/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_rules.c - the locks of scripts that a trial leaves out */
#include "suites.h"
#include "trial_fixture.h"

#include "cflyway/core/session.h"

static const struct migration untried = {
	.file_name = "V3__c.sql",
	.path = "sql/V3__c.sql",
	.absolute_path = "V3__c.sql",
	.encoding = "UTF-8",
};

static struct session session;

static void set_up(void)
{
	session = (struct session){.default_schema = "public"};
	trial_fixture_set_up();
	trial_fixture_give("survey", "20|app.t|r|100|8192|50|-\n"
	                             "21|public.\"My i\"|i|101|16384|50|20\n"
	                             "22|app.\"v \"\"1\"\"\"|v|-|0|0|-\n"
	                             "23|public.\"T\"|r|103|8192|7|-\n"
	                             "24|public.t|r|104|8192|9|-\n"
	                             "25|zoo.t|r|104|8192|9|-\n"
	                             "26|zoo.only|r|104|8192|1|-");
	trial_world.settings.max_statement_size = 1 << 20;
	trial_world.run.session = &session;
}

/* Leaves out a script with this text; returns what is listed of it. */
static const struct trial_script *leave_out(const char *text)
{
	const struct script_traits traits = {.runs_in_transaction = false};

	scratch_write("V3__c.sql", text);
	trial_watch_open(&trial_world.trial);
	ck_assert(!trial_may_run(&trial_world.trial, &untried, NULL, &traits));
	ck_assert_uint_eq(trial_world.result.n, 1);
	ck_assert_int_eq(trial_world.result.scripts[0].state, TRIAL_NOT_TRIED);
	return &trial_world.result.scripts[0];
}

/* "LINE TEXT: locks", a line each. */
static const char *lines_of(const struct trial_script *script)
{
	struct str_list lines = {0};
	struct arena *arena = &trial_world.scratch.arena;

	for (size_t i = 0; i < script->n; i++) {
		trial_world.trial.statement = &script->statements[i];
		ck_assert(script->statements[i].is_by_rule);
		str_list_add(arena, &lines,
		             arena_printf(arena, "%zu %s: %s", script->statements[i].line,
		                          script->statements[i].text, trial_fixture_text()));
	}
	return str_list_join(arena, &lines, "\n");
}

static const struct {
	const char *schema, *text, *listed;
} scripts[] = {
	{"public", "vacuum t;", "1 vacuum t: SHARE UPDATE EXCLUSIVE table public.t 9;"},
	{"app", "vacuum t;", "1 vacuum t: SHARE UPDATE EXCLUSIVE table app.t 50;"},
	{"none", "vacuum t;", "1 vacuum t: SHARE UPDATE EXCLUSIVE table app.t 50;"},
	{NULL, "vacuum t;", "1 vacuum t: SHARE UPDATE EXCLUSIVE table app.t 50;"},
	{"public", "vacuum only;", "1 vacuum only: SHARE UPDATE EXCLUSIVE table zoo.only 1;"},
	{"public", "vacuum App.T;", "1 vacuum App.T: SHARE UPDATE EXCLUSIVE table app.t 50;"},
	{"public", "vacuum \"app\".\"t\";",
         "1 vacuum \"app\".\"t\": SHARE UPDATE EXCLUSIVE table app.t 50;"},
	{"app", "vacuum \"T\";", "1 vacuum \"T\": SHARE UPDATE EXCLUSIVE table public.\"T\" 7;"},
	{"app", "vacuum none.t;", "1 vacuum none.t: "},
	{"app", "vacuum full app.\"v \"\"1\"\"\";",
         "1 vacuum full app.\"v \"\"1\"\"\": ACCESS EXCLUSIVE view app.\"v \"\"1\"\"\" 0;"},
	/* An index: its lock is weak, and that on its table counts. */
	{"public", "\n-- remark\ndrop index concurrently \"My i\";",
         "3 drop index concurrently \"My i\": SHARE UPDATE EXCLUSIVE table app.t 50;"},
	{"public", "select 1;\nvacuum t;\ninsert into t values (1);\nvacuum full only;",
         "2 vacuum t: SHARE UPDATE EXCLUSIVE table public.t 9;\n"
         "4 vacuum full only: ACCESS EXCLUSIVE table zoo.only 1;"},
	{"public", "create database d;", ""},
	{"public", "", ""},
};

START_TEST(lists_locks_by_rule)
{
	session.default_schema = scripts[_i].schema;
	if (scripts[_i].schema == NULL)
		trial_world.run.session = NULL;
	ck_assert_str_eq(lines_of(leave_out(scripts[_i].text)), scripts[_i].listed);
}
END_TEST

START_TEST(names_those_it_would_wait_for)
{
	trial_fixture_give("others",
	                   "holder|5|app|shop|active|24|ShareUpdateExclusiveLock|12|vacuum t\n"
	                   "holder|6|app|shop|active|24|RowExclusiveLock|12|insert\n"
	                   "holder|7|app|shop|active|24|RowShareLock|12|select for update\n"
	                   "holder|8|app|shop|active|20|RowExclusiveLock|12|elsewhere");
	const struct trial_script *script = leave_out("create index concurrently i on t (a);");

	ck_assert_uint_eq(script->n, 1);
	const struct trial_lock *lock = &script->statements[0].locks[0];

	ck_assert_uint_eq(lock->conflicts.n, 2);
	ck_assert_str_eq(lock->conflicts.items[0].pid, "5");
	ck_assert_str_eq(lock->conflicts.items[1].pid, "6"); /* conflicts with SHARE alone */
	ck_assert_int_eq(lock->taken_ms, -1);
	ck_assert_int_eq(lock->reads, -1);
	ck_assert_int_eq(script->statements[0].rows, -1);
	ck_assert_int_eq(script->statements[0].wal_bytes, -1);
}
END_TEST

START_TEST(lists_so_many_and_no_more)
{
	struct buf text = BUF_EMPTY(1 << 20);

	for (size_t i = 0; i <= TRIAL_MAX_LISTED; i++)
		buf_add(&text, "vacuum t;\n");
	ck_assert_uint_eq(leave_out(buf_str(&text).ptr)->n, TRIAL_MAX_LISTED);
	buf_release(&text);
}
END_TEST

START_TEST(lists_nothing_without_relations)
{
	trial_world.failing = "survey";
	ck_assert_uint_eq(leave_out("vacuum t;")->n, 0);
}
END_TEST

START_TEST(lists_nothing_of_a_file_that_is_gone)
{
	const struct migration gone = {.file_name = "gone.sql",
	                               .path = "gone",
	                               .absolute_path = "gone",
	                               .encoding = "UTF-8"};
	const struct script_traits traits = {.runs_in_transaction = false};

	trial_watch_open(&trial_world.trial);
	ck_assert(!trial_may_run(&trial_world.trial, &gone, NULL, &traits));
	ck_assert_uint_eq(trial_world.result.scripts[0].n, 0);
}
END_TEST

Suite *trial_rules_suite(void)
{
	Suite *suite = suite_create("trial_rules");
	TCase *tc = tcase_create("trial_rules");

	tcase_add_checked_fixture(tc, set_up, trial_fixture_tear_down);
	tcase_add_loop_test(tc, lists_locks_by_rule, 0, COUNT(scripts));
	tcase_add_test(tc, names_those_it_would_wait_for);
	tcase_add_test(tc, lists_so_many_and_no_more);
	tcase_add_test(tc, lists_nothing_without_relations);
	tcase_add_test(tc, lists_nothing_of_a_file_that_is_gone);
	suite_add_tcase(suite, tc);
	return suite;
}
