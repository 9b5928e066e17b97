/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_trial_watch.c - what a trial finds out from the catalogue and from its second connection
 *
 * The driver answers each query of the trial with rows that the test has given. The clock stands
 * still unless the test moves it.
 */
#include "scratch.h"
#include "suites.h"

#include "../../src/core/trial_state.h"

#include "cflyway/core/trial.h"
#include "cflyway/db/driver.h"

#include <inttypes.h>

static const struct db_trial_sql sql = {
	.session = "session",
	.watching = "watching",
	.survey = "survey",
	.changes = "changes",
	.waits = "waits",
	.others = "others",
	.rates = "rates",
	.sequences = "sequences",
};

/* Columns are separated by "|"; "-" is NULL. */
struct answer {
	const char *query, *rows;
};

static struct {
	struct scratch scratch;
	struct settings settings;
	struct clock clock;
	struct db db;
	struct run run;
	struct trial trial;
	struct trial_result result;
	struct answer answers[8];
	size_t answers_n;
	const char *failing; /* a query that fails, or "open" */
	int64_t now_ms;
	size_t cancels, others, waits; /* calls */
	enum tx_status status;
} world;

/* --- the driver ---------------------------------------------------------------------------- */

static bool open_it(struct db *db, struct error *err)
{
	db->handle = &world;
	return !str_same(world.failing, "open") || error_set(err, ERROR_GENERAL, "too many");
}

static void close_it(struct db *db)
{
	db->handle = NULL;
}

static void cancel_it(struct db *db)
{
	ck_assert_ptr_eq(db, &world.db);
	world.cancels++;
}

static enum tx_status status_of(struct db *db)
{
	(void)db;
	return world.status;
}

static bool answer(const char *rows, db_row_fn *row, void *ctx, struct error *err)
{
	enum { COLUMNS_MAX = 10 };
	struct str lines = str_of(rows);

	while (lines.len > 0) {
		const char *values[COLUMNS_MAX] = {0};
		struct str line = str_cut(&lines, '\n');
		size_t n = 0;

		while (line.ptr != NULL) {
			struct str value = str_cut(&line, '|');

			ck_assert_uint_lt(n, COLUMNS_MAX);
			values[n++] = str_eq(value, STR("-"))
			                      ? NULL
			                      : str_dup(&world.scratch.arena, value);
		}
		if (!row(ctx, n, values, err))
			return false;
	}
	return true;
}

static bool query_it(struct db *db, const char *text, const char *const *args, size_t n,
                     db_row_fn *row, void *ctx, struct error *err)
{
	const bool is_worker = strcmp(text, "session") == 0 || strcmp(text, "changes") == 0;

	ck_assert_msg((db == &world.db) == is_worker, "%s by the other connection", text);
	db->affected = 0;
	world.others += strcmp(text, "others") == 0;
	world.waits += strcmp(text, "waits") == 0;
	if (strcmp(text, "others") == 0 || strcmp(text, "waits") == 0)
		ck_assert_str_eq(args[0], "4711");
	if (strcmp(text, "changes") == 0)
		ck_assert_str_eq(args[0], "1000");
	ck_assert_uint_eq(n, args != NULL);
	if (str_same(world.failing, text))
		return error_set(err, ERROR_GENERAL, "no %s", text);
	for (size_t i = 0; row != NULL && i < world.answers_n; i++)
		if (strcmp(world.answers[i].query, text) == 0)
			return answer(world.answers[i].rows, row, ctx, err);
	return true;
}

static const struct db_driver driver = {
	.name = "watched",
	.connection = {.open = open_it, .close = close_it, .query = query_it, .cancel = cancel_it},
	.transaction = {.status = status_of},
	.trial = {.sql = &sql},
};

/* --- the fixture --------------------------------------------------------------------------- */

static int64_t monotonic_ms(const struct clock *clock)
{
	(void)clock;
	return world.now_ms;
}

/* The n-th answer to a query replaces the one before. */
static void give(const char *query, const char *rows)
{
	size_t i = 0;

	while (i < world.answers_n && strcmp(world.answers[i].query, query) != 0)
		i++;
	world.answers_n += i == world.answers_n;
	world.answers[i] = (struct answer){query, rows};
}

static void sleep_ms(const struct clock *clock, int64_t ms)
{
	(void)clock;
	world.now_ms += ms;
	give("rates", "20|112|1024\n23|9|0\n99|5|5");
}

static const struct migration first = {.file_name = "V1__a.sql"};
static const struct migration second = {.file_name = "V2__b.sql"};

