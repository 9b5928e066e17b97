/* SPDX-License-Identifier: Apache-2.0 */
/* migration_failure.c - what is reported about a migration that failed */
#include "migration_failure.h"

#include "commit_failure.h"
#include "early_ends.h"
#include "migration_callbacks.h"
#include "step_row.h"

#include "cflyway/core/commit_outcome.h"
#include "cflyway/core/outcome.h"
#include "cflyway/core/program_run.h"
#include "cflyway/core/session.h"

void fail_script(struct execution *execution, struct error *err)
{
	const struct migration *migration = execution->current->migration;
	struct db *db = execution->run->db;
	struct error ignored = ERROR_INIT(err->arena);

	bool is_named = script_run_blame_statement(&execution->script,
	                                           step_failure_code(execution->current), err);

	/* With a prefix, a callback of a statement has failed; to Flyway the script has as well. */
	if (err->prefix != NULL ||
	    (!is_named && (migration->program != NULL || execution->current->parse_error != NULL)))
		err->code = step_failure_code(execution->current);
	(void)!db_sync(db, &ignored);
	/* Measured: Flyway does not say then that the migration has failed. */
	if (!migration_callbacks_run_after_failure(execution, EVENT_AFTER_EACH_MIGRATE_ERROR, err))
		execution->phase = PHASE_AFTER;
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

/* Those of the group that have run before the current step. */
static void note_programs(const struct execution *execution, struct error *err)
{
	for (const struct step *step = execution->steps; step < execution->current; step++)
		if (step->migration->program != NULL)
			program_note_stays(step->migration, err);
}

/* One of a single script that cflyway ends after SET TRANSACTION READ ONLY counts as empty. */
static bool has_ended_transaction(const struct execution *execution)
{
	return execution->script.n_ends > 0 &&
	       (execution->n > 1 || execution->current->traits.controls_transaction);
}

/* Does a part of it stay that is no program? */
static bool stays_in_part(const struct execution *execution)
{
	const struct script_run *script = &execution->script;

	return has_ended_transaction(execution) ||
	       (!script->traits->runs_in_transaction && script->completed > 0);
}

static enum outcome_end find_end(const struct execution *execution)
{
	const struct script_run *script = &execution->script;

	if (execution->is_commit_unknown)
		return OUTCOME_UNKNOWN;
	if (script_run_commit_unknown(script))
		return OUTCOME_LOOK;
	if (script->has_run_program || stays_in_part(execution))
		return OUTCOME_STAYS;
	if (!execution->current->traits.runs_in_transaction)
		return OUTCOME_NONE;
	if (execution->run->db->cannot_roll_back)
		return OUTCOME_LOOK;
	return execution->run->db->has_gone_silent ? OUTCOME_WILL_ROLL_BACK : OUTCOME_ROLLED_BACK;
}

static void note_what_stays(const struct execution *execution, struct error *err)
{
	const struct script_run *script = &execution->script;
	const struct str_list leftovers = find_leftovers(execution);
	const bool has_begun = execution->phase == PHASE_SCRIPT;
	bool is_told = false;

	note_programs(execution, err);
	if (script->has_run_program)
		program_note_stays(script->migration, err);
	else
		is_told = script_run_note_stays(script, has_begun, err);
	if (has_ended_transaction(execution) && find_end(execution) == OUTCOME_STAYS)
		early_ends_record(execution, is_told, err);
	script_run_note_unknown(script, err);
	for (size_t i = 0; i < leftovers.n; i++)
		error_explain(err, NOTE_OUTCOME, "%s", leftovers.items[i]);
}

/* DIFFERS: without a connection Flyway says so although the script may have committed. */
static bool may_have_committed(const struct script_run *script)
{
	return script_run_commit_unknown(script) ||
	       (script->n_ends > 0 && db_tx_status(script->run->db) == TX_LOST);
}

/* DIFFERS: Flyway says so although a program has run, this one or one before it in the group. */
static bool is_rolled_back(const struct execution *execution)
{
	if (may_have_committed(&execution->script) || execution->run->db->cannot_roll_back)
		return false;
	for (const struct step *step = execution->steps; step < execution->current; step++)
		if (step->migration->program != NULL)
			return false;
	return execution->current->traits.runs_in_transaction && !execution->script.has_run_program;
}

/* When a server rolls back that does not answer (cflyway.networkTimeout), nobody knows. */
static const char *say_what_is_left(const struct execution *execution)
{
	if (!is_rolled_back(execution))
		return "Please restore backups and roll back database and code!";
	return execution->run->db->has_gone_silent
	               ? "Nothing was committed: the server rolls the changes back when it notices "
	                 "that the connection is gone."
	               : "Changes successfully rolled back.";
}

/* The first step of the transaction: one whose row has waited is not of this execution. */
static const struct step *first_step(const struct execution *execution)
{
	return execution->current < execution->steps ? execution->current : execution->steps;
}

/* The script of a group that a COMMIT failed for may be any of them. */
static const char *blame_commit(const struct execution *execution, struct error *err)
{
	const struct step *first = first_step(execution);
	const size_t n = (size_t)(execution->current - first) + 1;
	struct db *db = execution->run->db;
	const bool is_answered = err->sql != NULL && execution->has_refused_commit &&
	                         !execution->is_committed && db_tx_status(db) != TX_LOST;
	const char *path = is_answered ? commit_failure_note(execution->run, first, n, err)
	                               : execution->current->migration->path;

	return path != NULL ? path : "the script that is to blame";
}

/* A callback has been blamed by whoever ran it, and a row has no script. */
static void blame(const struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;

	const bool is_callback = err->prefix != NULL && find_end(execution) != OUTCOME_STAYS;

	if (is_callback)
		return;
	if (execution->phase != PHASE_COMMIT)
		outcome_blame(run, execution->current->migration->path);
	else if (run->db->failed_part != DB_PART_ROW)
		outcome_blame(run, blame_commit(execution, err));
}

static void record_outcome(const struct execution *execution)
{
	const struct run *run = execution->run;
	const enum outcome_end end =
		execution->is_committed ? OUTCOME_APPLIED : find_end(execution);
	const bool is_one = end == OUTCOME_NONE || end == OUTCOME_STAYS || end == OUTCOME_LOOK;

	outcome_end_with(run, end);
	for (const struct step *step = first_step(execution); !is_one && step <= execution->current;
	     step++) {
		if (end == OUTCOME_APPLIED)
			outcome_keep_last(run, step->migration);
		else if (step->migration->program == NULL) /* a program of a group stays */
			outcome_roll_back(run, step->migration);
	}
}

enum step_status report_failure(const struct execution *execution, struct error *err)
{
	const struct step *step = execution->current;

	if (execution->phase == PHASE_GUARDS)
		return STEP_FAILED;
	record_outcome(execution);
	blame(execution, err);
	if (execution->phase != PHASE_COMMIT || !execution->is_committed)
		note_what_stays(execution, err);
	if (execution->phase == PHASE_COMMIT)
		return STEP_FAILED; /* nothing of a script is to blame */
	execution->executor->failed = step->migration;
	if (execution->phase == PHASE_SCRIPT && step->migration->program != NULL)
		(void)session_operation_failed(execution->run);
	if (execution->phase == PHASE_SCRIPT)
		log_error(execution->run->log, "%s of %s failed! %s", step_name(step),
		          step_describe(execution->run, step), say_what_is_left(execution));
	return STEP_FAILED;
}

/* --- a COMMIT without an answer ------------------------------------------------------------ */

struct lost_step {
	const struct execution *execution;
	const struct step *step;
	int rank;
	bool success;
};

static bool is_recorded(const void *ctx, const struct history_rows *rows)
{
	const struct lost_step *lost = ctx;

	return step_is_recorded(lost->execution->run, lost->step, lost->rank, lost->success, rows);
}

void note_commit_outcome(struct execution *execution, const struct step *step, int rank,
                         struct error *err)
{
	const struct lost_step lost = {execution, step, rank, true};
	struct commit_question question = {
		.has_succeeded = is_recorded,
		.ctx = &lost,
		.is_locked = true,
		.succeeded = "The migration has been applied: its row is in",
		.failed = "The migration has not been applied: its row is not in",
		.missing = "Its outcome is not known yet: the row is not in",
		.unknown = "Whether the migration has been applied is shown by info.",
	};

	if (step->undoes != NULL) {
		question.succeeded = "The migration has been undone: the row that says so is in";
		question.failed = "The migration has not been undone: no row that says so is in";
		question.unknown = "Whether the migration has been undone is shown by info.";
	}
	if (!step->traits.runs_in_transaction) /* what its statements have done stays */
		question.failed = "The migration has not been recorded: its row is not in";
	if (step->deletes_row) {
		question.succeeded = "The migration has been undone: its row is no longer in";
		question.failed = "The migration has not been undone: its row is still in";
		question.missing = "Its outcome is not known yet: the row is still in";
	}
	const enum commit_outcome outcome = commit_outcome_note(execution->run, &question, err);
	execution->is_committed = outcome == COMMIT_SUCCEEDED;
	execution->is_commit_unknown = outcome == COMMIT_UNKNOWN;
}
