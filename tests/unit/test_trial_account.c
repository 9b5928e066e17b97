/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_account.c - which statements of a trial are measured and listed, and what it notes */
#include "suites.h"
#include "trial_fixture.h"

#include "cflyway/core/outcome.h"

#define FIRST &trial_fixture_first
#define SECOND &trial_fixture_second

enum { LISTED_OF_MANY = 20 };

static const struct migration callback = {.file_name = "afterEachMigrate.sql"};

static const struct trial_script *script_of(size_t i)
{
	ck_assert_uint_lt(i, trial_world.result.n);
	return &trial_world.result.scripts[i];
}

/* The last statement that is listed. */
static const struct trial_statement *last_of(const struct trial_script *script)
{
	ck_assert_uint_gt(script->n, 0);
	return &script->statements[script->n - 1];
}

static void done(void)
{
	ck_assert_msg(trial_statement_done(&trial_world.trial, &trial_world.scratch.err), "%s",
	              trial_world.scratch.err.message);
}

static void run(const struct migration *file, size_t times)
{
	while (times-- > 0) {
		trial_fixture_begin(file, "insert into t");
		done();
	}
}

/* --- the time ------------------------------------------------------------------------------ */

START_TEST(measures_statements_and_scripts)
{
	trial_world.now_ms = 100;
	trial_fixture_begin(FIRST, "a");
	trial_world.now_ms = 130;
	done();
	trial_world.now_ms = 200;
	trial_fixture_begin(FIRST, "b");
	trial_world.now_ms = 205;
	done();
	const struct trial_script *script = script_of(0);

	ck_assert_uint_eq(script->n, 2);
	ck_assert_int_eq(script->statements[0].elapsed_ms, 30);
	ck_assert_int_eq(script->statements[1].elapsed_ms, 5);
	ck_assert_int_eq(script->elapsed_ms, 35);
	ck_assert_int_eq(script->end_ms, 205);
}
END_TEST

static const struct {
	int64_t taken_ms, held_ms;
} holds[] = {{-1, -1}, {0, 100}, {60, 40}, {100, 0}, {101, 0}};

START_TEST(knows_how_long_a_lock_is_held)
{
	const struct trial_script script = {.end_ms = 100};
	const struct trial_lock lock = {.taken_ms = holds[_i].taken_ms};

	ck_assert_int_eq(trial_lock_held_ms(&script, &lock), holds[_i].held_ms);
}
END_TEST

/* --- scripts ------------------------------------------------------------------------------- */

static void begin_callback(void)
{
	const struct statement statement = {.text = "c", .len = 1, .line = 1};

	trial_statement_begin(&trial_world.trial, &callback, "afterEachMigrate", &statement);
	done();
}

START_TEST(goes_on_with_a_migration_after_its_callback)
{
	run(FIRST, 1);
	begin_callback();
	run(FIRST, 1);
	begin_callback();
	ck_assert_uint_eq(trial_world.result.n, 2);
	ck_assert_uint_eq(script_of(0)->n, 2);
	ck_assert_uint_eq(script_of(1)->n, 2);
	ck_assert_str_eq(script_of(1)->event, "afterEachMigrate");
	run(SECOND, 1);
	begin_callback();
	ck_assert_uint_eq(trial_world.result.n, 4);
	ck_assert_ptr_eq(script_of(2)->file, SECOND);
	ck_assert_uint_eq(script_of(3)->n, 1);
}
END_TEST

START_TEST(begins_a_failed_script_anew)
{
	trial_fixture_begin(FIRST, "a");
	trial_statement_failed(&trial_world.trial);
	trial_fixture_begin(FIRST, "b");
	ck_assert_uint_eq(trial_world.result.n, 2);
	ck_assert_int_eq(script_of(0)->state, TRIAL_FAILED);
	ck_assert(last_of(script_of(0))->has_failed);
	ck_assert_str_eq(last_of(script_of(0))->text, "a");
	ck_assert_int_eq(script_of(1)->state, TRIAL_OK);
}
END_TEST