static void setup(void)
{
	memset(&world, 0, sizeof(world));
	scratch_open(&world.scratch);
	world.settings = (struct settings){.url = "jdbc:watched:"};
	world.clock = (struct clock){.monotonic_ms = monotonic_ms, .sleep_ms = sleep_ms};
	world.status = TX_ACTIVE;
	world.db = (struct db){
		.arena = &world.scratch.arena,
		.settings = &world.settings,
		.log = &world.scratch.log,
		.driver = &driver,
		.url = world.settings.url,
	};
	world.run = (struct run){
		.arena = &world.scratch.arena,
		.settings = &world.settings,
		.log = &world.scratch.log,
		.clock = &world.clock,
		.db = &world.db,
	};
	world.result = (struct trial_result){.lock_timeout_ms = 1000, .max_hold_ms = 5000};
	world.trial = (struct trial){
		.run = &world.run,
		.result = &world.result,
		.wal_bytes = -1,
		.held_since_ms = -1,
		.others_ms = -1,
	};
	give("session", "4711");
	give("survey", "20|public.t|r|100|8192|50|-\n"
	               "21|public.\"My i\"|i|101|16384|50|20\n"
	               "22|app.v|v|-|0|0|-\n"
	               "23|public.m|m|103|8192|7|-");
}

static void teardown(void)
{
	trial_watch_close(&world.trial);
	scratch_close(&world.scratch);
}

static void begin(const struct migration *file, const char *text)
{
	const struct statement statement = {.text = text, .len = strlen(text), .line = 1};

	trial_statement_begin(&world.trial, file, NULL, &statement);
}

static void begin_watched(const char *text)
{
	trial_watch_open(&world.trial);
	begin(&first, text);
}

/* --- texts --------------------------------------------------------------------------------- */

static void add_sessions(struct buf *out, const char *title, const struct trial_sessions *sessions)
{
	for (size_t i = 0; i < sessions->n; i++) {
		const struct trial_session *session = &sessions->items[i];

		buf_printf(out, "%s %s %s %s %s %s %s; ", title, session->pid,
		           session->user != NULL ? session->user : "-",
		           session->is_granted ? "has" : "wants",
		           session->mode != NULL ? session->mode : "-",
		           session->relation != NULL ? session->relation : "-",
		           session->query != NULL ? session->query : "-");
	}
}

static void add_lock(struct buf *out, const struct trial_lock *lock)
{
	buf_printf(out, "%s %s %s", lock->mode, lock->kind, lock->relation);
	if (lock->rows >= 0)
		buf_printf(out, " %" PRId64, lock->rows);
	if (lock->held_by != NULL)
		buf_printf(out, " since %s", lock->held_by);
	buf_add(out, "; ");
	add_sessions(out, "against", &lock->conflicts);
}

/* What the current statement has done: "MODE KIND NAME ROWS; new file NAME; NAME +1 ~2 -3 read". */
static const char *statement_text(void)
{
	const struct trial_statement *statement = world.trial.statement;
	struct buf out = BUF_EMPTY(1 << 16);

	for (size_t i = 0; i < statement->locks_n; i++)
		add_lock(&out, &statement->locks[i]);
	for (size_t i = 0; i < statement->rewritten.n; i++)
		buf_printf(&out, "new file %s; ", statement->rewritten.items[i]);
	for (size_t i = 0; i < statement->changes_n; i++) {
		const struct trial_change *change = &statement->changes[i];

		buf_printf(&out, "%s +%" PRId64 " ~%" PRId64 " -%" PRId64 "%s; ", change->relation,
		           change->rows[0], change->rows[1], change->rows[2],
		           change->is_scanned ? " read" : "");
	}
	add_sessions(&out, "blocked by", &statement->blockers);
	add_sessions(&out, "blocks", &statement->waiters);
	const char *text = str_dup(&world.scratch.arena, str_trim(buf_str(&out)));

	buf_release(&out);
	return text;
}

static void read_changes(const char *rows)
{
	give("changes", rows);
	ck_assert_msg(trial_watch_changes(&world.trial, &world.scratch.err), "%s",
	              world.scratch.err.message);
}

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
	begin_watched("select 1");
	read_changes(changes[_i].rows);
	ck_assert_msg(strcmp(statement_text(), changes[_i].text) == 0, "%s: %s", changes[_i].name,
	              statement_text());
}
END_TEST

START_TEST(takes_differences)
{
	give("changes", "1000|400|-|-|-|-|-|-|-"); /* between the scripts */
	begin_watched("insert into t");
	ck_assert_int_eq((int)world.trial.statement->wal_bytes, -1);
	read_changes("1000|500|20|RowExclusiveLock|100|3|0|0|0");
	ck_assert_int_eq((int)world.trial.statement->wal_bytes, 100);
	begin(&first, "alter table t");
	read_changes("1000|740|20|RowExclusiveLock,AccessExclusiveLock|200|5|1|0|0");
	ck_assert_int_eq((int)world.trial.statement->wal_bytes, 240);
	ck_assert_str_eq(statement_text(), "ACCESS EXCLUSIVE table public.t 50; new file public.t; "
	                                   "public.t +2 ~1 -0;");
}
END_TEST

