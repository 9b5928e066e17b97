/* SPDX-License-Identifier: Apache-2.0 */
/* callback_script.c - runs one script of a callback */
#include "callback_script.h"

#include "migration_limits.h"
#include "script_run.h"

#include "cflyway/core/outcome.h"
#include "cflyway/core/pooler_check.h"
#include "cflyway/core/program_run.h"
#include "cflyway/core/script_check.h"
#include "cflyway/core/session.h"
#include "cflyway/core/trial.h"

static void ignore_start(void *ctx, int64_t ago_ms)
{
	(void)ctx;
	(void)ago_ms;
}

static void log_line(const struct run *run, const struct callback *callback, const char *kind,
                     const char *suffix)
{
	log_info(run->log, "Executing %s callback: %s - %s%s", kind, event_name(callback->event),
	         callback->script.description, suffix);
}

static bool prefix(const struct callback *callback, struct error *err)
{
	return error_prefix(err,
	                    "Error while executing %s callback: ", event_name(callback->event));
}

/* --- SQL ----------------------------------------------------------------------------------- */

/*
 * The original role, the default schema at the head of the search path, if it is there, and the
 * time limits of the script.
 */
static bool set_up(const struct script_run *script_run, struct error *err)
{
	const struct run *run = script_run->run;
	struct db *db = run->db;
	struct db_guard guard = {.table = run->session->history.quoted};
	struct db_limits limits;
	bool exists = false;

	if (!db_schema_exists(db, run->session->default_schema, &exists, err))
		return false;
	if (exists)
		guard.schema = run->session->default_schema;
	if (migration_limits(run, script_run->migration, &limits) &&
	    !script_run->traits->controls_transaction)
		guard.limits = &limits;
	return db_prepare_guarded(db, &guard, err) == DB_OK;
}

/* A script that ends its transaction itself must not lose the limits with it. */
static bool set_lasting_limits(const struct script_run *script_run, struct error *err)
{
	struct db_limits limits;

	return !script_run->traits->controls_transaction ||
	       !migration_limits(script_run->run, script_run->migration, &limits) ||
	       db_set_limits(script_run->run->db, &limits, err);
}

/* What the database refused is reported with the name of the script and the line. */
static bool run_statements(struct script_run *script_run, const struct callback *callback,
                           struct error *err)
{
	if (script_run_execute(script_run, err) == DB_OK)
		return true;
	if (script_run_blame_statement(script_run, ERROR_DB_CONNECTION, err))
		prefix(callback, err);
	(void)script_run_note_stays(script_run, false, err);
	script_run_note_unknown(script_run, err);
	return false;
}

static bool commit(const struct script_run *script_run, struct error *err)
{
	struct db *db = script_run->run->db;

	if (db_commit(db, err))
		return true;
	if (db_tx_status(db) == TX_LOST)
		error_explain(err, NOTE_OUTCOME,
		              "the connection was lost during COMMIT. It is not known whether what "
		              "%s has done is there to stay: look at the database before the next "
		              "run.",
		              script_run->migration->path);
	return db_title(err, ERROR_DB_CONNECTION, "Unable to commit transaction");
}

static bool run_in_transaction(struct script_run *script_run, const struct callback *callback,
                               struct error *err)
{
	struct db *db = script_run->run->db;

	if (!set_lasting_limits(script_run, err) || !db_begin(db, err))
		return false;
	if (set_up(script_run, err) && run_statements(script_run, callback, err) &&
	    commit(script_run, err))
		return true;
	db_rollback(db);
	return false;
}

/*
 * Flyway parses a script to learn whether it needs a transaction, unless its own settings say so.
 * Where the callback gets a transaction of its own, that is before it begins.
 */
static bool parses_early(const struct callback *callback)
{
	return callback->script.execute_in_transaction == UNSET;
}

static bool may_run(const struct run *run, const struct callback *callback,
                    const struct script_traits *traits)
{
	return run->trial == NULL ||
	       trial_may_run(run->trial, &callback->script, event_name(callback->event), traits);
}

static bool run_sql(const struct run *run, const struct callback *callback,
                    enum callback_transaction transaction, struct callback_effect *effect,
                    struct error *err)
{
	const bool is_early = parses_early(callback);
	struct script_traits traits;
	struct script_run script_run;
	struct error ignored = ERROR_INIT(run->arena);
	bool ok = script_check(run, &callback->script, &traits, NULL, err);

	if (ok && !may_run(run, callback, &traits))
		return true;
	if (ok && !pooler_check_callback(run, callback, &traits, err))
		return false;
	if (ok || !is_early)
		log_line(run, callback, "SQL",
		         traits.runs_in_transaction ? "" : " [non-transactional]");
	if (!ok)
		return is_early && transaction == CALLBACK_OWN ? false : prefix(callback, err);
	if (transaction != CALLBACK_OWN)
		traits.runs_in_transaction = transaction == CALLBACK_OPEN;
	script_run_open(&script_run, run, ignore_start, NULL);
	script_run_choose(&script_run, &callback->script, &traits, NULL);
	script_run.event = event_name(callback->event);
	if (transaction != CALLBACK_OWN)
		ok = run_statements(&script_run, callback, err);
	else if (traits.runs_in_transaction)
		ok = run_in_transaction(&script_run, callback, err);
	else
		ok = set_lasting_limits(&script_run, err) && set_up(&script_run, err) &&
		     run_statements(&script_run, callback, err);
	if (effect != NULL) {
		effect->has_committed |= script_run.n_ends > 0;
		effect->is_commit_unknown |= script_run_commit_unknown(&script_run);
	}
	if (transaction == CALLBACK_OWN)
		(void)!db_lift_limits(run->db, &ignored);
	script_run_close(&script_run);
	return ok;
}

/* ------------------------------------------------------------------------------------------- */

static bool execute(const struct run *run, const struct callback *callback,
                    enum callback_transaction transaction, struct callback_effect *effect,
                    struct error *err)
{
	const struct script_traits no_traits = {0};
	bool has_run = false;

	if (callback->script.program == NULL)
		return run_sql(run, callback, transaction, effect, err);
	if (!may_run(run, callback, &no_traits))
		return true;
	log_line(run, callback, "script", "");
	if (program_run(run, &callback->script, &has_run, err))
		return true;
	if (has_run)
		program_note_stays(&callback->script, err);
	return prefix(callback, err);
}

bool callback_execute(const struct run *run, const struct callback *callback,
                      enum callback_transaction transaction, struct callback_effect *effect,
                      struct error *err)
{
	const char *path = callback->script.path;

	if (!execute(run, callback, transaction, effect, err)) {
		outcome_blame(run, path);
		return false;
	}
	/* What is done in the transaction of a migration shares its fate. */
	if (callback->script.program != NULL || transaction != CALLBACK_OPEN)
		outcome_callback_done(run, path);
	return true;
}

static const char *first_line(struct arena *arena, const char *text)
{
	return str_dup(arena, str_sub(str_of(text), 0, str_find_char(str_of(text), '\n')));
}

void callback_note_first(struct error *err, const struct error *first)
{
	const char *reason = first->sql != NULL ? first->sql->message : "";

	error_note(err, "before that: %s%s%s%s", first->prefix != NULL ? first->prefix : "",
	           first_line(err->arena, first->message), first->sql != NULL ? ": " : "",
	           first_line(err->arena, reason));
	note_list_join(err->arena, &err->notes, &first->notes);
}