/* SQL of our own between two scripts changes the history, and is nobody's. */
START_TEST(does_not_count_what_happens_between_scripts)
{
	trial_fixture_give("changes", "1000|5|20|RowExclusiveLock|100|0|0|0|0");
	trial_fixture_begin_watched("a");
	done();
	trial_fixture_give("changes", "1000|50|20|RowExclusiveLock|100|9|0|0|0");
	trial_fixture_begin(SECOND, "b");
	trial_fixture_give("changes", "1000|57|20|RowExclusiveLock|100|11|0|0|0");
	ck_assert(trial_watch_changes(&trial_world.trial, &trial_world.scratch.err));
	ck_assert_str_eq(trial_fixture_text(), "public.t +2 ~0 -0;");
	ck_assert_int_eq(trial_world.trial.statement->wal_bytes, 7);
}
END_TEST

/* --- very many statements ------------------------------------------------------------------ */

START_TEST(lists_so_many_statements_whatever_they_do)
{
	run(FIRST, TRIAL_MAX_LISTED + 2);
	ck_assert_uint_eq(script_of(0)->n, TRIAL_MAX_LISTED);
	ck_assert_uint_eq(script_of(0)->unlisted, 2);
	ck_assert_str_eq(last_of(script_of(0))->text, "insert into t");
}
END_TEST

START_TEST(lists_those_that_lock_even_then)
{
	trial_fixture_begin_watched("insert into t");
	done();
	run(FIRST, TRIAL_MAX_LISTED - 1);
	trial_fixture_begin(FIRST, "lock t");
	trial_fixture_give("changes", "1000|5|20|ShareLock|100|0|0|0|0");
	done();
	ck_assert_uint_eq(script_of(0)->n, TRIAL_MAX_LISTED + 1);
	ck_assert_str_eq(last_of(script_of(0))->text, "lock t");
	ck_assert_uint_eq(script_of(0)->unlisted, 0);
}
END_TEST

static const struct {
	const char *name;
	size_t before, n; /* statements that were measured; of the script */
	const struct migration *file;
	const char *event;
	bool batchable, measures;
} measured[] = {
	{"the last of the first ones", LISTED_OF_MANY - 1, 201, FIRST, NULL, true, true},
	{"one of very many", LISTED_OF_MANY, 201, FIRST, NULL, true, false},
	{"one that may lock", LISTED_OF_MANY, 201, FIRST, NULL, false, true},
	{"one of many", LISTED_OF_MANY, 200, FIRST, NULL, true, true},
	{"one of another file", LISTED_OF_MANY, 201, SECOND, NULL, true, true},
	{"one of an event", LISTED_OF_MANY, 201, FIRST, "e", true, true},
	{"the first of all", 0, 201, FIRST, NULL, true, true},
};

START_TEST(measures_not_all_of_very_many)
{
	const struct statement statement = {
		.text = "i", .len = 1, .batchable = measured[_i].batchable};

	run(FIRST, measured[_i].before);
	ck_assert_msg(trial_measures(&trial_world.trial, measured[_i].file, measured[_i].event,
	                             &statement, measured[_i].n) == measured[_i].measures,
	              "%s", measured[_i].name);
}
END_TEST

/* So many statements that are not measured; each has changed two rows, and the last none. */
static void run_unmeasured(size_t n)
{
	struct statement statement = {.text = "i", .len = 1, .batchable = true, .line = 77};

	for (; n > 0; n--, statement.line++) {
		ck_assert(!trial_measures(&trial_world.trial, FIRST, NULL, &statement, 1000));
		trial_statement_rows(&trial_world.trial, n > 1 ? 2 : -1);
		trial_world.now_ms += 10;
	}
}

START_TEST(counts_those_that_are_not_measured)
{
	run(FIRST, LISTED_OF_MANY);
	run_unmeasured(3);
	trial_script_done(&trial_world.trial);
	ck_assert_uint_eq(script_of(0)->n, LISTED_OF_MANY);
	ck_assert_uint_eq(script_of(0)->unlisted, 3);
	ck_assert_int_eq(script_of(0)->elapsed_ms, 30);
	ck_assert_ptr_null(trial_world.trial.statement);
	run_unmeasured(1);
	run(FIRST, 1);
	ck_assert_uint_eq(script_of(0)->unlisted, 4);
	trial_script_done(&trial_world.trial);
	ck_assert_uint_eq(script_of(0)->unlisted, 4);
}
END_TEST

