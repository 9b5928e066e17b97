/* SPDX-License-Identifier: Apache-2.0 */
/* trial.c - opens and closes a trial, and follows its scripts and statements */
#include "cflyway/core/trial.h"

#include "trial_state.h"

#include "cflyway/core/outcome.h"
#include "cflyway/db/trial.h"
#include "cflyway/sql/statement_line.h"

enum {
	FIRST_LISTED = 20, /* of a script with more: the first that only change rows */
};

const char *const trial_row_change_words[] = {
	[TRIAL_INSERTED] = "inserted",
	[TRIAL_UPDATED] = "updated",
	[TRIAL_DELETED] = "deleted",
};

bool trial_open(struct run *run, struct error *err)
{
	const struct settings *settings = run->settings;
	const struct db_trial_limits limits = {.lock_timeout_ms = settings->dry_run_lock_timeout};
	struct trial *trial = arena_alloc(run->arena, sizeof(*trial));
	struct trial_result *result = arena_alloc(run->arena, sizeof(*result));

	*result = (struct trial_result){
		.lock_timeout_ms = settings->dry_run_lock_timeout,
		.max_hold_ms = settings->dry_run_max_hold,
	};
	*trial = (struct trial){
		.run = run,
		.result = result,
		.started_ms = run->clock->monotonic_ms(run->clock),
		.wal_bytes = -1,
		.held_since_ms = -1,
		.others_ms = -1,
	};
	log_cflyway(run->log, "dry run: everything is executed in one transaction, which is "
	                      "rolled back at the end");
	trial_watch_open(trial);
	trial_watch_others(trial);
	run->trial = trial;
	return db_trial_begin(run->db, &limits, err);
}

const struct trial_result *trial_close(struct run *run)
{
	struct trial *trial = run->trial;

	if (trial == NULL)
		return NULL;
	db_trial_end(run->db);
	trial->result->elapsed_ms = trial_now_ms(trial);
	trial_watch_sequences(trial);
	trial_watch_rates(trial);
	trial_watch_close(trial);
	run->trial = NULL;
	return trial->result;
}

/* --- scripts ------------------------------------------------------------------------------- */

static struct trial_script *add_script(struct trial *trial, const struct migration *file,
                                       const char *event)
{
	struct trial_result *result = trial->result;

	result->scripts =
		arena_grow(trial->run->arena, result->scripts, result->n, sizeof(*result->scripts));
	trial->script = &result->scripts[result->n++];
	*trial->script = (struct trial_script){.file = file, .event = event};
	return trial->script;
}

/* A callback may come between the statements of a migration; a migration begins something new. */
static struct trial_script *find_script(struct trial *trial, const struct migration *file,
                                        const char *event)
{
	struct trial_result *result = trial->result;

	for (size_t i = result->n; i > 0; i--) {
		struct trial_script *script = &result->scripts[i - 1];

		if (script->file == file && script->state == TRIAL_OK)
			return script;
		if (script->event == NULL && event != NULL)
			break;
	}
	return add_script(trial, file, event);
}

/* Why not; NULL: it may run. */
static const char *find_reason(const struct trial *trial, const struct migration *migration,
                               const struct script_traits *traits)
{
	struct arena *arena = trial->run->arena;

	if (migration->program != NULL)
		return "it is a program, which nothing can roll back";
	if (traits->controls_transaction)
		return "it begins or ends transactions itself";
	if (!traits->runs_in_transaction)
		return "it cannot run in a transaction";
	if (traits->side_effect != NULL)
		return arena_printf(arena, "a rollback does not take back %s", traits->side_effect);
	if (trial->missing != NULL)
		return arena_printf(arena, "it comes after %s, which was not tried",
		                    trial->missing->file_name);
	return NULL;
}

bool trial_may_run(struct trial *trial, const struct migration *migration, const char *event,
                   const struct script_traits *traits)
{
	const char *reason = find_reason(trial, migration, traits);
	/* CREATE INDEX CONCURRENTLY, VACUUM, …: others seldom need them. */
	const bool is_spared = migration->program == NULL && !traits->controls_transaction &&
	                       !traits->runs_in_transaction;

	if (reason == NULL)
		return true;
	struct trial_script *script = add_script(trial, migration, event);

	script->state = TRIAL_NOT_TRIED;
	script->reason = reason;
	if (event == NULL && is_spared)
		trial->left_out = migration;
	else if (event == NULL && trial->missing == NULL)
		trial->missing = migration;
	log_cflyway(trial->run->log, "dry run: %s was not tried: %s", migration->file_name, reason);
	if (is_spared)
		trial_note_rules(trial, script);
	return false;
}

bool trial_has_untried(const struct trial *trial)
{
	return trial->missing != NULL || trial->left_out != NULL;
}

/* --- statements ---------------------------------------------------------------------------- */

/* Between scripts there is SQL of our own: the history and its rows. */
static void choose_script(struct trial *trial, const struct migration *migration, const char *event)
{
	const size_t n = trial->result->n;
	struct error ignored = ERROR_INIT(trial->run->arena);

	trial->script = find_script(trial, migration, event);
	if (trial->result->n == n)
		return;
	trial->unmeasured = (struct trial_statement){0};
	trial->statement = &trial->unmeasured;
	trial->sql = STR("");
	(void)!trial_watch_changes(trial, &ignored);
}

static void end_statement(struct trial *trial)
{
	struct trial_script *script = trial->script;

	script->end_ms = trial_now_ms(trial);
	trial->statement->elapsed_ms = script->end_ms - trial->statement_started_ms;
	script->elapsed_ms += trial->statement->elapsed_ms;
}

