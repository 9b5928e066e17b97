/* SPDX-License-Identifier: Apache-2.0 */
/* step_finish.c - what comes after the script of a step, before its history row */
#include "step_finish.h"

#include "history_guard.h"
#include "migration_callbacks.h"
#include "step_start.h"

#include "cflyway/core/history_lock.h"

/*
 * A script that drops all session locks has dropped ours: takes it again, and looks whether the
 * history has changed meanwhile.
 */
static bool keep_lock(struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	struct db *db = run->db;
	struct db_guard guard = history_guard(execution);
	bool held = false;

	if (!execution->holds_session_lock || !execution->current->traits.may_unlock)
		return true;
	if (!db_has_lock(db, guard.table, &held, err))
		return false;
	if (held)
		return true;
	if (!history_lock_session(run, err))
		return false;
	switch (db_prepare_guarded(db, &guard, err)) {
	case DB_OK:
		return true;
	case DB_HISTORY_CHANGED:
		return error_set(
			err, ERROR_GENERAL,
			"%s has dropped the lock on %s, and another program has changed the "
			"history meanwhile",
			execution->current->migration->path, guard.table);
	default:
		return false;
	}
}

static void note_lost_commit(const struct execution *execution, struct error *err)
{
	if (db_tx_status(execution->run->db) == TX_LOST)
		error_explain(err, NOTE_OUTCOME,
		              "the connection was lost during COMMIT. It is not known whether what "
		              "%s has done is there to stay: look at the database before the next "
		              "run.",
		              execution->current->migration->path);
}

/* SET TRANSACTION READ ONLY in a script does not keep Flyway from writing its row. */
static bool ensure_writable(struct execution *execution, struct error *err)
{
	struct db *db = execution->run->db;
	bool committed = false;

	if (!execution->current->traits.changes_session)
		return true;
	if (!db_ensure_writable(db, &committed, err)) {
		if (committed)
			note_lost_commit(execution, err);
		return false;
	}
	if (committed)
		script_run_note_end(&execution->script, execution->current->migration);
	return true;
}

/*
 * A script that runs outside of a transaction may have begun its own and left it open.
 *
 * DIFFERS: with executeInTransaction=false for all scripts, Flyway writes the history row and
 * leaves this transaction to be rolled back with the end of the connection.
 */
static bool end_own_transaction(const struct execution *execution, struct error *err)
{
	struct db *db = execution->run->db;

	if (db_tx_status(db) == TX_IDLE || db_commit(db, err))
		return true;
	note_lost_commit(execution, err);
	return db_title(err, ERROR_DB_CONNECTION, "Unable to commit transaction");
}

bool step_finish(struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	struct step *step = execution->current;

	execution->phase = PHASE_AFTER;
	step->elapsed_ms = run->clock->monotonic_ms(run->clock) - execution->started_ms;
	step_log_stage(execution, step, PROGRESS_COMPLETED);
	if (!migration_callbacks_run(execution, EVENT_AFTER_EACH_MIGRATE, err))
		return false;
	if (!step->traits.runs_in_transaction && !end_own_transaction(execution, err))
		return false;
	return script_run_continue_transaction(&execution->script, err) &&
	       ensure_writable(execution, err) && keep_lock(execution, err);
}
