/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statements of one script on their way to the driver, or the program that it is
 */
#include "execution.h"

#include "cflyway/core/callbacks.h"
#include "cflyway/core/program.h"

bool continue_transaction(struct execution *execution, struct error *err)
{
	struct db *db = execution->run->db;

	if (!execution->current->traits.runs_in_transaction ||
	    !execution->current->traits.controls_transaction || db_tx_status(db) != TX_IDLE)
		return true;
	execution->committed_itself = true;
	return db_begin(db, err);
}

/* One at a time outside of a transaction: what failed and what stays must be known exactly. */
static bool cannot_be_taken_back(const struct step *step)
{
	return !step->traits.runs_in_transaction || step->traits.controls_transaction;
}

static enum db_status await(struct execution *execution, struct error *err)
{
	struct db *db = execution->run->db;
	enum db_status status = db_sync(db, err);

	if (status == DB_OK)
		script_listener_restart(&execution->listener);
	return status;
}

static enum db_status send_statement(struct execution *execution, struct script *script,
                                     const struct statement *statement, struct error *err)
{
	struct db *db = execution->run->db;
	enum db_status status;

	/* Only a script that awaits each statement can tell in which transaction it is. */
	if (execution->has_started && !continue_transaction(execution, err))
		return DB_FAILED;
	script_listener_sent(&execution->listener, statement->line, statement->text);
	if ((statement->flags & STATEMENT_COPY_IN) != 0)
		status = db_copy(db, statement, script->splitter, err);
	else
		status = db_send(db, statement, err);
	if (status != DB_OK ||
	    (!cannot_be_taken_back(execution->current) && !execution->has_statement_events))
		return status;
	status = await(execution, err);
	execution->completed += status == DB_OK;
	return status;
}

/* Measured: what a statement brings is shown after the callbacks that follow it. */
static enum db_status send_observed(struct execution *execution, struct script *script,
                                    const struct statement *statement, struct error *err)
{
	struct script_listener *listener = &execution->listener;
	bool is_held = callbacks_has(execution->run, EVENT_AFTER_EACH_MIGRATE_STATEMENT);
	enum db_status status = await(execution, err); /* the guards */

	if (status != DB_OK)
		return status;
	if (!migration_event(execution, EVENT_BEFORE_EACH_MIGRATE_STATEMENT, err))
		return DB_FAILED;
	if (is_held)
		script_listener_hold(listener);
	status = send_statement(execution, script, statement, err);
	if (status != DB_OK) {
		script_listener_drop(listener);
		(void)name_failed_statement(execution, failure_code(execution->current->migration),
		                            err);
		(void)migration_event_after_failure(execution,
		                                    EVENT_AFTER_EACH_MIGRATE_STATEMENT_ERROR, err);
		return status;
	}
	if (!migration_event(execution, EVENT_AFTER_EACH_MIGRATE_STATEMENT, err)) {
		script_listener_drop(listener);
		return DB_FAILED;
	}
	script_listener_release(listener);
	return DB_OK;
}

static enum db_status send_all(struct execution *execution, struct script *script,
                               struct step *step, struct error *err)
{
	struct statement statement;

	for (;;) {
		enum db_status status;

		switch (split_next(script->splitter, &statement, err)) {
		case SPLIT_FAILED:
			return DB_FAILED;
		case SPLIT_END:
			status = await(execution, err);
			if (status == DB_OK && !script_verify(script, step->migration, err))
				return DB_FAILED;
			return status;
		case SPLIT_STATEMENT:
			if (execution->run->db->is_cancelled) {
				error_set(err, ERROR_GENERAL, "Interrupted");
				return DB_FAILED;
			}
			status = execution->has_statement_events
			                 ? send_observed(execution, script, &statement, err)
			                 : send_statement(execution, script, &statement, err);
			if (status != DB_OK)
				return status;
		}
	}
}

static enum db_status run_sql(struct execution *execution, struct step *step, struct error *err)
{
	const struct run *run = execution->run;
	struct script script = SCRIPT_CLOSED;
	enum db_status status = DB_FAILED;
	/* What is awaited statement by statement cannot be taken back as a whole. */
	bool opened = cannot_be_taken_back(step)
	                      ? script_open_copy(&script, run, step->migration, &step->text, err)
	                      : script_open(&script, run, step->migration, &step->text, err);

	if (opened) {
		progress_line_begin(&execution->listener.progress, run, step->migration,
		                    &step->traits, script.splitter);
		status = send_all(execution, &script, step, err);
		progress_line_end(&execution->listener.progress);
	}
	script_close(&script);
	return status;
}

/* Behind the guards: a program cannot be called back. */
static enum db_status run_program(struct execution *execution, struct step *step, struct error *err)
{
	enum db_status status = await(execution, err);

	if (status != DB_OK)
		return status;
	return program_run(execution->run, step->migration, err) ? DB_OK : DB_FAILED;
}

enum db_status run_script(struct execution *execution, struct step *step, struct error *err)
{
	return step->migration->program != NULL ? run_program(execution, step, err)
	                                        : run_sql(execution, step, err);
}
