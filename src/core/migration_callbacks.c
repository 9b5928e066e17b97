/* SPDX-License-Identifier: Apache-2.0 */
/* migration_callbacks.c - fires the events of a single migration, in its transaction */
#include "migration_callbacks.h"

#include "callback_script.h"

#include "cflyway/core/callbacks.h"

#include <assert.h>

/* The event of undo where migrate has the given one. */
static enum event event_for(const struct run *run, enum event event)
{
	if (!run->is_undo)
		return event;
	switch (event) {
	case EVENT_BEFORE_EACH_MIGRATE:
		return EVENT_BEFORE_EACH_UNDO;
	case EVENT_BEFORE_EACH_MIGRATE_STATEMENT:
		return EVENT_BEFORE_EACH_UNDO_STATEMENT;
	case EVENT_AFTER_EACH_MIGRATE_STATEMENT:
		return EVENT_AFTER_EACH_UNDO_STATEMENT;
	case EVENT_AFTER_EACH_MIGRATE_STATEMENT_ERROR:
		return EVENT_AFTER_EACH_UNDO_STATEMENT_ERROR;
	case EVENT_AFTER_EACH_MIGRATE:
		return EVENT_AFTER_EACH_UNDO;
	case EVENT_AFTER_EACH_MIGRATE_ERROR:
		return EVENT_AFTER_EACH_UNDO_ERROR;
	default:
		assert(false);
		return event;
	}
}

static bool has(const struct run *run, enum event event)
{
	return callbacks_has(run, event_for(run, event));
}

static bool before_statement(void *ctx, struct error *err)
{
	return migration_callbacks_run(ctx, EVENT_BEFORE_EACH_MIGRATE_STATEMENT, err);
}

static bool after_statement(void *ctx, struct error *err)
{
	return migration_callbacks_run(ctx, EVENT_AFTER_EACH_MIGRATE_STATEMENT, err);
}

/* After a batch that is not atomic, Flyway takes all of it for done: measured with SQLite. */
static void after_failed_batch(struct execution *execution, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!migration_callbacks_run_after_failure(execution,
		                                           EVENT_AFTER_EACH_MIGRATE_STATEMENT, err))
			return;
}

static void statement_failed(void *ctx, size_t batched, struct error *err)
{
	struct execution *execution = ctx;
	struct error ignored = ERROR_INIT(err->arena);

	(void)script_run_blame_statement(&execution->script, step_failure_code(execution->current),
	                                 err);
	/* The statements of the callback are counted from 0 again. */
	(void)!db_sync(execution->run->db, &ignored);
	if (batched > 0 && !db_has_atomic_batches(execution->run->db))
		after_failed_batch(execution, batched, err);
	else
		(void)migration_callbacks_run_after_failure(
			execution, EVENT_AFTER_EACH_MIGRATE_STATEMENT_ERROR, err);
}

static bool has_statement_events(const struct run *run)
{
	return has(run, EVENT_BEFORE_EACH_MIGRATE_STATEMENT) ||
	       has(run, EVENT_AFTER_EACH_MIGRATE_STATEMENT) ||
	       has(run, EVENT_AFTER_EACH_MIGRATE_STATEMENT_ERROR);
}

void migration_callbacks_open(struct execution *execution)
{
	const struct run *run = execution->run;

	for (size_t i = 0; i < execution->n; i++)
		callbacks_add_traits(run, &execution->steps[i].traits);
	execution->has_events_before |= has(run, EVENT_BEFORE_EACH_MIGRATE);
	if (!has_statement_events(run))
		return;
	execution->statement_hooks = (struct statement_hooks){
		.before = before_statement,
		.after = has(run, EVENT_AFTER_EACH_MIGRATE_STATEMENT) ? after_statement : NULL,
		.failed = statement_failed,
		.ctx = execution,
	};
	execution->script.hooks = &execution->statement_hooks;
}

/* A callback that ends with COMMIT leaves no transaction open. */
static void note_end(struct execution *execution, const struct callback *callback,
                     enum callback_transaction transaction, const struct callback_effect *effect)
{
	struct script_run *script = &execution->script;
	const bool is_idle = transaction == CALLBACK_OPEN && !script->is_end_noted &&
	                     db_tx_status(execution->run->db) == TX_IDLE;

	if (effect->has_committed || is_idle)
		script_run_note_end(script, &callback->script);
	script->is_end_noted |= is_idle;
}

bool migration_callbacks_run(struct execution *execution, enum event event, struct error *err)
{
	const struct run *run = execution->run;
	const struct callback_list list = callbacks_of(run, event_for(run, event));
	enum callback_transaction transaction = CALLBACK_NONE;
	struct callback_effect effect = {0};
	bool ok = true;

	if (list.n == 0)
		return true;
	if (!script_run_continue_transaction(&execution->script, err))
		return false;
	if (db_tx_status(run->db) != TX_IDLE)
		transaction = CALLBACK_OPEN;
	for (size_t i = 0; ok && i < list.n; i++) {
		effect.has_committed = false;
		ok = callback_execute(run, &list.items[i], transaction, &effect, err);
		note_end(execution, &list.items[i], transaction, &effect);
	}
	execution->script.is_commit_unknown |= effect.is_commit_unknown;
	return ok;
}

bool migration_callbacks_run_after_failure(struct execution *execution, enum event event,
                                           struct error *err)
{
	const struct run *run = execution->run;
	struct error second = ERROR_INIT(err->arena);

	if (run->db->is_cancelled || db_tx_status(run->db) == TX_LOST ||
	    migration_callbacks_run(execution, event, &second))
		return true;
	callback_note_first(&second, err);
	*err = second;
	return false;
}
