/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_watch.c - what a trial finds out from the catalogue and from its second connection */
#include "suites.h"
#include "trial_fixture.h"

#include "cflyway/db/driver.h"

/* --- what a statement did ------------------------------------------------------------------ */

static const struct {
	const char *name, *rows, *text;
} changes[] = {
	{"nothing", "1000|5|-|-|-|-|-|-|-", ""},
	{"a relation of the trial", "1000|5|999|AccessExclusiveLock|9|1|1|1|1", ""},
	{"the strongest mode",
         "1000|5|20|RowExclusiveLock,AccessExclusiveLock,ShareLock|100|0|0|0|0",
         "ACCESS EXCLUSIVE table public.t 50;"},
	{"an unknown mode", "1000|5|20|SIReadLock|100|0|0|0|0", ""},
	{"a weak lock on an index", "1000|5|21|RowExclusiveLock|101|0|0|0|5", ""},
	{"a strong lock on an index", "1000|5|21|AccessExclusiveLock|101|0|0|0|5",
         "ACCESS EXCLUSIVE index public.\"My i\";"},
	{"a new file", "1000|5|20|AccessExclusiveLock|777|0|0|0|0",
         "ACCESS EXCLUSIVE table public.t 50; new file public.t;"},
	{"rows", "1000|5|20|RowExclusiveLock|100|1|2|3|4",
         "ROW EXCLUSIVE table public.t 50; public.t +1 ~2 -3 read;"},
	{"two relations",
         "1000|5|20|RowShareLock|100|0|0|0|0\n1000|5|23|ShareUpdateExclusiveLock|103|0|0|0|0",
         "ROW SHARE table public.t 50; SHARE UPDATE EXCLUSIVE materialized view public.m 7;"},
};

START_TEST(sees_what_a_statement_did)
{
	trial_fixture_begin_watched("select 1");
	trial_fixture_read_changes(changes[_i].rows);
	ck_assert_msg(strcmp(trial_fixture_text(), changes[_i].text) == 0, "%s: %s",
	              changes[_i].name, trial_fixture_text());
}
END_TEST

START_TEST(takes_differences)
{
	trial_fixture_give("changes", "1000|400|-|-|-|-|-|-|-"); /* between the scripts */
	trial_fixture_begin_watched("insert into t");
	ck_assert_int_eq((int)trial_world.trial.statement->wal_bytes, -1);
	trial_fixture_read_changes("1000|500|20|RowExclusiveLock|100|3|0|0|0");
	ck_assert_int_eq((int)trial_world.trial.statement->wal_bytes, 100);
	trial_fixture_begin(&trial_fixture_first, "alter table t");
	trial_fixture_read_changes("1000|740|20|RowExclusiveLock,AccessExclusiveLock|200|5|1|0|0");
	ck_assert_int_eq((int)trial_world.trial.statement->wal_bytes, 240);
	ck_assert_str_eq(trial_fixture_text(),
	                 "ACCESS EXCLUSIVE table public.t 50; new file public.t; "
	                 "public.t +2 ~1 -0;");
}
END_TEST

static const struct {
	const char *kind, *words;
} kinds[] = {
	{"r", "table"},
	{"p", "partitioned table"},
	{"m", "materialized view"},
	{"v", "view"},
	{"f", "foreign table"},
	{"S", "sequence"},
	{"i", "index"},
	{"I", "index"},
};

START_TEST(names_the_kind_of_a_relation)
{
	trial_fixture_give("survey", arena_printf(&trial_world.scratch.arena, "20|a.b|%s|100|0|0|-",
	                                          kinds[_i].kind));
	trial_fixture_begin_watched("drop it");
	trial_fixture_read_changes("1000|5|20|AccessExclusiveLock|100|0|0|0|0");
	ck_assert_str_eq(trial_world.trial.statement->locks[0].kind, kinds[_i].words);
}
END_TEST

