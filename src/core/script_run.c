/* SPDX-License-Identifier: Apache-2.0 */
/* script_run.c - runs one script: sends its statements to the database, or starts its program */
#include "script_run.h"

#include "failure_place.h"
#include "statement_override.h"

#include "cflyway/core/program_run.h"
#include "cflyway/core/trial.h"
#include "cflyway/db/dry_run.h"

enum { MAX_BATCH = 100 }; /* Flyway's */

void script_run_open(struct script_run *script_run, const struct run *run,
                     void (*started)(void *ctx, int64_t ago_ms), void *ctx)
{
	*script_run = (struct script_run){.run = run};
	arena_init(&script_run->batch.memory);
	script_listener_open(&script_run->listener, run, started, ctx);
}

void script_run_close(struct script_run *script_run)
{
	script_listener_close(&script_run->listener);
	arena_release(&script_run->batch.memory);
}

void script_run_choose(struct script_run *script_run, const struct migration *migration,
                       const struct script_traits *traits, const struct script_text *text)
{
	script_run->migration = migration;
	script_run->listener.path = migration->path;
	script_run->traits = traits;
	script_run->text = text;
	script_run->parse_error = NULL;
	script_run->sent = script_run->completed = 0;
	script_run->stop = (struct script_stop){0};
	script_run->unanswered_line = 0;
	script_run->batch.n = 0;
	script_run->has_run_program = false;
	script_run->has_failed = false;
	script_run->listener.raised = (struct sql_failure){0};
}

bool script_run_continue_transaction(struct script_run *script_run, struct error *err)
{
	const struct script_traits *traits = script_run->traits;
	struct db *db = script_run->run->db;

	if (!traits->runs_in_transaction || !traits->controls_transaction ||
	    db_tx_status(db) != TX_IDLE)
		return true;
	if (!script_run->is_end_noted)
		script_run_note_end(script_run, script_run->migration);
	script_run->is_end_noted = false;
	return db_begin(db, err);
}

/* Then its statements are awaited one by one: what failed and what stays must be known exactly. */
static bool cannot_be_undone(const struct script_run *script_run)
{
	return !script_run->traits->runs_in_transaction || script_run->traits->controls_transaction;
}

static enum db_status await(struct script_run *script_run, struct error *err)
{
	struct db *db = script_run->run->db;
	enum db_status status = db_sync(db, err);

	if (status != DB_OK)
		return status;
	script_listener_restart(&script_run->listener);
	/* After the answer to a COMMIT: what is sent next has no part in that. */
	if (script_run->unanswered_line > 0 && script_run->traits->runs_in_transaction &&
	    db_tx_status(db) == TX_LOST)
		script_run_note_end(script_run, script_run->migration);
	script_run->unanswered_line = 0;
	return DB_OK;
}

/* Are the statements awaited one by one? Those of an atomic batch succeed or fail together. */
static bool awaits_each(const struct script_run *script_run, const struct statement *statement)
{
	if ((statement->flags & STATEMENT_BATCHED) != 0 &&
	    db_has_atomic_batches(script_run->run->db))
		return false;
	return cannot_be_undone(script_run) || script_run->hooks != NULL || script_run->is_measured;
}

static bool may_commit(const struct script_run *script_run, const struct statement *statement)
{
	const unsigned flags = STATEMENT_TRANSACTION_CONTROL | STATEMENT_SEVERAL;

	return (statement->flags & flags) != 0 || (!script_run->traits->runs_in_transaction &&
	                                           db_tx_status(script_run->run->db) == TX_IDLE);
}

static void note_sent(struct script_run *script_run, const struct statement *statement,
                      size_t batch_entry)
{
	struct in_flight *slot = script_listener_sent(&script_run->listener, statement);

	if (script_run->unanswered_line == 0 && may_commit(script_run, statement))
		script_run->unanswered_line = statement->line;
	slot->number = ++script_run->sent;
	slot->batch_entry = batch_entry;
	slot->batch_line = script_run->batch.line;
}

