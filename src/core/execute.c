/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three ways to run a step, chosen by what the check of its script told:
 *
 * - in a transaction that also holds the lock and the row (all steps of a group share it);
 * - the same under a session lock, when the script begins or ends transactions itself;
 * - outside of any transaction under a session lock (VACUUM, CREATE INDEX CONCURRENTLY, …; a
 *   script that is not SQL).
 */
#include "cflyway/core/execute.h"

#include "execution.h"

#include "cflyway/core/lock.h"
#include "cflyway/core/session.h"

#include <assert.h>

/* --- starting ------------------------------------------------------------------------------ */

static void say_stage(const struct execution *execution, const struct step *step,
                      enum progress_stage stage)
{
	progress_event_log(&execution->executor->progress, execution->run, step->migration, stage);
}

/* What comes before the callbacks that come before the line. */
static void start(const struct execution *execution, const struct step *step)
{
	if (step == execution->steps)
		progress_events_expect(&execution->executor->progress, execution->n);
	say_stage(execution, step, PROGRESS_STARTING);
}

static void announce(struct execution *execution, struct step *step, int64_t ago_ms)
{
	const struct run *run = execution->run;

	if (!execution->has_callbacks_before)
		start(execution, step);
	execution->current = step;
	execution->completed = 0;
	execution->in_script = true;
	log_info(run->log, "Migrating %s", step_describe(run, step));
	say_stage(execution, step, PROGRESS_MIGRATING);
	execution->started_ms = run->clock->monotonic_ms(run->clock) - ago_ms;
}

/* The driver calls this as soon as it knows that lock and history are ours. */
static void on_started(void *ctx, int64_t ago_ms)
{
	struct execution *execution = ctx;

	if (execution->has_started)
		return;
	execution->has_started = true;
	if (execution->executor->starting != NULL)
		execution->executor->starting(execution->executor->ctx);
	if (!execution->has_callbacks_before)
		announce(execution, &execution->steps[0], ago_ms);
}

static void on_committed(void *ctx)
{
	row_committed(ctx);
}

static bool fire_before(const struct executor *executor, const struct step *step, struct error *err)
{
	return executor->before == NULL || executor->before(executor->ctx, step, err);
}

/*
 * Where the lock of a transaction would keep the connections of callbacks out, what comes before
 * the first step comes before its transaction.
 */
static bool precedes_transaction(const struct executor *executor)
{
	return executor->before != NULL && !db_has_transactional_lock(executor->run->db);
}

/* What comes between the guards, which have passed then, and the script. */
static enum db_status precede(struct execution *execution, struct step *step, struct error *err)
{
	enum db_status status = DB_OK;

	if (execution->has_callbacks_before) {
		status = db_sync(execution->run->db, err);
		if (status != DB_OK)
			return status;
		script_listener_restart(&execution->listener);
		if (!fire_before(execution->executor, step, err))
			return DB_FAILED;
		start(execution, step);
		if (!migration_event(execution, EVENT_BEFORE_EACH_MIGRATE, err))
			return DB_FAILED;
		announce(execution, step, 0);
	}
	return status;
}

/* --- before the row ----------------------------------------------------------------------- */

/*
 * A script that drops all session locks has dropped ours: take it again before the row is written,
 * and look what happened meanwhile.
 */
