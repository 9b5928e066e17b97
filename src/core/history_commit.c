/* SPDX-License-Identifier: Apache-2.0 */
/* history_commit.c - writes the history row of a migration and commits both */
#include "history_commit.h"

#include "history_guard.h"
#include "migration_failure.h"
#include "migration_limits.h"
#include "step_row.h"

#include "cflyway/core/callbacks.h"
#include "cflyway/core/session.h"

/* --- the row ------------------------------------------------------------------------------- */

static struct history_row make_row(const struct execution *execution, const struct step *step,
                                   bool success)
{
	return step_row(execution->run, step, execution->executor->last_rank, success);
}

/* Has the script dropped or renamed the table? In a failed transaction only the code can tell. */
static bool is_table_missing(struct db *db, const struct history *history, const struct error *err)
{
	static const char undefined_table[] = "42P01";
	struct error ignored = ERROR_INIT(db->arena);
	bool exists = true;

	if (err->sql == NULL)
		return false;
	if (db_tx_status(db) == TX_FAILED)
		return str_same(err->sql->state, undefined_table);
	return db_table_exists(db, history->schema, history->table, &exists, &ignored) && !exists;
}

/* Flyway looks for the last rank before it writes the row, and says then that there is no table. */
static void log_missing_table(const struct run *run, const struct error *err)
{
	const struct history *history = &run->session->history;

	if (is_table_missing(run->db, history, err))
		history_log_missing(history, run->log);
}

/* An undo that leaves nothing: the row of the run goes, and with it perhaps the highest rank. */
static bool delete_undone(struct execution *execution, const struct step *step, struct error *err)
{
	const struct run *run = execution->run;

	if (!history_delete(run->db, &run->session->history, step->undoes, err)) {
		log_missing_table(run, err);
		return false;
	}
	if (execution->executor->last_rank == step->undoes->installed_rank)
		execution->executor->last_rank = step->rank_without;
	return true;
}

bool row_insert(struct execution *execution, struct step *step, bool success, struct error *err)
{
	const struct run *run = execution->run;
	struct history_row row = make_row(execution, step, success);

	if (!db_restore_role(run->db, err))
		return false;
	if (success && step->deletes_row)
		return delete_undone(execution, step, err);
	if (!history_insert(run->db, &run->session->history, &row, err)) {
		log_missing_table(run, err);
		return false;
	}
	execution->executor->last_rank = row.installed_rank;
	return true;
}

/*
 * SQLite can report an error that happened after the transaction was committed, as when it cannot
 * unlock the file, and libpq when it has no memory for the answer. An error of a server, which has
 * an SQLSTATE, means that nothing was committed.
 */
static bool is_committed_all_the_same(const struct execution *execution, int rank, bool is_deleted,
                                      struct error *err)
{
	const struct run *run = execution->run;
	struct error ignored = ERROR_INIT(run->arena);
	struct history_rows rows = {0};
	bool is_there = false;

	if (err->sql == NULL || err->sql->state != NULL || run->db->is_cancelled ||
	    db_tx_status(run->db) != TX_IDLE ||
	    !history_read(run->arena, run->db, &run->session->history, &rows, &ignored))
		return false;
	for (size_t i = 0; i < rows.n; i++)
		is_there |= rows.items[i].installed_rank == rank;
	if (is_there == is_deleted)
		return false;
	log_cflyway(run->log, "COMMIT reported an error, but it has succeeded: %s", err->message);
	error_clear(err);
	return true;
}

bool row_insert_alone(struct execution *execution, struct step *step, struct error *err)
{
	int rank = make_row(execution, step, true).installed_rank;

	if (db_tx_status(execution->run->db) == TX_LOST)
		return row_insert(execution, step, true, err);
	if (row_insert(execution, step, true, err) ||
	    is_committed_all_the_same(execution, rank, false, err))
		return true;
	/* It is not known then that it could not be written. */
	if (db_tx_status(execution->run->db) == TX_LOST)
		db_title(err, ERROR_DB_CONNECTION, "Unable to commit transaction");
	note_commit_outcome(execution, step, rank, err);
	return false;
}

/* Flyway says nothing about the migration (measured with a trigger and a constraint). */
static void explain_failure(struct execution *execution, struct error *err)
{
	struct executor *executor = execution->executor;
	const enum db_part failed = execution->run->db->failed_part;

	execution->has_refused_commit = failed == DB_PART_COMMIT;
	/* A row that failed has kept COMMIT from being carried out. */
	if (failed == DB_PART_ROW)
		log_missing_table(execution->run, err);
	else
		note_commit_outcome(execution, execution->current, executor->last_rank, err);
}

