/* SPDX-License-Identifier: Apache-2.0 */
/* commit_outcome.c - finds out how a COMMIT ended whose answer was lost with the connection */
#include "cflyway/core/commit_outcome.h"

#include "cflyway/core/session.h"

enum {
	TRIES = 20,
	PAUSE_MS = 100,
};

/*
 * The server may not have noticed yet that the client is gone, or another program holds the lock.
 * The lock is given back at once: under repeatable read its transaction cannot see the row.
 */
static bool wait_for_end(const struct run *run, struct db *db, struct error *err)
{
	const char *name = run->session->history.quoted;

	for (int i = 0; i < TRIES && !run->db->is_cancelled; i++) {
		bool is_free = false, ok;

		if (i > 0)
			run->clock->sleep_ms(run->clock, PAUSE_MS);
		if (!db_begin(db, err))
			return false;
		ok = db_try_lock(db, LOCK_TRANSACTION, name, &is_free, err);
		db_rollback(db);
		if (!ok || is_free)
			return ok;
	}
	return false;
}

struct answer {
	bool is_settled; /* the lost transaction has ended */
	struct db_description about;
	struct history_rows rows;
};

/* A standby may not know yet what its primary has committed. */
static bool describe(struct db *db, const struct history *history, struct db_description *about,
                     struct error *err)
{
	return db_describe(db, history->schema, history->table, about, err) &&
	       (!db->is_standby ||
	        error_set(err, ERROR_DB_CONNECTION, "The server that answers is a standby"));
}

static bool ask(const struct run *run, struct db *db, const struct commit_question *question,
                struct answer *answer, struct error *err)
{
	const struct history *history = &run->session->history;
	struct error ignored = ERROR_INIT(err->arena);
	const struct log silence = {0};

	if (!db_open(db, run->drivers, run->arena, run->settings, &silence, err) ||
	    !db_run_init_sql(db, err))
		return false;
	answer->is_settled = question->is_locked && wait_for_end(run, db, &ignored);
	if (!describe(db, history, &answer->about, err))
		return false;
	return !answer->about.history_exists ||
	       history_read(run->arena, db, history, &answer->rows, err);
}

enum commit_outcome commit_outcome_note(const struct run *run,
                                        const struct commit_question *question, struct error *err)
{
	struct error second = ERROR_INIT(run->arena);
	struct answer answer = {0};
	struct db db;
	enum commit_outcome outcome = COMMIT_UNKNOWN;

	if (db_tx_status(run->db) != TX_LOST)
		return COMMIT_FAILED;
	if (!ask(run, &db, question, &answer, &second)) {
		error_explain(err, NOTE_OUTCOME, "the connection was lost during COMMIT. %s",
		              question->unknown);
	} else {
		const char *sentence = answer.is_settled ? question->failed : question->missing;

		if (answer.is_settled)
			outcome = COMMIT_FAILED;
		if (question->has_succeeded(question->ctx,
		                            answer.about.history_exists ? &answer.rows : NULL)) {
			outcome = COMMIT_SUCCEEDED;
			sentence = question->succeeded;
		}
		error_explain(err, NOTE_OUTCOME, "the connection was lost during COMMIT. %s %s.",
		              sentence, run->session->history.quoted);
	}
	db_close(&db);
	return outcome;
}