static const struct {
	const char *statement, *text;
} hidden[] = {
	{"alter table T add x int", "ACCESS EXCLUSIVE table public.t 50 since V1__a.sql;"},
	{"select 't1', _t from tt", ""},
	{"t", "ACCESS EXCLUSIVE table public.t 50 since V1__a.sql;"},
};

START_TEST(says_since_when_a_lock_is_held)
{
	static const char locks[] = "1000|5|20|AccessShareLock,AccessExclusiveLock|100|0|0|0|0";

	begin_watched("alter table t");
	read_changes(locks);
	begin(&second, hidden[_i].statement);
	read_changes(locks);
	ck_assert_str_eq(statement_text(), hidden[_i].text);
	begin(&second, hidden[_i].statement);
	read_changes(locks);
	ck_assert_str_eq(statement_text(), "");
}
END_TEST

START_TEST(does_not_ask_in_a_failed_transaction)
{
	begin_watched("select 1");
	world.status = TX_FAILED;
	world.failing = "changes";
	ck_assert(trial_watch_changes(&world.trial, &world.scratch.err));
	world.status = TX_ACTIVE;
	ck_assert(!trial_watch_changes(&world.trial, &world.scratch.err));
	ck_assert_str_eq(world.scratch.err.message, "no changes");
}
END_TEST

/* --- who waits ----------------------------------------------------------------------------- */

#define WAITER "waiter|5|app|shop|active|20|AccessShareLock|12|select 1"

static void look(int64_t ms)
{
	world.now_ms += ms;
	trial_watch_waits(&world.trial);
}

START_TEST(sees_who_blocks_it)
{
	begin_watched("alter table t");
	give("waits", "self|4711|me|cflyway|active|20|AccessExclusiveLock|1|alter table t\n"
	              "blocker|5|-|-|-|-|-|-|-\n"
	              "blocker|6|app|shop|active|999|Wrong|7|select 1\n"
	              "blocker|6|app|shop|active|-|-|7|select 1");
	look(100);
	look(100);
	ck_assert_str_eq(statement_text(),
	                 "ACCESS EXCLUSIVE table public.t 50; blocked by 5 - wants - - -; "
	                 "blocked by 6 app wants - - select 1;");
	ck_assert_ptr_null(world.result.stopped);
}
END_TEST

START_TEST(looks_ten_times_a_second)
{
	begin_watched("alter table t");
	look(99);
	ck_assert_uint_eq(world.waits, 0);
	look(1);
	look(99);
	ck_assert_uint_eq(world.waits, 1);
	look(1);
	ck_assert_uint_eq(world.waits, 2);
}
END_TEST

START_TEST(stops_when_somebody_waits_for_long)
{
	begin_watched("alter table t");
	give("waits", WAITER "\nwaiter|6|-|-|-|-|-|-|-");
	look(1000);
	look(400);
	ck_assert_ptr_null(world.result.stopped);
	look(100);
	ck_assert_str_eq(world.result.stopped, "process 5 of user app had to wait for it");
	look(100);
	ck_assert_uint_eq(world.cancels, 1);
	ck_assert_str_eq(
		statement_text(),
		"blocks 5 app wants ACCESS SHARE public.t select 1; blocks 6 - wants - - -;");
}
END_TEST

static const struct {
	const char *mode;
	int max_hold_ms;
	bool stops;
} holds[] = {
	{"ShareLock", 5000, true},
	{"ShareUpdateExclusiveLock", 5000, false},
	{"AccessExclusiveLock", 5000, true},
	{"AccessExclusiveLock", 0, false},
};

START_TEST(stops_when_writes_have_waited_for_long)
{
	world.result.max_hold_ms = holds[_i].max_hold_ms;
	trial_watch_open(&world.trial);
	world.now_ms = 1000;
	begin(&first, "alter table t");
	read_changes(
		arena_printf(&world.scratch.arena, "1000|5|20|%s|100|0|0|0|0", holds[_i].mode));
	look(5000);
	ck_assert_ptr_null(world.result.stopped);
	look(100);
	ck_assert_int_eq(world.result.stopped != NULL, holds[_i].stops);
	ck_assert_uint_eq(world.cancels, holds[_i].stops);
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
	give("others", conflicts[_i].others);
	begin_watched("alter table t");
	world.now_ms += 1000;
	begin(&first, "alter table t"); /* sees the same once more */
	read_changes(
		arena_printf(&world.scratch.arena, "1000|5|20|%s|100|0|0|0|0", conflicts[_i].mode));
	ck_assert_msg(strcmp(statement_text(), conflicts[_i].text) == 0, "%s: %s",
	              conflicts[_i].name, statement_text());
}
END_TEST

