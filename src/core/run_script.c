/*
 * The statements of one script on their way to the driver
 */
#include "execution.h"

bool continue_transaction(struct execution *execution, struct error *err)
{
	struct db *db = execution->run->db;

	if (!execution->current->traits.runs_in_transaction ||
	    !execution->current->traits.controls_transaction ||
	    db->driver->tx_status(db) != TX_IDLE)
		return true;
	execution->committed_itself = true;
	return db->driver->begin(db, err);
}

static enum db_status send_statement(struct execution *execution, struct script *script,
                                     const struct statement *statement, struct error *err)
{
	struct db *db = execution->run->db;

	/* Only a script that awaits each statement can tell in which transaction it is. */
	if (execution->has_started && !continue_transaction(execution, err))
		return DB_FAILED;
	hearing_sent(&execution->hearing, statement->line, statement->text);
	if ((statement->flags & STATEMENT_COPY_IN) != 0 && db->driver->copy != NULL)
		return db->driver->copy(db, statement, script->splitter, err);
	return db->driver->send(db, statement, err);
}

/* One at a time outside of a transaction: what failed and what stays must be known exactly. */
static bool awaits_each(const struct step *step)
{
	return !step->traits.runs_in_transaction || step->traits.controls_transaction;
}

static enum db_status await(struct execution *execution, struct error *err)
{
	struct db *db = execution->run->db;
	enum db_status status = db->driver->sync(db, err);

	if (status == DB_OK)
		hearing_restart(&execution->hearing);
	return status;
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
				error_set(err, ERROR_ERROR, "Interrupted");
				return DB_FAILED;
			}
			status = send_statement(execution, script, &statement, err);
			if (status == DB_OK && awaits_each(step)) {
				status = await(execution, err);
				execution->completed += status == DB_OK;
			}
			if (status != DB_OK)
				return status;
		}
	}
}

enum db_status run_script(struct execution *execution, struct step *step, struct error *err)
{
	const struct run *run = execution->run;
	struct script script = SCRIPT_CLOSED;
	enum db_status status = DB_FAILED;
	/* What is awaited statement by statement cannot be taken back as a whole. */
	bool opened = awaits_each(step) ? script_open_copy(&script, run, step->migration, err)
	                                : script_open(&script, run, step->migration, err);

	if (opened)
		status = send_all(execution, &script, step, err);
	script_close(&script);
	return status;
}