/* batch_entry: its number in its batch, from 0; also 0 outside of batches. */
static enum db_status send_plainly(struct script_run *script_run, struct script *script,
                                   const struct statement *statement, size_t batch_entry,
                                   struct error *err)
{
	enum { MAX_TEXT_BYTES = 1 << 20 };
	struct db *db = script_run->run->db;
	enum db_status status;

	/* Only a script that awaits each statement can tell in which transaction it is. */
	if (!script_run->is_beginning && batch_entry == 0 &&
	    !script_run_continue_transaction(script_run, err))
		return DB_FAILED;
	note_sent(script_run, statement, batch_entry);
	if ((statement->flags & STATEMENT_COPY_IN) != 0)
		status = db_copy(db, statement, script->splitter, err);
	else
		status = db_send(db, statement, err);
	if (status != DB_OK)
		return status;
	/* The driver sends it alone and has read the answer. */
	if ((statement->flags & STATEMENT_SEVERAL) != 0 && !awaits_each(script_run, statement))
		script_run->unanswered_line = 0;
	if (awaits_each(script_run, statement)) {
		status = await(script_run, err);
		script_run->completed += status == DB_OK;
	} else if (!cannot_be_undone(script_run) &&
	           script_run->listener.text_bytes > MAX_TEXT_BYTES) {
		status = await(script_run, err);
	}
	return status;
}

/* A notice of the statement was made an error. */
static enum db_status fail_raised(const struct script_run *script_run, struct error *err)
{
	const struct sql_failure *raised = &script_run->listener.raised;

	error_set_sql(err, ERROR_DB_CONNECTION, raised, "%s", raised->message);
	return DB_FAILED;
}

/* With errorOverrides, each statement is awaited before the next is sent. */
static enum db_status send_overridden(struct script_run *script_run, struct script *script,
                                      const struct statement *statement, struct error *err)
{
	const struct run *run = script_run->run;
	struct script_listener *listener = &script_run->listener;
	struct statement_override override;
	enum db_status status = await(script_run, err); /* what begins the transaction */

	if (status != DB_OK)
		return status;
	if (!statement_override_begin(&override, run, statement, err))
		return DB_FAILED;
	status = send_plainly(script_run, script, statement, 0, err);
	if (status == DB_OK)
		status = await(script_run, err);
	if (status == DB_FAILED && statement_override_recover(&override, err)) {
		notices_log_own(&listener->notices, listener->log, "the failed statement");
		script_listener_restart(listener);
		script_run->completed += cannot_be_undone(script_run);
		return DB_OK;
	}
	if (status == DB_OK && listener->raised.message != NULL)
		return fail_raised(script_run, err);
	return status == DB_OK && !statement_override_end(&override, err) ? DB_FAILED : status;
}

/* In a trial each statement is measured by itself. */
static enum db_status send_measured(struct script_run *script_run, struct script *script,
                                    const struct statement *statement, size_t batch_entry,
                                    struct error *err)
{
	struct trial *trial = script_run->run->trial;
	enum db_status status;

	script_run->is_measured = trial_measures(trial, script_run->migration, script_run->event,
	                                         statement, script_run->traits->statements);
	if (!script_run->is_measured)
		return send_plainly(script_run, script, statement, batch_entry, err);
	status = await(script_run, err); /* what begins the transaction */
	if (status != DB_OK)
		return status;
	trial_statement_begin(trial, script_run->migration, script_run->event, statement);
	status = send_plainly(script_run, script, statement, batch_entry, err);
	if (status == DB_OK)
		return trial_statement_done(trial, err) ? DB_OK : DB_FAILED;
	trial_statement_failed(trial);
	return status;
}

static enum db_status send_statement(struct script_run *script_run, struct script *script,
                                     const struct statement *statement, size_t batch_entry,
                                     struct error *err)
{
	if (script_run->run->trial != NULL)
		return send_measured(script_run, script, statement, batch_entry, err);
	return statement_override_is_on(script_run->run)
	               ? send_overridden(script_run, script, statement, err)
	               : send_plainly(script_run, script, statement, batch_entry, err);
}