static const struct {
	const char *statement, *text;
} hidden[] = {
	{"alter table T add x int", "ACCESS EXCLUSIVE table public.t 50 since V1__a.sql;"},
	{"select 't1', _t from tt", ""},
	{"t", "ACCESS EXCLUSIVE table public.t 50 since V1__a.sql;"},
	{"t_ _t public_t 2t", ""},
	{"", ""},
};

START_TEST(says_since_when_a_lock_is_held)
{
	static const char locks[] = "1000|5|20|AccessShareLock,AccessExclusiveLock|100|0|0|0|0";

	trial_fixture_begin_watched("alter table t");
	trial_fixture_read_changes(locks);
	trial_fixture_begin(&trial_fixture_second, hidden[_i].statement);
	trial_fixture_read_changes(locks);
	ck_assert_str_eq(trial_fixture_text(), hidden[_i].text);
	trial_fixture_begin(&trial_fixture_second, hidden[_i].statement);
	trial_fixture_read_changes(locks);
	ck_assert_str_eq(trial_fixture_text(), "");
}
END_TEST

static const struct {
	const char *statement;
	bool names_it;
} quoted[] = {{"drop table \"My t\"", true},
              {"my T", true},
              {"drop table \"My\"", false},
              {"drop table t", false}};

START_TEST(knows_a_quoted_name)
{
	trial_fixture_give("survey", "20|app.\"My t\"|r|100|8192|50|-");
	trial_fixture_begin_watched("alter table \"My t\"");
	trial_fixture_read_changes("1000|5|20|AccessExclusiveLock|100|0|0|0|0");
	trial_fixture_begin(&trial_fixture_second, quoted[_i].statement);
	trial_fixture_read_changes("1000|5|20|AccessExclusiveLock|100|0|0|0|0");
	ck_assert_uint_eq(trial_world.trial.statement->locks_n, quoted[_i].names_it);
}
END_TEST

/* Of several locks that are held, it is the strongest that hides the new one. */
START_TEST(shows_the_strongest_lock_that_is_held)
{
	trial_fixture_begin_watched("select from t");
	trial_fixture_read_changes("1000|5|20|AccessShareLock,ShareLock|100|0|0|0|0");
	trial_fixture_begin(&trial_fixture_second, "alter table t");
	trial_fixture_read_changes("1000|5|20|AccessShareLock,ShareLock|100|0|0|0|0");
	ck_assert_str_eq(trial_fixture_text(), "SHARE table public.t 50 since V1__a.sql;");
}
END_TEST

START_TEST(does_not_ask_in_a_failed_transaction)
{
	trial_fixture_begin_watched("select 1");
	trial_world.status = TX_FAILED;
	trial_world.failing = "changes";
	ck_assert(trial_watch_changes(&trial_world.trial, &trial_world.scratch.err));
	trial_world.status = TX_ACTIVE;
	ck_assert(!trial_watch_changes(&trial_world.trial, &trial_world.scratch.err));
	ck_assert_str_eq(trial_world.scratch.err.message, "no changes");
}
END_TEST

/* --- who waits ----------------------------------------------------------------------------- */

#define WAITER "waiter|5|app|shop|active|20|AccessShareLock|12|select 1"

static void look(int64_t ms)
{
	trial_world.now_ms += ms;
	trial_watch_waits(&trial_world.trial);
}

START_TEST(sees_who_blocks_it)
{
	trial_fixture_begin_watched("alter table t");
	trial_fixture_give("waits",
	                   "self|4711|me|cflyway|active|20|AccessExclusiveLock|1|alter table t\n"
	                   "blocker|5|-|-|-|-|-|-|-\n"
	                   "blocker|6|app|shop|active|999|Wrong|7|select 1\n"
	                   "blocker|6|app|shop|active|-|-|7|select 1");
	look(100);
	look(100);
	ck_assert_str_eq(trial_fixture_text(),
	                 "ACCESS EXCLUSIVE table public.t 50; blocked by 5 - wants - - -; "
	                 "blocked by 6 app wants - - select 1;");
	ck_assert_ptr_null(trial_world.result.stopped);
}
END_TEST