START_TEST(lists_as_one_what_was_not_measured)
{
	trial_world.now_ms = 1000;
	trial_fixture_give("changes", "1000|100|20|RowExclusiveLock|100|0|0|0|0");
	trial_fixture_begin_watched("insert into t");
	done();
	run(FIRST, LISTED_OF_MANY - 1);
	run_unmeasured(3);
	trial_fixture_give("changes", "1000|150|20|RowExclusiveLock|100|4|0|0|0");
	if (_i == 0)
		trial_script_done(&trial_world.trial);
	else
		trial_script_failed(&trial_world.trial, FIRST, &trial_world.scratch.err);
	const struct trial_statement *all = last_of(script_of(0));

	ck_assert_uint_eq(script_of(0)->n, LISTED_OF_MANY + 1);
	ck_assert_uint_eq(script_of(0)->unlisted, 0);
	ck_assert_str_eq(all->text, "(3 statements that change rows)");
	ck_assert_uint_eq(all->line, 77);
	ck_assert_int_eq(all->elapsed_ms, 30);
	ck_assert_int_eq(all->rows, 4);
	ck_assert_int_eq(all->wal_bytes, 50);
	ck_assert_uint_eq(all->changes_n, 1);
	ck_assert_int_eq(all->has_failed, _i == 1);
	ck_assert_int_eq(script_of(0)->state, _i == 1 ? TRIAL_FAILED : TRIAL_OK);
}
END_TEST

START_TEST(lists_as_one_what_has_locked)
{
	trial_fixture_begin_watched("insert into t");
	done();
	run(FIRST, LISTED_OF_MANY - 1);
	run_unmeasured(1);
	trial_fixture_give("changes", "1000|150|23|ShareLock|103|0|0|0|0");
	trial_script_done(&trial_world.trial);
	ck_assert_str_eq(last_of(script_of(0))->text, "(1 statements that change rows)");
	ck_assert_uint_eq(last_of(script_of(0))->locks_n, 1);
}
END_TEST

static const int64_t affected[][3] = {{5, 5}, {0, 0}, {-1, -1}};

START_TEST(keeps_the_rows_of_a_statement)
{
	trial_statement_rows(&trial_world.trial, 3); /* between two statements: nobody's */
	trial_fixture_begin(FIRST, "update t");
	trial_statement_rows(&trial_world.trial, 7);
	trial_statement_rows(&trial_world.trial, affected[_i][0]);
	done();
	ck_assert_int_eq(last_of(script_of(0))->rows, affected[_i][1]);
}
END_TEST

/* --- the end ------------------------------------------------------------------------------- */

START_TEST(fails_when_it_was_stopped)
{
	trial_fixture_begin(FIRST, "alter table t");
	trial_world.result.stopped = "it took too long";
	ck_assert(!trial_statement_done(&trial_world.trial, &trial_world.scratch.err));
	ck_assert_str_eq(scratch_error(&trial_world.scratch),
	                 "The dry run was stopped: it took too long");
	ck_assert_int_eq(script_of(0)->state, TRIAL_FAILED);
	ck_assert(last_of(script_of(0))->has_failed);
	ck_assert_str_eq(last_of(script_of(0))->text, "alter table t");
	ck_assert_ptr_null(trial_world.trial.statement);
}
END_TEST

/* What the worker itself has done is asked first, and nobody is asked after a failure. */
START_TEST(fails_when_it_cannot_look)
{
	trial_fixture_begin_watched("alter table t");
	trial_world.failing = "changes";
	trial_world.now_ms += 1000;
	ck_assert(!trial_statement_done(&trial_world.trial, &trial_world.scratch.err));
	ck_assert_str_eq(scratch_error(&trial_world.scratch), "no changes");
	ck_assert_uint_eq(trial_world.waits, 0);
	ck_assert_int_eq(script_of(0)->state, TRIAL_FAILED);
}
END_TEST

START_TEST(looks_at_who_waits_only_during_a_statement)
{
	trial_fixture_begin_watched("alter table t");
	trial_world.now_ms += 1000;
	trial_statement_waits(&trial_world.trial);
	ck_assert_uint_eq(trial_world.waits, 1);
	done();
	trial_world.now_ms += 1000;
	trial_statement_waits(&trial_world.trial);
	ck_assert_uint_eq(trial_world.waits, 1);
}
END_TEST