START_TEST(looks_at_others_once_a_second)
{
	begin_watched("select 1");
	world.now_ms += 999;
	begin(&first, "select 1");
	ck_assert_uint_eq(world.others, 1);
	world.now_ms += 1;
	begin(&first, "select 1");
	ck_assert_uint_eq(world.others, 2);
}
END_TEST

/* Those who come later wait for the trial: they are no reason why it would wait. */
START_TEST(does_not_take_those_who_wait_for_it)
{
	begin_watched("lock table t");
	read_changes("1000|5|20|ShareLock|100|0|0|0|0");
	give("others", "queued|5|app|shop|active|20|RowExclusiveLock|1|update t\n"
	               "holder|6|app|shop|active|20|AccessShareLock|1|select 1");
	world.now_ms += 1000;
	begin(&first, "alter table t");
	read_changes("1000|5|20|ShareLock,AccessExclusiveLock|100|0|0|0|0");
	ck_assert_str_eq(statement_text(), "ACCESS EXCLUSIVE table public.t 50; "
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
	give("rates", "20|100|1000\n23|7|0");
	begin_watched("alter table t");
	give("changes",
	     arena_printf(&world.scratch.arena, "1000|5|20|%s|100|0|0|0|0", forecasts[_i].mode));
	world.now_ms = forecasts[_i].held_ms;
	ck_assert(trial_statement_done(&world.trial, &world.scratch.err));
	trial_watch_rates(&world.trial);
	ck_assert_int_eq(world.now_ms, forecasts[_i].held_ms + forecasts[_i].slept_ms);
	const struct trial_lock *lock = &world.result.scripts[0].statements[0].locks[0];
	ck_assert_int_eq(lock->reads, forecasts[_i].reads);
	ck_assert_int_eq(lock->writes, forecasts[_i].writes);
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

	world.failing = failures[_i].failing;
	give("waits", WAITER);
	begin_watched("select 1");
	if (world.failing != NULL)
		said = arena_printf(&world.scratch.arena, "%s: %s\n", NOT_WATCHED,
		                    failures[_i].reason);
	ck_assert_str_eq(scratch_lines(&world.scratch), said);
	ck_assert_int_eq(world.result.is_watched, world.failing == NULL);
	look(1000);
	ck_assert_uint_eq(world.waits, world.failing == NULL);
	ck_assert_uint_eq(world.others, world.failing == NULL);
}
END_TEST

START_TEST(lists_the_sequences_that_moved)
{
	give("sequences", "public.a|-\npublic.b|5\npublic.c|7\npublic.gone|1");
	begin_watched("select 1");
	give("sequences", "public.a|1\npublic.b|5\npublic.c|9\npublic.new|3");
	trial_watch_sequences(&world.trial);
	ck_assert_uint_eq(world.result.sequences_n, 3);
	ck_assert_str_eq(world.result.sequences[0].name, "public.a");
	ck_assert_ptr_null(world.result.sequences[0].before);
	ck_assert_ptr_null(world.result.sequences[2].after);
	world.failing = "sequences";
	trial_watch_sequences(&world.trial);
	ck_assert_uint_eq(world.result.sequences_n, 0);
}
END_TEST

Suite *trial_watch_suite(void)
{
	Suite *suite = suite_create("trial_watch");
	TCase *tc = tcase_create("trial_watch");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, sees_what_a_statement_did, 0, COUNT(changes));
	tcase_add_test(tc, takes_differences);
	tcase_add_loop_test(tc, says_since_when_a_lock_is_held, 0, COUNT(hidden));
	tcase_add_test(tc, does_not_ask_in_a_failed_transaction);
	tcase_add_test(tc, sees_who_blocks_it);
	tcase_add_test(tc, looks_ten_times_a_second);
	tcase_add_test(tc, stops_when_somebody_waits_for_long);
	tcase_add_loop_test(tc, stops_when_writes_have_waited_for_long, 0, COUNT(holds));
	tcase_add_loop_test(tc, names_who_uses_what_it_locks, 0, COUNT(conflicts));
	tcase_add_test(tc, looks_at_others_once_a_second);
	tcase_add_test(tc, does_not_take_those_who_wait_for_it);
	tcase_add_loop_test(tc, counts_who_would_wait, 0, COUNT(forecasts));
	tcase_add_loop_test(tc, goes_on_without_a_second_connection, 0, COUNT(failures));
	tcase_add_test(tc, lists_the_sequences_that_moved);
	suite_add_tcase(suite, tc);
	return suite;
}