START_TEST(looks_ten_times_a_second)
{
	trial_fixture_begin_watched("alter table t");
	look(99);
	ck_assert_uint_eq(trial_world.waits, 0);
	look(1);
	look(99);
	ck_assert_uint_eq(trial_world.waits, 1);
	look(1);
	ck_assert_uint_eq(trial_world.waits, 2);
}
END_TEST

START_TEST(stops_for_somebody_without_a_name)
{
	trial_fixture_begin_watched("alter table t");
	trial_fixture_give("waits", "waiter|6|-|-|-|-|-|-|-");
	look(1000);
	look(500);
	ck_assert_str_eq(trial_world.result.stopped, "process 6 of user ? had to wait for it");
}
END_TEST

START_TEST(stops_when_somebody_waits_for_long)
{
	trial_fixture_begin_watched("alter table t");
	trial_fixture_give("waits", WAITER "\nwaiter|6|-|-|-|-|-|-|-");
	look(1000);
	look(400);
	ck_assert_ptr_null(trial_world.result.stopped);
	look(100);
	ck_assert_str_eq(trial_world.result.stopped, "process 5 of user app had to wait for it");
	look(100);
	ck_assert_uint_eq(trial_world.cancels, 1);
	ck_assert_str_eq(
		trial_fixture_text(),
		"blocks 5 app wants ACCESS SHARE public.t select 1; blocks 6 - wants - - -;");
}
END_TEST

static const struct {
	const char *mode;
	int max_hold_ms;
	bool stops;
	int64_t begins_ms;
} holds[] = {
	{"ShareLock", 5000, true, 1000},
	{"ShareLock", 5000, true, 0},
	{"ShareUpdateExclusiveLock", 5000, false, 1000},
	{"AccessExclusiveLock", 5000, true, 1000},
	{"AccessExclusiveLock", 0, false, 1000},
	{"AccessExclusiveLock", 1, true, 1000},
};

START_TEST(stops_when_writes_have_waited_for_long)
{
	trial_world.result.max_hold_ms = holds[_i].max_hold_ms;
	trial_watch_open(&trial_world.trial);
	trial_world.now_ms = holds[_i].begins_ms;
	trial_fixture_begin(&trial_fixture_first, "alter table t");
	trial_fixture_read_changes(arena_printf(&trial_world.scratch.arena,
	                                        "1000|5|20|%s|100|0|0|0|0", holds[_i].mode));
	if (holds[_i].max_hold_ms > 1) {
		look(5000);
		ck_assert_ptr_null(trial_world.result.stopped);
	}
	look(100);
	ck_assert_int_eq(trial_world.result.stopped != NULL, holds[_i].stops);
	ck_assert_uint_eq(trial_world.cancels, holds[_i].stops);
}
END_TEST

/* --- who uses what ------------------------------------------------------------------------- */

static const struct {
	const char *name, *others, *mode, *text;
} conflicts[] = {
	{"a reader, and a lock that blocks it",
         "holder|5|app|shop|idle in transaction|20|AccessShareLock|12|select 1",
         "AccessExclusiveLock",
         "ACCESS EXCLUSIVE table public.t 50; "
         "against 5 app has ACCESS SHARE public.t select 1;"},
	{"a reader, and one that does not",
         "holder|5|app|shop|active|20|AccessShareLock|12|select 1", "ShareLock",
         "SHARE table public.t 50;"},
	{"somebody who waits already", "queued|5|app|shop|active|20|RowExclusiveLock|12|update t",
         "ShareLock",
         "SHARE table public.t 50; against 5 app wants ROW EXCLUSIVE public.t update t;"},
	{"one that was not there", "holder|5|app|shop|active|99|AccessExclusiveLock|12|refresh",
         "AccessExclusiveLock", "ACCESS EXCLUSIVE table public.t 50;"},
	{"two modes of one session",
         "holder|5|app|shop|active|20|RowShareLock|12|a\n"
         "holder|5|app|shop|active|20|RowExclusiveLock|12|a\n"
         "holder|6|app|shop|active|20|RowShareLock|12|b",
         "AccessExclusiveLock",
         "ACCESS EXCLUSIVE table public.t 50; against 5 app has ROW SHARE public.t a; "
         "against 6 app has ROW SHARE public.t b;"},
};