#define ENUM_NOTE                                                                                  \
	"a real run commits before: in a dry run, a new value of an enum cannot be used by a "     \
	"later migration"
#define LOCKS_NOTE "a dry run holds the locks of all migrations until its end: -target divides it"

static const struct {
	const char *stopped, *state;
	const struct migration *left_out;
	const char *notes;
} notes[] = {
	{NULL, "42601", NULL, ""},
	{NULL, NULL, NULL, ""},
	{NULL, "55P04", NULL, ENUM_NOTE},
	{NULL, "53200", NULL, LOCKS_NOTE},
	{"it took long", "53200", NULL, "the dry run was stopped: it took long"},
	{NULL, "42P01", FIRST, "this may follow from V1__a.sql, which was not tried"},
	{NULL, "55P04", FIRST, ENUM_NOTE "\nthis may follow from V1__a.sql, which was not tried"},
};

START_TEST(notes_once_what_a_trial_has_to_do_with_an_error)
{
	const struct sql_failure failure = {.state = notes[_i].state, .message = "no"};
	struct error *err = &trial_world.scratch.err;
	struct outcome outcome = {.arena = &trial_world.scratch.arena};
	const struct str_list *shown;

	trial_world.run.outcome = &outcome;
	trial_fixture_begin(SECOND, "a");
	trial_world.result.stopped = notes[_i].stopped;
	trial_world.trial.left_out = notes[_i].left_out;
	(void)!error_set_sql(err, ERROR_GENERAL, &failure, "no");
	for (size_t i = 0; i < 2; i++) /* a callback's error is that of its migration, too */
		trial_script_failed(&trial_world.trial, SECOND, err);
	shown = scratch_texts(&trial_world.scratch.arena, &err->notes);
	ck_assert_str_eq(str_list_join(&trial_world.scratch.arena, shown, "\n"), notes[_i].notes);
	ck_assert_int_eq(outcome.blames_surroundings, notes[_i].stopped != NULL);
	ck_assert_ptr_null(trial_world.trial.statement);
	ck_assert_int_eq(script_of(0)->state, TRIAL_FAILED);
}
END_TEST

START_TEST(does_not_fail_another_script)
{
	struct error *err = &trial_world.scratch.err;

	(void)!error_set(err, ERROR_GENERAL, "no");
	trial_script_failed(&trial_world.trial, SECOND, err); /* nothing has run yet */
	run(FIRST, 1);
	trial_script_failed(&trial_world.trial, SECOND, err);
	ck_assert_int_eq(script_of(0)->state, TRIAL_OK);
}
END_TEST

Suite *trial_account_suite(void)
{
	Suite *suite = suite_create("trial_account");
	TCase *tc = tcase_create("trial_account");

	tcase_add_checked_fixture(tc, trial_fixture_set_up, trial_fixture_tear_down);
	tcase_add_test(tc, measures_statements_and_scripts);
	tcase_add_loop_test(tc, knows_how_long_a_lock_is_held, 0, COUNT(holds));
	tcase_add_test(tc, goes_on_with_a_migration_after_its_callback);
	tcase_add_test(tc, begins_a_failed_script_anew);
	tcase_add_test(tc, does_not_count_what_happens_between_scripts);
	tcase_add_test(tc, lists_so_many_statements_whatever_they_do);
	tcase_add_test(tc, lists_those_that_lock_even_then);
	tcase_add_loop_test(tc, measures_not_all_of_very_many, 0, COUNT(measured));
	tcase_add_test(tc, counts_those_that_are_not_measured);
	tcase_add_loop_test(tc, lists_as_one_what_was_not_measured, 0, 2);
	tcase_add_test(tc, lists_as_one_what_has_locked);
	tcase_add_loop_test(tc, keeps_the_rows_of_a_statement, 0, COUNT(affected));
	tcase_add_test(tc, fails_when_it_was_stopped);
	tcase_add_test(tc, fails_when_it_cannot_look);
	tcase_add_test(tc, looks_at_who_waits_only_during_a_statement);
	tcase_add_loop_test(tc, notes_once_what_a_trial_has_to_do_with_an_error, 0, COUNT(notes));
	tcase_add_test(tc, does_not_fail_another_script);
	suite_add_tcase(suite, tc);
	return suite;
}
