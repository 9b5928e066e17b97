/* SPDX-License-Identifier: Apache-2.0 */
/* script_run.c - runs one script: sends its statements to the database, or starts its program */
#include "script_run.h"

#include "cflyway/core/program_run.h"

void script_run_open(struct script_run *script_run, const struct run *run,
                     void (*started)(void *ctx, int64_t ago_ms), void *ctx)
{
	*script_run = (struct script_run){.run = run};
	script_listener_open(&script_run->listener, run, started, ctx);
}

void script_run_close(struct script_run *script_run)
{
	script_listener_close(&script_run->listener);
}

void script_run_choose(struct script_run *script_run, const struct migration *migration,
                       const struct script_traits *traits, const struct script_text *text)
{
	script_run->migration = migration;
	script_run->traits = traits;
	script_run->text = text;
	script_run->parse_error = NULL;
	script_run->completed = 0;
	script_run->has_run_program = false;
}

bool script_run_continue_transaction(struct script_run *script_run, struct error *err)
{
	const struct script_traits *traits = script_run->traits;
	struct db *db = script_run->run->db;

	if (!traits->runs_in_transaction || !traits->controls_transaction ||
	    db_tx_status(db) != TX_IDLE)
		return true;
	script_run->has_committed = true;
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

	if (status == DB_OK)
		script_listener_restart(&script_run->listener);
	return status;
}

static enum db_status send_statement(struct script_run *script_run, struct script *script,
                                     const struct statement *statement, struct error *err)
{
	struct db *db = script_run->run->db;
	enum db_status status;

	/* Only a script that awaits each statement can tell in which transaction it is. */
	if (!script_run->is_beginning && !script_run_continue_transaction(script_run, err))
		return DB_FAILED;
	script_listener_sent(&script_run->listener, statement);
	if ((statement->flags & STATEMENT_COPY_IN) != 0)
		status = db_copy(db, statement, script->splitter, err);
	else
		status = db_send(db, statement, err);
	if (status != DB_OK || (!cannot_be_undone(script_run) && script_run->hooks == NULL))
		return status;
	status = await(script_run, err);
	script_run->completed += status == DB_OK;
	return status;
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
	status = send_statement(script_run, script, statement, err);
	if (status != DB_OK) {
		script_listener_drop(listener);
		hooks->failed(hooks->ctx, err);
		return status;
	}
	if (hooks->after != NULL && !hooks->after(hooks->ctx, err)) {
		script_listener_drop(listener);
		return DB_FAILED;
	}
	script_listener_release(listener);
	return DB_OK;
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
			status = await(script_run, err);
			if (status == DB_OK && !script_verify(script, script_run->migration, err))
				return DB_FAILED;
			return status;
		case SPLIT_STATEMENT:
			if (script_run->run->db->is_cancelled) {
				error_set(err, ERROR_GENERAL, "Interrupted");
				return DB_FAILED;
			}
			status = script_run->hooks != NULL
			                 ? send_with_hooks(script_run, script, &statement, err)
			                 : send_statement(script_run, script, &statement, err);
			if (status != DB_OK)
				return status;
		}
	}
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
		progress_line_begin(progress, run, migration, script_run->traits, script.splitter);
		status = send_all(script_run, &script, err);
		progress_line_end(progress);
	}
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

bool script_run_blame_statement(const struct script_run *script_run, enum error_code code,
                                struct error *err)
{
	const struct run *run = script_run->run;
	const struct migration *migration = script_run->migration;
	const char *environment = run->settings->environment_name;
	bool is_named = environment != NULL && strcmp(environment, "default") != 0;
	const struct in_flight *statement =
		script_listener_find(&script_run->listener, run->db->failed_index);

	if (err->sql != NULL && err->sql->path != NULL)
		return true; /* that of a callback, or blamed before */
	if (err->sql == NULL || statement == NULL)
		return false;
	struct sql_failure sql = *err->sql;
	struct str_list notes = err->notes;
	const char *cause = err->cause, *root_cause = err->root_cause;

	sql.path = migration->path;
	sql.absolute_path = migration->absolute_path;
	sql.line = statement->line;
	sql.statement = statement->text;
	error_clear(err);
	error_set_sql(err, code, &sql, "Failed to execute script %s%s%s%s", migration->file_name,
	              is_named ? " against " : "", is_named ? environment : "",
	              is_named ? " environment" : "");
	err->notes = notes;
	err->cause = cause;
	err->root_cause = root_cause;
	return true;
}