START_TEST(names_who_uses_what_it_locks)
{
	trial_fixture_give("others", conflicts[_i].others);
	trial_fixture_begin_watched("alter table t");
	trial_world.now_ms += 1000;
	trial_fixture_begin(&trial_fixture_first, "alter table t"); /* sees the same once more */
	trial_fixture_read_changes(arena_printf(&trial_world.scratch.arena,
	                                        "1000|5|20|%s|100|0|0|0|0", conflicts[_i].mode));
	ck_assert_msg(strcmp(trial_fixture_text(), conflicts[_i].text) == 0, "%s: %s",
	              conflicts[_i].name, trial_fixture_text());
}
END_TEST

/* Each session once, and not more of them than anybody reads. */
START_TEST(names_so_many_sessions)
{
	enum { MANY = 1010, NAMED = 20, SEEN = 1000 };
	struct buf rows = BUF_EMPTY(1 << 20);

	for (int i = 1; i <= MANY; i++)
		buf_printf(&rows, "holder|%d|app|shop|active|20|AccessShareLock|1|q\n", i);
	trial_fixture_give("others", buf_str(&rows).ptr);
	trial_fixture_begin_watched("alter table t");
	trial_world.now_ms += 1000;
	trial_fixture_begin(&trial_fixture_first, "alter table t");
	trial_fixture_read_changes("1000|5|20|AccessExclusiveLock|100|0|0|0|0");
	buf_release(&rows);
	const struct trial_sessions *named = &trial_world.trial.statement->locks[0].conflicts;

	ck_assert_uint_eq(named->n, NAMED);
	ck_assert_str_eq(named->items[0].pid, "1");
	ck_assert_str_eq(named->items[NAMED - 1].pid, "20");
	ck_assert_uint_eq(trial_world.trial.sightings_n, SEEN);
}
END_TEST

START_TEST(remembers_a_session_once)
{
	trial_fixture_give("others", "holder|5|app|shop|active|20|AccessShareLock|1|q\n"
	                             "holder|5|app|shop|active|20|AccessShareLock|1|q\n"
	                             "queued|5|app|shop|active|20|AccessShareLock|1|q\n"
	                             "holder|5|app|shop|active|20|RowShareLock|1|q\n"
	                             "holder|5|app|shop|active|23|AccessShareLock|1|q\n"
	                             "holder|6|app|shop|active|20|AccessShareLock|1|q");
	trial_fixture_begin_watched("alter table t");
	ck_assert_uint_eq(trial_world.trial.sightings_n, 5);
}
END_TEST

START_TEST(looks_at_others_once_a_second)
{
	trial_fixture_begin_watched("select 1");
	trial_world.now_ms += 999;
	trial_fixture_begin(&trial_fixture_first, "select 1");
	ck_assert_uint_eq(trial_world.others, 1);
	trial_world.now_ms += 1;
	trial_fixture_begin(&trial_fixture_first, "select 1");
	ck_assert_uint_eq(trial_world.others, 2);
}
END_TEST