static bool keep_lock(struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	struct db *db = run->db;
	struct db_guard guard = make_guard(execution);
	bool held = false;

	if (!execution->holds_session_lock || !execution->current->traits.may_unlock)
		return true;
	if (!db_has_lock(db, guard.table, &held, err))
		return false;
	if (held)
		return true;
	if (!lock_session(run, err))
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

static bool ensure_writable(struct execution *execution, const struct step *step, struct error *err)
{
	struct db *db = execution->run->db;
	bool committed = false;

	if (!step->traits.changes_session)
		return true;
	if (!db_ensure_writable(db, &committed, err))
		return false;
	execution->committed_itself |= committed;
	return true;
}

/* Outside of a transaction the script may have begun one of its own and left it open. */
static bool end_own_transaction(const struct execution *execution, struct error *err)
{
	struct db *db = execution->run->db;

	if (db_tx_status(db) == TX_IDLE || db_commit(db, err))
		return true;
	return db_title(err, ERROR_DB_CONNECTION, "Unable to commit transaction");
}

/* All but the row. */
static bool finish_script(struct execution *execution, struct step *step, struct error *err)
{
	const struct run *run = execution->run;

	execution->in_script = false;
	step->elapsed_ms = run->clock->monotonic_ms(run->clock) - execution->started_ms;
	say_stage(execution, step, PROGRESS_COMPLETED);
	if (!migration_event(execution, EVENT_AFTER_EACH_MIGRATE, err))
		return false;
	if (!step->traits.runs_in_transaction && !end_own_transaction(execution, err))
		return false;
	return continue_transaction(execution, err) && ensure_writable(execution, step, err) &&
	       keep_lock(execution, err);
}

/* --- in a transaction ---------------------------------------------------------------------- */

static enum db_status begin_step(struct execution *execution, size_t i, bool lock,
                                 struct error *err)
{
	struct db *db = execution->run->db;
	struct db_guard guard = make_guard(execution);
	struct step *step = &execution->steps[i];
	enum db_status status;

	guard.check_history = i == 0; /* the lock is held; the scripts before may have written */
	script_listener_restart(&execution->listener);
	if (i == 0 && precedes_transaction(execution->executor)) {
		on_started(execution, 0);
		if (!fire_before(execution->executor, step, err))
			return DB_FAILED;
	}
	if (i > 0 && !execution->has_callbacks_before)
		announce(execution, step, 0);
	status = i == 0 ? db_begin_guarded(db, &guard, lock, err)
	                : db_prepare_guarded(db, &guard, err);
	return status == DB_OK ? precede(execution, step, err) : status;
}

/* The transaction may still be open afterwards if the status is not DB_OK. */
static enum db_status run_transaction(struct execution *execution, bool lock, struct error *err)
{
	for (size_t i = 0; i < execution->n; i++) {
		struct step *step = &execution->steps[i];
		enum db_status status;

		execution->current = step;
		status = begin_step(execution, i, lock, err);
		if (status == DB_OK)
			status = run_script(execution, step, err);
		if (status == DB_FAILED && execution->in_script)
			fail_script(execution, err);
		if (status != DB_OK)
			return status;
		if (!finish_script(execution, step, err) ||
		    (i + 1 < execution->n && !row_insert(execution, step, true, err)))
			return DB_FAILED;
	}
	if (!row_may_wait(execution))
		return row_commit(execution, execution->current, err) ? DB_OK : DB_FAILED;
	execution->executor->open = execution->current;
	return DB_OK;
}

static enum step_status execute_in_transaction(struct execution *execution, bool lock,
                                               struct error *err)
{
	const struct run *run = execution->run;
	int last_rank;

	if (!row_queue(execution, err))
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
		if (status == DB_FAILED && !execution->committed_itself &&
		    history_has_changed(execution))
			status = DB_HISTORY_CHANGED;
		if (status == DB_HISTORY_CHANGED) {
			error_clear(err);
			return STEP_STALE;
		}
		if (status == DB_FAILED)
			return report_failure(execution, err);
		if (!lock_wait(run, err))
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

	if (!execution->has_started)
		return STEP_FAILED;
	step->elapsed_ms = run->clock->monotonic_ms(run->clock) - execution->started_ms;
	if (db_tx_status(run->db) != TX_IDLE)
		db_rollback(run->db);
	if (execution->in_script && keeps_failed_row(run) && step->migration->program == NULL &&
	    !row_insert(execution, step, false, &second))
		error_note(err, "the failed migration could not be recorded: %s", second.message);
	return report_failure(execution, err);
}

static enum step_status execute_without_transaction(struct execution *execution, struct error *err)
{
	struct step *step = execution->steps;
	struct db *db = execution->run->db;
	struct db_guard guard = make_guard(execution);
	enum db_status status;

	execution->current = step;
	script_listener_restart(&execution->listener);
	status = db_prepare_guarded(db, &guard, err);
	if (status == DB_OK)
		status = precede(execution, step, err);
	if (status == DB_OK)
		status = run_script(execution, step, err);
	if (status == DB_HISTORY_CHANGED)
		return STEP_STALE;
	if (status != DB_OK && execution->in_script)
		fail_script(execution, err);
	if (status != DB_OK)
		return fail_without_transaction(execution, step, err);
	if (!finish_script(execution, step, err) || !row_insert(execution, step, true, err))
		return report_failure(execution, err);
	step->is_done = true;
	warn_about_leftovers(execution);
	return STEP_DONE;
}

/* A program by itself needs none, and would only be in the way of its own transaction. */
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
	struct error second = ERROR_INIT(run->arena);
	enum step_status status;
	bool held = false;

	if (!lock_session(run, err))
		return STEP_FAILED;
	execution->holds_session_lock = true;
	status = uses_transaction(execution->steps, execution->n)
	                 ? execute_in_transaction(execution, false, err)
	                 : execute_without_transaction(execution, err);
	if (db_tx_status(db) != TX_LOST &&
	    (!db_unlock(db, run->session->history.quoted, &held, &second) || !held))
		log_cflyway(run->log,
		            "the lock on %s had been released before the end of the migration",
		            run->session->history.quoted);
	return status;
}