static bool matters(const struct trial_statement *statement)
{
	return statement->rewritten.n > 0 || statement->blockers.n > 0 ||
	       statement->waiters.n > 0 || statement->locks_n > 0;
}

/* --- many at once -------------------------------------------------------------------------- */

static void begin_unmeasured(struct trial *trial, const struct statement *first)
{
	trial->unmeasured = trial_make_statement(first);
	trial->statement = &trial->unmeasured;
	trial->sql = STR("");
	trial->statement_started_ms = trial_now_ms(trial);
}

/* They are listed as one, if they did anything to what others use. */
static void end_unmeasured(struct trial *trial, bool has_failed)
{
	struct trial_script *script = trial->script;
	struct trial_statement *all = &trial->unmeasured;
	struct error ignored = ERROR_INIT(trial->run->arena);

	if (trial->unmeasured_n == 0)
		return;
	trial->statement = all;
	end_statement(trial);
	(void)!trial_watch_changes(trial, &ignored);
	if (matters(all) || all->changes_n > 0) {
		all->text = arena_printf(trial->run->arena, "(%zu statements that change rows)",
		                         trial->unmeasured_n);
		all->has_failed = has_failed;
		trial_list_statement(trial, script, *all);
	} else {
		script->unlisted += trial->unmeasured_n;
	}
	trial->unmeasured_n = 0;
	trial->statement = NULL;
}

/* --- one ----------------------------------------------------------------------------------- */

bool trial_measures(struct trial *trial, const struct migration *migration, const char *event,
                    const struct statement *statement, size_t n)
{
	struct trial_script *script = trial->script;
	const size_t listed = n > TRIAL_MAX_LISTED ? FIRST_LISTED : TRIAL_MAX_LISTED;

	if (!statement->batchable || script == NULL || script->file != migration ||
	    script->event != event || script->n < listed)
		return true;
	if (trial->unmeasured_n++ == 0)
		begin_unmeasured(trial, statement);
	return false;
}

void trial_statement_begin(struct trial *trial, const struct migration *migration,
                           const char *event, const struct statement *statement)
{
	end_unmeasured(trial, false);
	choose_script(trial, migration, event);
	trial->statement =
		trial_list_statement(trial, trial->script, trial_make_statement(statement));
	trial->sql = (struct str){statement->text, statement->len};
	trial_watch_others(trial);
	trial->statement_started_ms = trial_now_ms(trial);
}

void trial_statement_rows(struct trial *trial, int64_t affected)
{
	struct trial_statement *statement = trial->statement;

	if (statement == &trial->unmeasured && statement->rows > 0)
		statement->rows += affected > 0 ? affected : 0;
	else if (statement != NULL)
		statement->rows = affected;
}

void trial_statement_waits(struct trial *trial)
{
	if (trial->statement != NULL)
		trial_watch_waits(trial);
}

static void keep_statement(struct trial *trial)
{
	trial->statement->text = statement_line(trial->run->arena, trial->sql.ptr);
	trial->statement = NULL;
}

static void keep_failed_statement(struct trial *trial)
{
	trial->script->state = TRIAL_FAILED;
	trial->statement->has_failed = true;
	keep_statement(trial);
}

/* Of a script with very many statements, those that only insert a row are not worth a line. */
static void keep_or_drop_statement(struct trial *trial)
{
	struct trial_script *script = trial->script;

	if (script->n <= TRIAL_MAX_LISTED || matters(trial->statement)) {
		keep_statement(trial);
		return;
	}
	trial->statement = NULL;
	script->n--;
	script->unlisted++;
}

static bool check_stopped(const struct trial *trial, struct error *err)
{
	return trial->result->stopped == NULL ||
	       error_set(err, ERROR_GENERAL, "The dry run was stopped: %s", trial->result->stopped);
}

bool trial_statement_done(struct trial *trial, struct error *err)
{
	end_statement(trial);
	bool ok = trial_watch_changes(trial, err);
	if (ok)
		trial_watch_waits(trial);
	ok = ok && check_stopped(trial, err);
	if (ok)
		keep_or_drop_statement(trial);
	else
		keep_failed_statement(trial);
	return ok;
}

static void add_note(const struct trial *trial, struct error *err)
{
	const char *state = err->sql != NULL ? err->sql->state : NULL;

	if (trial->result->stopped != NULL) {
		outcome_blame_surroundings(trial->run); /* the script can stay as it is */
		error_note(err, "the dry run was stopped: %s", trial->result->stopped);
	} else if (str_same(state, "55P04"))
		error_note(err, "a real run commits before: in a dry run, a new value of an enum "
		                "cannot be used by a later migration");
	else if (str_same(state, "53200"))
		error_note(err, "a dry run holds the locks of all migrations until its end: "
		                "-target divides it");
	if (trial->left_out != NULL)
		error_note(err, "this may follow from %s, which was not tried",
		           trial->left_out->file_name);
}

void trial_statement_failed(struct trial *trial)
{
	end_statement(trial);
	keep_failed_statement(trial);
}

void trial_script_done(struct trial *trial)
{
	end_unmeasured(trial, false);
}

void trial_script_failed(struct trial *trial, const struct migration *migration, struct error *err)
{
	struct trial_script *script = trial->script;

	end_unmeasured(trial, true);
	trial->statement = NULL;
	if (script != NULL && script->file == migration)
		script->state = TRIAL_FAILED;
	if (!trial->has_noted)
		add_note(trial, err);
	trial->has_noted = true;
}