/* Which statement has failed; NULL: none, or it is not known. */
static const struct in_flight *find_failed(const struct script_run *script_run)
{
	return script_run->listener.raised.message != NULL
	               ? &script_run->listener.raised_by
	               : script_listener_find(&script_run->listener,
	                                      script_run->run->db->failed_index);
}

/* Before the callbacks of the failure: the listener forgets the statement then. */
static void keep_failed(struct script_run *script_run)
{
	const struct in_flight *failed = find_failed(script_run);

	script_run->has_failed = failed != NULL;
	if (failed != NULL)
		script_run->failed = *failed;
}

static enum db_status send_with_hooks(struct script_run *script_run, struct script *script,
                                      const struct statement *statement, struct error *err)
{
	const struct statement_hooks *hooks = script_run->hooks;
	struct script_listener *listener = &script_run->listener;
	enum db_status status = await(script_run, err); /* what begins the transaction */

	if (status != DB_OK)
		return status;
	if (!hooks->before(hooks->ctx, err))
		return DB_FAILED;
	if (hooks->after != NULL)
		script_listener_hold(listener);
	status = send_statement(script_run, script, statement, 0, err);
	if (status != DB_OK) {
		script_listener_drop(listener);
		keep_failed(script_run);
		hooks->failed(hooks->ctx, 0, err);
		return status;
	}
	if (hooks->after != NULL && !hooks->after(hooks->ctx, err)) {
		script_listener_drop(listener);
		return DB_FAILED;
	}
	script_listener_release(listener);
	return DB_OK;
}

/* --- batches ------------------------------------------------------------------------------- */

/* The statements of an atomic batch count as soon as they are committed. */
static enum db_status await_batch(struct script_run *script_run, size_t n, struct error *err)
{
	enum db_status status = await(script_run, err);

	if (status == DB_OK && db_has_atomic_batches(script_run->run->db))
		script_run->completed += n;
	return status;
}

/* With hooks: sends the statements that have been held, then calls the hook after each. */
static enum db_status send_held(struct script_run *script_run, struct script *script, size_t n,
                                struct error *err)
{
	const struct statement_hooks *hooks = script_run->hooks;
	enum db_status status = await(script_run, err);

	for (size_t i = 0; status == DB_OK && i < n; i++)
		status = send_statement(script_run, script, &script_run->batch.held[i], i, err);
	if (status == DB_OK)
		status = await_batch(script_run, n, err);
	if (status != DB_OK) {
		keep_failed(script_run);
		hooks->failed(hooks->ctx, n, err);
		return status;
	}
	for (size_t i = 0; hooks->after != NULL && i < n; i++)
		if (!hooks->after(hooks->ctx, err))
			return DB_FAILED;
	return DB_OK;
}

/* Ends the batch that has begun, if one has. */
static enum db_status end_batch(struct script_run *script_run, struct script *script,
                                struct error *err)
{
	size_t n = script_run->batch.n;

	script_run->batch.n = 0;
	if (n == 0)
		return DB_OK;
	if (script_run->hooks != NULL)
		return send_held(script_run, script, n, err);
	if (cannot_be_undone(script_run) || script_run->run->log->debug)
		return await_batch(script_run, n, err);
	return DB_OK;
}

/* After a signal: statements that were sent may be committed and count; held ones are dropped. */
static enum db_status interrupt(struct script_run *script_run, struct script *script,
                                const struct statement *next, struct error *err)
{
	const size_t held = script_run->hooks != NULL ? script_run->batch.n : 0;
	const struct script_stop stop = {script_run->sent + held + 1, next->line, true};
	enum db_status status =
		script_run->hooks != NULL ? DB_OK : end_batch(script_run, script, err);

	if (status != DB_OK)
		return status;
	script_run->stop = stop;
	error_set(err, ERROR_GENERAL, "Interrupted");
	return DB_FAILED;
}

static void begin_batch(struct script_run *script_run, const struct statement *first)
{
	struct statement_batch *batch = &script_run->batch;

	arena_release(&batch->memory);
	arena_init(&batch->memory);
	batch->line = first->line;
	batch->first = NULL;
	if (script_run->run->log->debug)
		batch->first = arena_strdup(&batch->memory, first->text);
	if (script_run->hooks != NULL)
		batch->held = arena_array(&batch->memory, MAX_BATCH, sizeof(*batch->held));
}

