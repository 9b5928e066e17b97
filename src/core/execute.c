/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute.c - runs migrations: script and history row together
 *
 * Three ways to run a step, chosen by what the check of its script found:
 *
 * - in a transaction that also holds the lock and the row (all steps of a group share it);
 * - the same under a session lock, when the script begins or ends transactions itself;
 * - outside of any transaction under a session lock (VACUUM, CREATE INDEX CONCURRENTLY, …; a
 *   program).
 */
#include "cflyway/core/execute.h"

#include "execution.h"
#include "history_commit.h"
#include "history_guard.h"
#include "interruption.h"
#include "migration_callbacks.h"
#include "migration_failure.h"
#include "migration_retry.h"
#include "step_finish.h"
#include "step_start.h"

#include "cflyway/core/history_lock.h"
#include "cflyway/core/outcome.h"
#include "cflyway/core/session.h"

#include <assert.h>

/* --- the executor -------------------------------------------------------------------------- */

struct executor *executor_make(const struct run *run, const struct step_hooks *hooks)
{
	struct executor *executor = arena_alloc(run->arena, sizeof(*executor));

	*executor = (struct executor){
		.run = run,
		.hooks = hooks,
		.delay = {.run = run},
	};
	return executor;
}

void executor_set_last_rank(struct executor *executor, int last_rank)
{
	executor->last_rank = last_rank;
}

int executor_last_rank(const struct executor *executor)
{
	return executor->last_rank;
}

void executor_expect_steps(struct executor *executor, size_t n)
{
	progress_events_expect(&executor->progress, n);
}

bool executor_begin_steps(struct executor *executor, size_t n, struct error *err)
{
	return flush_delay_open(&executor->delay, n, executor->hooks->before_step != NULL, err);
}

void executor_end_steps(struct executor *executor, struct error *err)
{
	flush_delay_close(&executor->delay, err);
}

bool executor_row_waits(const struct executor *executor)
{
	return executor->waiting.step != NULL;
}

bool executor_is_interrupted(const struct executor *executor, struct error *err)
{
	if (!executor->run->db->is_cancelled || executor_row_waits(executor))
		return false;
	error_set(err, ERROR_GENERAL, "Interrupted");
	error_explain(
		err, NOTE_CAUSE,
		"interrupted between two migrations: those before it stay, and no other has begun");
	return true;
}

const struct migration *executor_failed(const struct executor *executor)
{
	return executor->failed;
}

/* --- in a transaction ---------------------------------------------------------------------- */

/*
 * The time limits of the current script. They end with the transaction, unless the script ends it
 * itself: then they are set for the session, and lifted at the end.
 */
static bool set_limits(const struct execution *execution, struct db_guard *guard, struct error *err)
{
	if (!execution->has_limits)
		return true;
	if (execution->current->traits.controls_transaction)
		return db_set_limits(execution->run->db, &execution->limits, err);
	guard->limits = &execution->limits;
	return true;
}

static bool has_lasting_limits(const struct execution *execution)
{
	return execution->has_limits && execution->current->traits.controls_transaction;
}

/* The transaction of the first step, and what comes before its script. */
static enum db_status begin_first(struct execution *execution, bool lock, struct error *err)
{
	struct db_guard guard = history_guard(execution);
	enum db_status status;

	if (!step_start_early(execution, err) || !set_limits(execution, &guard, err))
		return DB_FAILED;
	status = db_begin_guarded(execution->run->db, &guard, lock, err);
	return status == DB_OK ? step_start(execution, err) : status;
}

/* In a transaction: after what gives the script its settings back. */
static enum db_status set_lasting_limits(const struct execution *execution, struct error *err)
{
	enum db_status status = db_sync(execution->run->db, err);

	if (status == DB_OK && !db_set_limits(execution->run->db, &execution->limits, err))
		status = DB_FAILED;
	return status;
}

/* The same for the others of a group. */
static enum db_status begin_next(struct execution *execution, struct error *err)
{
	struct db_guard guard = history_guard(execution);
	enum db_status status;

	guard.check_history = false; /* the lock is held; the scripts before may have written */
	if (!has_lasting_limits(execution) && !set_limits(execution, &guard, err))
		return DB_FAILED;
	if (!execution->has_events_before)
		step_announce(execution, 0);
	status = db_prepare_guarded(execution->run->db, &guard, err);
	if (status == DB_OK && has_lasting_limits(execution))
		status = set_lasting_limits(execution, err);
	return status == DB_OK ? step_start(execution, err) : status;
}

