/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said about a migration that failed: the statement to blame, and what is left of it
 */
#include "execution.h"

#include "cflyway/core/session.h"

enum error_code failure_code(const struct migration *migration)
{
	if (!migration_is_versioned(migration))
		return ERROR_FAILED_REPEATABLE_MIGRATION;
	return migration_type_is_baseline(migration->type) ? ERROR_FAILED_BASELINE_MIGRATION
	                                                   : ERROR_FAILED_VERSIONED_MIGRATION;
}

bool name_failed_statement(const struct execution *execution, enum error_code code,
                           struct error *err)
{
	const struct migration *migration = execution->current->migration;
	const char *environment = execution->run->settings->environment_name;
	bool is_named = environment != NULL && strcmp(environment, "default") != 0;
	const struct in_flight *statement =
		script_listener_find(&execution->listener, execution->run->db->failed_index);

	if (err->sql != NULL && err->sql->path != NULL)
		return true; /* that of a callback, or named before */
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

void fail_script(struct execution *execution, struct error *err)
{
	const struct migration *migration = execution->current->migration;
	struct db *db = execution->run->db;
	struct error ignored = ERROR_INIT(err->arena);

	bool is_named = name_failed_statement(execution, failure_code(migration), err);

	/* With a prefix a callback of a statement has failed: for Flyway the script has, too. */
	if (is_named ? err->prefix != NULL : migration->program != NULL)
		err->code = failure_code(migration);
	(void)!db_sync(db, &ignored);
	/* Measured: then Flyway does not say that the migration has failed. */
	if (!migration_event_after_failure(execution, EVENT_AFTER_EACH_MIGRATE_ERROR, err))
		execution->in_script = false;
}

static struct str_list find_leftovers(const struct execution *execution)
{
	struct db *db = execution->run->db;
	struct error ignored = ERROR_INIT(db->arena);
	struct str_list sentences = {0};

	(void)!db_find_leftovers(db, &sentences, &ignored);
	return sentences;
}

void warn_about_leftovers(const struct execution *execution)
{
	const struct str_list sentences = find_leftovers(execution);

	for (size_t i = 0; i < sentences.n; i++)
		log_cflyway(execution->run->log, "%s", sentences.items[i]);
}

static void note_what_stays(const struct execution *execution, struct error *err)
{
	const struct step *step = execution->current;
	const char *path = step->migration->path;
	const struct str_list leftovers = find_leftovers(execution);

	if (!step->traits.runs_in_transaction && (execution->in_script || execution->completed > 0))
		error_note(err, "%zu of %zu statements of %s have been applied and stay.",
		           execution->completed, step->traits.statements, path);
	else if (execution->committed_itself && step->traits.controls_transaction)
		error_note(
			err,
			"%s ends transactions itself: of its %zu statements %zu have been run, and "
			"what they committed stays.",
			path, step->traits.statements, execution->completed);
	else if (execution->committed_itself)
		error_note(err, "a script has ended the transaction: what it committed stays");
	for (size_t i = 0; i < leftovers.n; i++)
		error_note(err, "%s", leftovers.items[i]);
}

enum step_status report_failure(const struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;

	if (!execution->has_started || execution->is_closing)
		return STEP_FAILED; /* nothing of a script is to blame */
	execution->executor->failed = execution->current->migration;
	(void)name_failed_statement(execution, failure_code(execution->current->migration), err);
	note_what_stays(execution, err);
	if (!execution->in_script)
		return STEP_FAILED;
	log_error(run->log, "Migration of %s failed! %s", step_describe(run, execution->current),
	          execution->current->traits.runs_in_transaction
	                  ? "Changes successfully rolled back."
	                  : "Please restore backups and roll back database and code!");
	return STEP_FAILED;
}

/* The row of the last migration, and not that of another program at the same rank. */
static bool has_row(const struct execution *execution, const struct history_rows *rows)
{
	const struct migration *migration = execution->current->migration;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].installed_rank == execution->executor->last_rank)
			return strcmp(rows->items[i].script, migration->script) == 0 &&
			       rows->items[i].checksum == migration->checksum;
	return false;
}

/*
 * The connection went away during COMMIT, and only the server knows how it ended: connect again and
 * look for the row. Nothing is tried again by itself.
 */
void note_commit_outcome(const struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	const struct history *history = &run->session->history;
	const struct log silence = {0};
	struct error second = ERROR_INIT(run->arena);
	struct history_rows rows = {0};
	struct db db;

	if (db_open(&db, run->drivers, run->arena, run->settings, &silence, &second) &&
	    history_read(run->arena, &db, history, &rows, &second)) {
		error_note(err, "the connection was lost during COMMIT. %s in %s.",
		           has_row(execution, &rows)
		                   ? "The migration has been applied: its row is"
		                   : "Its outcome is not known yet: the row is not",
		           history->quoted);
	} else {
		error_note(err,
		           "the connection was lost during COMMIT. Whether the migration has been "
		           "applied is shown by info.");
	}
	db_close(&db);
}

const char *step_describe(const struct run *run, const struct step *step)
{
	const struct migration *migration = step->migration;
	const char *schema = run->session->quoted_schema;
	const char *suffix = step->traits.runs_in_transaction ? "" : " [non-transactional]";

	if (!migration_is_versioned(migration))
		return arena_printf(run->arena, "schema %s with repeatable migration \"%s\"%s",
		                    schema, migration->description, suffix);
	return arena_printf(run->arena, "schema %s to version \"%s%s%s\"%s%s", schema,
	                    migration->version.text, migration->description[0] != '\0' ? " - " : "",
	                    migration->description, step->is_out_of_order ? " [out of order]" : "",
	                    suffix);
}