/* With hooks, the batch waits until all of it is known: they come before the first is sent. */
static enum db_status hold_statement(struct script_run *script_run,
                                     const struct statement *statement, struct error *err)
{
	const struct statement_hooks *hooks = script_run->hooks;
	struct statement_batch *batch = &script_run->batch;
	enum db_status status = await(script_run, err);

	if (status != DB_OK)
		return status;
	batch->held[batch->n] = *statement;
	batch->held[batch->n].text = arena_strdup(&batch->memory, statement->text);
	return hooks->before(hooks->ctx, err) ? DB_OK : DB_FAILED;
}

static enum db_status add_to_batch(struct script_run *script_run, struct script *script,
                                   const struct statement *statement, struct error *err)
{
	struct statement_batch *batch = &script_run->batch;
	struct statement entry = *statement;
	enum db_status status;

	entry.flags |= STATEMENT_BATCHED;
	if (batch->n == 0)
		begin_batch(script_run, statement);
	status = script_run->hooks != NULL
	                 ? hold_statement(script_run, &entry, err)
	                 : send_statement(script_run, script, &entry, batch->n, err);
	if (status == DB_OK && ++batch->n == MAX_BATCH)
		status = end_batch(script_run, script, err);
	return status;
}

/* Drivers send an unbalanced statement alone, which commits an atomic batch before it. */
static bool is_batched(const struct script_run *script_run, const struct statement *statement)
{
	return script_run->run->settings->batch && statement->batchable &&
	       script_run->run->trial == NULL &&
	       ((statement->flags & STATEMENT_SEVERAL) == 0 || !cannot_be_undone(script_run));
}

/* ------------------------------------------------------------------------------------------- */

static enum db_status send_next(struct script_run *script_run, struct script *script,
                                const struct statement *statement, struct error *err)
{
	enum db_status status;

	if (is_batched(script_run, statement))
		return add_to_batch(script_run, script, statement, err);
	status = end_batch(script_run, script, err);
	if (status != DB_OK)
		return status;
	return script_run->hooks != NULL ? send_with_hooks(script_run, script, statement, err)
	                                 : send_statement(script_run, script, statement, 0, err);
}

/* Such a script succeeds in Flyway, and so it does here; but hardly anybody wants it. */
static void note_open_comment(const struct script_run *script_run, const struct script *script)
{
	size_t line = split_open_comment(script->splitter);

	if (line > 0)
		log_remark(script_run->run->log, script_run->migration->path, line,
		           "%s: the comment that begins in line %zu is not closed; nothing after "
		           "its beginning was run",
		           script_run->migration->path, line);
}

static enum db_status send_all(struct script_run *script_run, struct script *script,
                               struct error *err)
{
	struct statement statement;

	for (;;) {
		enum db_status status;

		switch (split_next(script->splitter, &statement, err)) {
		case SPLIT_FAILED:
			return DB_FAILED;
		case SPLIT_END:
			status = end_batch(script_run, script, err);
			if (status == DB_OK)
				status = await(script_run, err);
			if (status == DB_OK && !script_verify(script, script_run->migration, err))
				return DB_FAILED;
			if (status == DB_OK)
				note_open_comment(script_run, script);
			return status;
		case SPLIT_STATEMENT:
			if (script_run->run->db->is_cancelled)
				return interrupt(script_run, script, &statement, err);
			status = send_next(script_run, script, &statement, err);
			if (status != DB_OK)
				return status;
		}
	}
}

/* A failed callback of the statement has a place of its own, and a COMMIT before it has none. */
static void note_place(const struct script_run *script_run, struct script *script,
                       struct error *err)
{
	const struct in_flight *failed =
		script_run->has_failed ? &script_run->failed : find_failed(script_run);
	bool is_of_commit = script_run->uncommitted != NULL && *script_run->uncommitted != NULL;
	bool has_place = is_of_commit || note_list_find(&err->notes, NOTE_PLACE) != NULL;

	if (err->sql != NULL && failed != NULL && !has_place)
		failure_place_note(script, script_run->run, script_run->migration, script_run->text,
		                   failed, err);
}