/* The transaction may still be open afterwards if the status is not DB_OK. */
static enum db_status run_transaction(struct execution *execution, bool lock, struct error *err)
{
	for (size_t i = 0; i < execution->n; i++) {
		struct step *step = &execution->steps[i];
		enum db_status status;

		step_choose(execution, step);
		/* What was sent before the lock was known to be busy has never run. */
		script_listener_restart(&execution->script.listener);
		status = i == 0 ? begin_first(execution, lock, err) : begin_next(execution, err);
		if (status == DB_OK)
			status = script_run_execute(&execution->script, err);
		if (status == DB_FAILED && execution->phase == PHASE_SCRIPT)
			fail_script(execution, err);
		if (status != DB_OK)
			return status;
		if (!step_finish(execution, err))
			return DB_FAILED;
		if (i + 1 < execution->n && (!db_lift_limits(execution->run->db, err) ||
		                             !row_insert(execution, step, true, err)))
			return DB_FAILED;
	}
	if (!row_may_wait(execution))
		return row_commit(execution, execution->current, err) ? DB_OK : DB_FAILED;
	execution->executor->waiting.step = execution->current;
	return DB_OK;
}

static enum step_status execute_in_transaction(struct execution *execution, bool lock,
                                               struct error *err)
{
	const struct run *run = execution->run;
	int last_rank;

	if (!row_send_waiting(execution, err))
		return row_fail(execution, err);
	last_rank = execution->executor->last_rank;
	for (;;) {
		enum db_status status = run_transaction(execution, lock, err);

		if (status == DB_OK)
			return STEP_DONE;
		if (!row_await_commit(execution, err))
			return row_fail(execution, err);
		db_rollback(run->db);
		execution->executor->last_rank = last_rank;
		/* Before the script, the guards have looked at the history, or could not. */
		if (status == DB_FAILED && execution->phase != PHASE_GUARDS &&
		    execution->script.n_ends == 0 && history_has_changed(execution))
			status = DB_HISTORY_CHANGED;
		if (status == DB_HISTORY_CHANGED) {
			error_clear(err);
			return STEP_STALE;
		}
		if (status == DB_FAILED && !migration_retry_wait(execution, err))
			return report_failure(execution, err);
		if (status == DB_LOCK_BUSY && !history_lock_wait(run, err))
			return STEP_FAILED;
	}
}

/* --- under a session lock ------------------------------------------------------------------ */

static bool keeps_failed_row(const struct run *run)
{
	/* With the lock in a transaction (the default), Flyway rolls the row back with it. */
	return !db_has_transactional_lock(run->db) || !run->settings->postgresql_transactional_lock;
}

static enum step_status fail_without_transaction(struct execution *execution, struct step *step,
                                                 struct error *err)
{
	const struct run *run = execution->run;
	struct error second = ERROR_INIT(run->arena);

	if (execution->phase == PHASE_GUARDS)
		return STEP_FAILED;
	step->elapsed_ms = run->clock->monotonic_ms(run->clock) - execution->started_ms;
	if (db_tx_status(run->db) != TX_IDLE)
		db_rollback(run->db);
	if (execution->phase == PHASE_SCRIPT && keeps_failed_row(run) &&
	    step->migration->program == NULL) {
		if (row_insert(execution, step, false, &second))
			outcome_keep_failed_row(run, step->migration);
		else
			error_note(err, "the failed migration could not be recorded: %s",
			           second.message);
	}
	migration_retry_note_obstacle(execution, err);
	return report_failure(execution, err);
}

static enum step_status execute_without_transaction(struct execution *execution, struct error *err)
{
	struct step *step = execution->steps;
	struct db *db = execution->run->db;
	struct db_guard guard = history_guard(execution);
	enum db_status status;

	step_choose(execution, step);
	if (execution->has_limits)
		guard.limits = &execution->limits;
	status = db_prepare_guarded(db, &guard, err);
	if (status == DB_OK)
		status = step_start(execution, err);
	if (status == DB_OK)
		status = script_run_execute(&execution->script, err);
	if (status == DB_HISTORY_CHANGED)
		return STEP_STALE;
	if (status != DB_OK && execution->phase == PHASE_SCRIPT)
		fail_script(execution, err);
	if (status != DB_OK)
		return fail_without_transaction(execution, step, err);
	if (!step_finish(execution, err) || !row_insert_alone(execution, step, err))
		return report_failure(execution, err);
	step->is_done = true;
	warn_about_leftovers(execution);
	return STEP_DONE;
}