/* Those who come later wait for the trial: they are no reason why it would wait. */
START_TEST(does_not_take_those_who_wait_for_it)
{
	trial_fixture_begin_watched("lock table t");
	trial_fixture_read_changes("1000|5|20|ShareLock|100|0|0|0|0");
	trial_fixture_give("others", "queued|5|app|shop|active|20|RowExclusiveLock|1|update t\n"
	                             "holder|6|app|shop|active|20|AccessShareLock|1|select 1");
	trial_world.now_ms += 1000;
	trial_fixture_begin(&trial_fixture_first, "alter table t");
	trial_fixture_read_changes("1000|5|20|ShareLock,AccessExclusiveLock|100|0|0|0|0");
	ck_assert_str_eq(trial_fixture_text(), "ACCESS EXCLUSIVE table public.t 50; "
	                                       "against 6 app has ACCESS SHARE public.t select 1;");
}
END_TEST

/* --- how often ----------------------------------------------------------------------------- */

static const struct {
	const char *mode;
	int64_t held_ms, reads, writes, slept_ms;
} forecasts[] = {
	{"AccessExclusiveLock", 600, 6, 12, 1200},    {"AccessExclusiveLock", 100, 1, 2, 1200},
	{"AccessExclusiveLock", 99, -1, -1, 0},       {"ShareLock", 600, 0, 12, 1200},
	{"ShareUpdateExclusiveLock", 600, -1, -1, 0},
};

START_TEST(counts_who_would_wait)
{
	trial_fixture_give("rates", "20|100|1000\n23|7|0");
	trial_fixture_begin_watched("alter table t");
	trial_fixture_give("changes", arena_printf(&trial_world.scratch.arena,
	                                           "1000|5|20|%s|100|0|0|0|0", forecasts[_i].mode));
	trial_world.now_ms = forecasts[_i].held_ms;
	ck_assert(trial_statement_done(&trial_world.trial, &trial_world.scratch.err));
	trial_watch_rates(&trial_world.trial);
	ck_assert_int_eq(trial_world.now_ms, forecasts[_i].held_ms + forecasts[_i].slept_ms);
	const struct trial_lock *lock = &trial_world.result.scripts[0].statements[0].locks[0];
	ck_assert_int_eq(lock->reads, forecasts[_i].reads);
	ck_assert_int_eq(lock->writes, forecasts[_i].writes);
}
END_TEST

START_TEST(counts_for_each_table)
{
	trial_fixture_give("rates", "20|112|1024\n23|7|0");
	trial_fixture_begin_watched("alter table t");
	trial_fixture_give("changes", "1000|5|23|AccessExclusiveLock|103|0|0|0|0");
	trial_world.now_ms = 1200;
	ck_assert(trial_statement_done(&trial_world.trial, &trial_world.scratch.err));
	trial_watch_rates(&trial_world.trial);
	const struct trial_lock *lock = &trial_world.result.scripts[0].statements[0].locks[0];
	ck_assert_int_eq(lock->reads, 2);
	ck_assert_int_eq(lock->writes, 3);
}
END_TEST

/* Who has pressed Ctrl-C does not wait for figures; nobody waits for what cannot be read. */
START_TEST(does_not_wait_in_vain)
{
	trial_fixture_begin_watched("alter table t");
	trial_fixture_give("changes", "1000|5|20|AccessExclusiveLock|100|0|0|0|0");
	trial_world.now_ms = 600;
	ck_assert(trial_statement_done(&trial_world.trial, &trial_world.scratch.err));
	if (_i == 0)
		trial_world.db.is_cancelled = 1;
	else
		trial_world.failing = "rates";
	trial_watch_rates(&trial_world.trial);
	ck_assert_int_eq(trial_world.now_ms, 600);
	ck_assert_int_eq(trial_world.result.scripts[0].statements[0].locks[0].reads, -1);
}
END_TEST

/* --- the connection ------------------------------------------------------------------------ */

#define NOT_WATCHED                                                                                \
	"INFO cflyway: dry run: no second connection watches the locks, only lock_timeout"