static enum db_status run_sql(struct script_run *script_run, struct error *err)
{
	const struct run *run = script_run->run;
	const struct migration *migration = script_run->migration;
	struct progress_line *progress = &script_run->listener.progress;
	struct script script = SCRIPT_CLOSED;
	enum db_status status = DB_FAILED;
	bool opened = cannot_be_undone(script_run)
	                      ? script_open_copy(&script, run, migration, script_run->text, err)
	                      : script_open(&script, run, migration, script_run->text, err);

	if (opened) {
		dry_run_source(run->db, migration->path);
		progress_line_begin(progress, run, migration, script_run->traits, script.splitter);
		status = send_all(script_run, &script, err);
		progress_line_end(progress);
		if (status == DB_FAILED && !run->db->is_cancelled &&
		    script_note_change(&script, migration, err))
			note_place(script_run, &script, err);
	}
	if (db_tx_status(run->db) != TX_LOST)
		script_run->unanswered_line = 0; /* what has failed has been answered */
	if (status == DB_FAILED && run->trial != NULL)
		trial_script_failed(run->trial, migration, err);
	else if (run->trial != NULL)
		trial_script_done(run->trial);
	/* DIFFERS: Flyway does not show what a statement said that failed. */
	if (status == DB_FAILED && err->sql != NULL)
		script_listener_failed(&script_run->listener, run->db->failed_index, err);
	script_close(&script);
	return status;
}

/* Once the guards are known to have passed: what a program does cannot be undone. */
static enum db_status run_program(struct script_run *script_run, struct error *err)
{
	enum db_status status = await(script_run, err);

	if (status != DB_OK)
		return status;
	return program_run(script_run->run, script_run->migration, &script_run->has_run_program,
	                   err)
	               ? DB_OK
	               : DB_FAILED;
}

/* Once the guards are known to have passed: the script has begun then. */
static enum db_status fail_unparsed(struct script_run *script_run, struct error *err)
{
	enum db_status status = await(script_run, err);

	if (status != DB_OK)
		return status;
	*err = *script_run->parse_error;
	return DB_FAILED;
}

enum db_status script_run_execute(struct script_run *script_run, struct error *err)
{
	if (script_run->parse_error != NULL)
		return fail_unparsed(script_run, err);
	return script_run->migration->program != NULL ? run_program(script_run, err)
	                                              : run_sql(script_run, err);
}

/* Flyway names the first statement of the batch; a line of our own tells which one has failed. */
static void blame_batch(const struct script_run *script_run, const struct in_flight *statement,
                        struct sql_failure *sql, struct error *err)
{
	const struct batch_entry entry = {statement->batch_entry, statement->text};

	sql->line = statement->batch_line;
	sql->statement = script_run->batch.first;
	db_describe_batch(script_run->run->db, err->arena, &entry, sql, &err->cause);
	if (statement->batch_entry > 0)
		error_note(err, "the statement that failed begins at line %zu of %s",
		           statement->line, script_run->migration->path);
}

bool script_run_blame_statement(struct script_run *script_run, enum error_code code,
                                struct error *err)
{
	const struct run *run = script_run->run;
	const struct migration *migration = script_run->migration;
	const struct in_flight *statement = find_failed(script_run);

	if (err->sql != NULL && err->sql->path != NULL)
		return true; /* that of a callback, or blamed before */
	if (err->sql == NULL || statement == NULL)
		return false;
	script_run->stop = (struct script_stop){statement->number, statement->line, false};
	struct sql_failure sql = *err->sql;

	sql.path = migration->path;
	sql.absolute_path = migration->absolute_path;
	sql.line = statement->line;
	sql.statement = statement->text;
	if (statement->is_batched)
		blame_batch(script_run, statement, &sql, err);

	const struct note_list notes = err->notes;
	const char *cause = err->cause, *root_cause = err->root_cause;

	error_clear(err);
	db_fail_script(run->db, code, &sql, migration->file_name, err);
	err->notes = notes;
	err->cause = cause;
	err->root_cause = root_cause;
	return true;
}