static bool delete_and_commit(struct execution *execution, struct step *step, struct error *err)
{
	struct db *db = execution->run->db;

	if (!db_restore_role(db, err) || !delete_undone(execution, step, err))
		return false;
	if (!db_commit(db, err) &&
	    !is_committed_all_the_same(execution, step->undoes->installed_rank, true, err)) {
		execution->has_refused_commit = true;
		note_commit_outcome(execution, step, execution->executor->last_rank, err);
		return db_title(err, ERROR_DB_CONNECTION, "Unable to commit transaction");
	}
	step->is_done = true;
	return true;
}

bool row_commit(struct execution *execution, struct step *step, struct error *err)
{
	const struct run *run = execution->run;
	struct executor *executor = execution->executor;
	struct history_row row = make_row(execution, step, true);
	enum db_flush flush = flush_delay_choose(&executor->delay, step, execution->next);

	execution->phase = PHASE_COMMIT;
	if (step->deletes_row)
		return delete_and_commit(execution, step, err);
	executor->last_rank = row.installed_rank;
	if (!history_commit(run->db, &run->session->history, &row, false, flush, err) &&
	    !is_committed_all_the_same(execution, row.installed_rank, false, err)) {
		explain_failure(execution, err);
		return false;
	}
	flush_delay_committed(&executor->delay, flush);
	step->is_done = true;
	return true;
}

/* --- together with the next step ----------------------------------------------------------- */

static bool is_plain(const struct step *step)
{
	const struct script_traits *traits = &step->traits;

	return step->migration->program == NULL && traits->runs_in_transaction &&
	       !traits->controls_transaction && !traits->changes_session && !traits->may_unlock;
}

bool row_may_wait(const struct execution *execution)
{
	struct db *db = execution->run->db;
	const struct step *next = execution->next;

	/* A failure of its COMMIT must be known while it can be run again. */
	if (migration_retries(execution->run, execution->current->migration).n > 0)
		return false;
	return next != NULL && db_can_queue_commit(db) && execution->n == 1 &&
	       is_plain(execution->current) && is_plain(next) && !execution->holds_session_lock &&
	       !execution->has_events_before && !callbacks_in_migrations(execution->run) &&
	       !execution->current->deletes_row && db_tx_status(db) == TX_ACTIVE;
}

bool row_send_waiting(struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	struct executor *executor = execution->executor;
	struct waiting_row *waiting = &executor->waiting;
	struct history_row row;

	if (waiting->step == NULL)
		return true;
	/* outside of a transaction, the row would count without its migration */
	if (db_tx_status(run->db) != TX_ACTIVE)
		return error_set(err, ERROR_GENERAL,
		                 "The transaction of the migration has ended without its row");
	row = make_row(execution, waiting->step, true);
	waiting->rank_before = executor->last_rank;
	waiting->flush = flush_delay_choose(&executor->delay, waiting->step, execution->steps);
	executor->last_rank = row.installed_rank;
	return history_commit(run->db, &run->session->history, &row, true, waiting->flush, err);
}

void row_committed(struct execution *execution)
{
	struct executor *executor = execution->executor;
	struct waiting_row *waiting = &executor->waiting;

	if (waiting->step == NULL)
		return;
	flush_delay_committed(&executor->delay, waiting->flush);
	waiting->step->is_done = true;
	waiting->step = NULL;
}

bool row_await_commit(struct execution *execution, struct error *err)
{
	struct db *db = execution->run->db;
	const struct waiting_row *waiting = &execution->executor->waiting;
	struct error second = ERROR_INIT(err->arena);

	/* What has failed may be the script's file, before anything came back from the server. */
	if (waiting->step != NULL && db->failed_part == DB_PART_SCRIPT &&
	    db_sync(db, &second) != DB_OK && waiting->step != NULL)
		*err = second;
	return waiting->step == NULL;
}

enum step_status row_fail(struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	struct executor *executor = execution->executor;
	struct step *step = executor->waiting.step;
	struct history_row row = {.version = step->migration->version};

	execution->current = step;
	execution->phase = PHASE_COMMIT;
	executor->waiting.step = NULL;
	history_fail_commit(run->db, &run->session->history, &row, err);
	explain_failure(execution, err);
	db_rollback(run->db);
	if (is_committed_all_the_same(execution, executor->last_rank, false, err)) {
		step->is_done = true;
		return STEP_STALE;
	}
	executor->last_rank = executor->waiting.rank_before;
	if (!history_has_changed(execution))
		return report_failure(execution, err);
	error_clear(err);
	return STEP_STALE;
}
