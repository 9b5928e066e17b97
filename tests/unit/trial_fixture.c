/* SPDX-License-Identifier: Apache-2.0 */
/* trial_fixture.c - a trial that is watched, on a driver that answers what the test has given */
#include "trial_fixture.h"

#include "suites.h"

#include "cflyway/db/driver.h"

#include <inttypes.h>

const struct migration trial_fixture_first = {.file_name = "V1__a.sql"};
const struct migration trial_fixture_second = {.file_name = "V2__b.sql"};

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

struct trial_fixture trial_world;

/* --- the driver ---------------------------------------------------------------------------- */

static bool open_it(struct db *db, struct error *err)
{
	db->handle = &trial_world;
	return !str_same(trial_world.failing, "open") || error_set(err, ERROR_GENERAL, "too many");
}

static void close_it(struct db *db)
{
	db->handle = NULL;
}

static void cancel_it(struct db *db)
{
	ck_assert_ptr_eq(db, &trial_world.db);
	trial_world.cancels++;
}

static enum tx_status status_of(struct db *db)
{
	(void)db;
	return trial_world.status;
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
			                      : str_dup(&trial_world.scratch.arena, value);
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

	ck_assert_msg((db == &trial_world.db) == is_worker, "%s by the other connection", text);
	db->affected = 0;
	trial_world.others += strcmp(text, "others") == 0;
	trial_world.waits += strcmp(text, "waits") == 0;
	if (strcmp(text, "others") == 0 || strcmp(text, "waits") == 0)
		ck_assert_str_eq(args[0], "4711");
	if (strcmp(text, "changes") == 0)
		ck_assert_str_eq(args[0], "1000");
	ck_assert_uint_eq(n, args != NULL);
	if (str_same(trial_world.failing, text))
		return error_set(err, ERROR_GENERAL, "no %s", text);
	for (size_t i = 0; row != NULL && i < trial_world.answers_n; i++)
		if (strcmp(trial_world.answers[i].query, text) == 0)
			return answer(trial_world.answers[i].rows, row, ctx, err);
	return true;
}

static const struct db_driver driver = {
	.name = "watched",
	.dialect = &dialect_postgres,
	.connection = {.open = open_it, .close = close_it, .query = query_it, .cancel = cancel_it},
	.transaction = {.status = status_of},
	.trial = {.sql = &sql},
};

/* --- the fixture --------------------------------------------------------------------------- */

static int64_t monotonic_ms(const struct clock *clock)
{
	(void)clock;
	return trial_world.now_ms;
}

/* The n-th answer to a query replaces the one before. */
void trial_fixture_give(const char *query, const char *rows)
{
	size_t i = 0;

	while (i < trial_world.answers_n && strcmp(trial_world.answers[i].query, query) != 0)
		i++;
	trial_world.answers_n += i == trial_world.answers_n;
	trial_world.answers[i] = (struct trial_answer){query, rows};
}

static void sleep_ms(const struct clock *clock, int64_t ms)
{
	(void)clock;
	trial_world.now_ms += ms;
	trial_fixture_give("rates", "20|112|1024\n23|9|3\n99|5|5");
}

void trial_fixture_set_up(void)
{
	memset(&trial_world, 0, sizeof(trial_world));
	scratch_open(&trial_world.scratch);
	trial_world.settings = (struct settings){.url = "jdbc:watched:"};
	trial_world.clock = (struct clock){.monotonic_ms = monotonic_ms, .sleep_ms = sleep_ms};
	trial_world.status = TX_ACTIVE;
	trial_world.db = (struct db){
		.arena = &trial_world.scratch.arena,
		.settings = &trial_world.settings,
		.log = &trial_world.scratch.log,
		.driver = &driver,
		.url = trial_world.settings.url,
	};
	trial_world.run = (struct run){
		.arena = &trial_world.scratch.arena,
		.settings = &trial_world.settings,
		.log = &trial_world.scratch.log,
		.clock = &trial_world.clock,
		.db = &trial_world.db,
	};
	trial_world.result = (struct trial_result){.lock_timeout_ms = 1000, .max_hold_ms = 5000};
	trial_world.trial = (struct trial){
		.run = &trial_world.run,
		.result = &trial_world.result,
		.wal_bytes = -1,
		.held_since_ms = -1,
		.others_ms = -1,
	};
	trial_fixture_give("session", "4711");
	trial_fixture_give("survey", "20|public.t|r|100|8192|50|-\n"
	                             "21|public.\"My i\"|i|101|16384|50|20\n"
	                             "22|app.v|v|-|0|0|-\n"
	                             "23|public.m|m|103|8192|7|-");
}

void trial_fixture_tear_down(void)
{
	trial_watch_close(&trial_world.trial);
	scratch_close(&trial_world.scratch);
}

void trial_fixture_begin(const struct migration *file, const char *text)
{
	const struct statement statement = {.text = text, .len = strlen(text), .line = 1};

	trial_statement_begin(&trial_world.trial, file, NULL, &statement);
}

void trial_fixture_begin_watched(const char *text)
{
	trial_watch_open(&trial_world.trial);
	trial_fixture_begin(&trial_fixture_first, text);
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
const char *trial_fixture_text(void)
{
	const struct trial_statement *statement = trial_world.trial.statement;
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
	const char *text = str_dup(&trial_world.scratch.arena, str_trim(buf_str(&out)));

	buf_release(&out);
	return text;
}

void trial_fixture_read_changes(const char *rows)
{
	trial_fixture_give("changes", rows);
	ck_assert_msg(trial_watch_changes(&trial_world.trial, &trial_world.scratch.err), "%s",
	              trial_world.scratch.err.message);
}