/* A program needs none: a transaction of ours could only block its own. */
static bool uses_transaction(const struct step *steps, size_t n)
{
	if (n == 1 && steps->migration->program != NULL)
		return steps->traits.shares_transaction;
	return steps->traits.runs_in_transaction;
}

static enum step_status execute_under_session_lock(struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	struct db *db = run->db;
	struct error second = ERROR_INIT(run->arena), ignored = ERROR_INIT(run->arena);
	enum step_status status;
	bool held = false;

	if (!history_lock_session(run, err))
		return STEP_FAILED;
	status = uses_transaction(execution->steps, execution->n)
	                 ? execute_in_transaction(execution, false, err)
	                 : execute_without_transaction(execution, err);
	(void)!db_lift_limits(db, &ignored);
	if (db_tx_status(db) == TX_LOST)
		return status;
	/* A connection that is lost only now has held it long enough. */
	if (db_unlock(db, run->session->history.quoted, &held, &second)
	            ? !held
	            : db_tx_status(db) != TX_LOST)
		log_cflyway(run->log,
		            "the lock on %s had been released before the end of the migration",
		            run->session->history.quoted);
	return status;
}

static void on_committed(void *ctx)
{
	row_committed(ctx);
}

static bool needs_session_lock(const struct run *run, const struct step *steps, size_t n)
{
	/* Where there is no session, what is left of what changes it is SET LOCAL. */
	const bool has_session = !run->db->pools_transactions;

	if (!uses_transaction(steps, n))
		return true;
	for (size_t i = 0; i < n; i++)
		/* After SET TRANSACTION the row may need a transaction of its own. */
		if (steps[i].traits.controls_transaction ||
		    (has_session && steps[i].traits.changes_session))
			return true;
	return false;
}

enum step_status execute_steps(struct executor *executor, struct step *steps, size_t n,
                               struct step *next, struct error *err)
{
	struct execution execution = {
		.executor = executor,
		.run = executor->run,
		.steps = steps,
		.n = n,
		.next = next,
		.has_events_before = executor->hooks->before_step != NULL,
	};
	enum step_status status;

	script_run_open(&execution.script, executor->run, step_guards_passed, &execution);
	execution.script.listener.committed = on_committed;
	execution.script.is_beginning = true;
	execution.script.uncommitted = &executor->waiting.step;
	migration_callbacks_open(&execution);
	execution.holds_session_lock = needs_session_lock(execution.run, steps, n);
	/* row_may_wait has made sure of it. */
	assert(executor->waiting.step == NULL || !execution.holds_session_lock);
	status = execution.holds_session_lock ? execute_under_session_lock(&execution, err)
	                                      : execute_in_transaction(&execution, true, err);
	if (status == STEP_FAILED)
		interruption_note(&execution, err);
	script_run_close(&execution.script);
	return status;
}

/* The last row is written with COMMIT. */
static bool write_rows(struct execution *execution, struct error *err)
{
	struct progress_events *progress = &execution->executor->progress;
	struct step *steps = execution->steps;
	size_t n = execution->n;

	for (size_t i = 0; i < n; i++) {
		execution->current = &steps[i];
		if (!step_fire_before(execution, err))
			return false;
		progress_events_expect(progress, 1);
		step_log_stage(execution, &steps[i], PROGRESS_SKIPPING);
		if (!(i + 1 < n ? row_insert(execution, &steps[i], true, err)
		                : row_commit(execution, &steps[i], err)))
			return false;
	}
	return true;
}

enum step_status execute_skipped(struct executor *executor, struct step *steps, size_t n,
                                 struct error *err)
{
	struct execution execution = {
		.executor = executor,
		.run = executor->run,
		.steps = steps,
		.n = n,
		.current = steps,
		.has_events_before = true, /* no script, no line */
	};
	struct db *db = executor->run->db;
	struct db_guard guard = history_guard(&execution);
	enum db_status status;

	if (!step_start_early(&execution, err))
		return STEP_FAILED;
	while ((status = db_begin_guarded(db, &guard, true, err)) == DB_LOCK_BUSY ||
	       (status == DB_OK && (status = db_sync(db, err)) == DB_LOCK_BUSY)) {
		db_rollback(db);
		if (!history_lock_wait(executor->run, err))
			return STEP_FAILED;
	}
	if (status == DB_OK)
		step_guards_passed(&execution, 0);
	if (status == DB_OK && write_rows(&execution, err))
		return STEP_DONE;
	db_rollback(db);
	return status == DB_HISTORY_CHANGED ? STEP_STALE : STEP_FAILED;
}