enum step_status execute_steps(struct executor *executor, struct step *steps, size_t n,
                               struct error *err)
{
	struct execution execution = {
		.executor = executor,
		.run = executor->run,
		.steps = steps,
		.n = n,
	};
	bool session_lock;
	enum step_status status;

	migration_events_open(&execution);
	session_lock = !uses_transaction(steps, n);
	for (size_t i = 0; i < n; i++) {
		assert(n == 1 || steps[i].traits.runs_in_transaction);
		/* SET TRANSACTION may make a transaction of its own for the row necessary. */
		session_lock |=
			steps[i].traits.controls_transaction || steps[i].traits.changes_session;
	}
	assert(executor->open == NULL || !session_lock); /* row_may_wait has looked at it */
	script_listener_open(&execution.listener, executor->run, on_started, &execution);
	execution.listener.committed = on_committed;
	status = session_lock ? execute_under_session_lock(&execution, err)
	                      : execute_in_transaction(&execution, true, err);
	script_listener_close(&execution.listener);
	return status;
}

enum step_status execute_skipped(struct executor *executor, struct step *step, struct error *err)
{
	struct execution execution = {
		.executor = executor,
		.run = executor->run,
		.steps = step,
		.has_callbacks_before = true, /* no script, no line */
	};
	struct db *db = executor->run->db;
	struct db_guard guard = make_guard(&execution);
	enum db_status status;

	if (precedes_transaction(executor)) {
		on_started(&execution, 0);
		if (!fire_before(executor, step, err))
			return STEP_FAILED;
	}
	while ((status = db_begin_guarded(db, &guard, true, err)) == DB_LOCK_BUSY ||
	       (status == DB_OK && (status = db_sync(db, err)) == DB_LOCK_BUSY)) {
		db_rollback(db);
		if (!lock_wait(executor->run, err))
			return STEP_FAILED;
	}
	if (status == DB_OK)
		on_started(&execution, 0);
	if (status == DB_OK && fire_before(executor, step, err)) {
		progress_events_expect(&executor->progress, 1);
		say_stage(&execution, step, PROGRESS_SKIPPING);
		if (row_commit(&execution, step, err))
			return STEP_DONE;
	}
	db_rollback(db);
	return status == DB_HISTORY_CHANGED ? STEP_STALE : STEP_FAILED;
}