static const struct {
	const char *failing, *reason;
} failures[] = {
	{"open", "too many"},
	{"survey", "no survey"},
	{NULL, NULL},
};

START_TEST(goes_on_without_a_second_connection)
{
	const char *said = "";

	trial_world.failing = failures[_i].failing;
	trial_fixture_give("waits", WAITER);
	trial_fixture_begin_watched("select 1");
	if (trial_world.failing != NULL)
		said = arena_printf(&trial_world.scratch.arena, "%s: %s\n", NOT_WATCHED,
		                    failures[_i].reason);
	ck_assert_str_eq(scratch_lines(&trial_world.scratch), said);
	ck_assert_int_eq(trial_world.result.is_watched, trial_world.failing == NULL);
	look(1000);
	ck_assert_uint_eq(trial_world.waits, trial_world.failing == NULL);
	ck_assert_uint_eq(trial_world.others, trial_world.failing == NULL);
}
END_TEST

START_TEST(lists_the_sequences_that_moved)
{
	trial_fixture_give("sequences", "public.a|-\npublic.b|5\npublic.c|7\npublic.gone|1");
	trial_fixture_begin_watched("select 1");
	trial_fixture_give("sequences", "public.a|1\npublic.b|5\npublic.c|9\npublic.new|3");
	trial_watch_sequences(&trial_world.trial);
	ck_assert_uint_eq(trial_world.result.sequences_n, 3);
	ck_assert_str_eq(trial_world.result.sequences[0].name, "public.a");
	ck_assert_ptr_null(trial_world.result.sequences[0].before);
	ck_assert_ptr_null(trial_world.result.sequences[2].after);
	trial_world.failing = "sequences";
	trial_watch_sequences(&trial_world.trial);
	ck_assert_uint_eq(trial_world.result.sequences_n, 0);
}
END_TEST

Suite *trial_watch_suite(void)
{
	Suite *suite = suite_create("trial_watch");
	TCase *tc = tcase_create("trial_watch");

	tcase_add_checked_fixture(tc, trial_fixture_set_up, trial_fixture_tear_down);
	tcase_add_loop_test(tc, sees_what_a_statement_did, 0, COUNT(changes));
	tcase_add_test(tc, takes_differences);
	tcase_add_loop_test(tc, says_since_when_a_lock_is_held, 0, COUNT(hidden));
	tcase_add_loop_test(tc, names_the_kind_of_a_relation, 0, COUNT(kinds));
	tcase_add_loop_test(tc, knows_a_quoted_name, 0, COUNT(quoted));
	tcase_add_test(tc, shows_the_strongest_lock_that_is_held);
	tcase_add_test(tc, does_not_ask_in_a_failed_transaction);
	tcase_add_test(tc, sees_who_blocks_it);
	tcase_add_test(tc, looks_ten_times_a_second);
	tcase_add_test(tc, stops_when_somebody_waits_for_long);
	tcase_add_test(tc, stops_for_somebody_without_a_name);
	tcase_add_loop_test(tc, stops_when_writes_have_waited_for_long, 0, COUNT(holds));
	tcase_add_loop_test(tc, names_who_uses_what_it_locks, 0, COUNT(conflicts));
	tcase_add_test(tc, names_so_many_sessions);
	tcase_add_test(tc, remembers_a_session_once);
	tcase_add_test(tc, looks_at_others_once_a_second);
	tcase_add_test(tc, does_not_take_those_who_wait_for_it);
	tcase_add_loop_test(tc, counts_who_would_wait, 0, COUNT(forecasts));
	tcase_add_test(tc, counts_for_each_table);
	tcase_add_loop_test(tc, does_not_wait_in_vain, 0, 2);
	tcase_add_loop_test(tc, goes_on_without_a_second_connection, 0, COUNT(failures));
	tcase_add_test(tc, lists_the_sequences_that_moved);
	suite_add_tcase(suite, tc);
	return suite;
}
