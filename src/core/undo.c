/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo.c - plans which migrations are taken back and runs their undo migrations
 *
 * As in migrate, the plan is made once, and again only if the history has changed since.
 */
#include "cflyway/core/undo.h"

#include "history_again.h"
#include "idle_picks.h"
#include "steps_run.h"

#include "cflyway/core/info_make.h"
#include "cflyway/core/info_picks.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/session.h"
#include "cflyway/core/trial.h"
#include "cflyway/core/undo_plan.h"

struct undo {
	struct run *run;
	struct migration_list migrations;
	struct history_rows rows;
	struct info info;
	struct undo_plan plan;
	struct executor *executor;
	struct undo_result *result;
	size_t limit;              /* of runs still to be undone */
	struct history_rows first; /* the history when the command began */
	bool has_begun;
	bool has_warned, has_warned_of_scripts;
	bool has_planned;           /* once; after that idle_picks is filled: */
	struct str_list idle_picks; /* lines about items of cherryPick */
	struct history_again again;
};

/* --- lines --------------------------------------------------------------------------------- */

/* Once: under the lock, before the first line of an undo, or before the error of its script. */
static void say_current_version(void *ctx)
{
	struct undo *undo = ctx;

	if (undo->has_begun)
		return;
	undo->has_begun = true;
	log_info(undo->run->log, "Current version of schema %s: %s",
	         undo->run->session->quoted_schema, undo->result->initial_schema_version);
}

static bool has_rows(const struct history_rows *rows, enum migration_type type)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].type == type)
			return true;
	return false;
}

static bool has_run(const struct undo_result *result, enum migration_type type)
{
	for (size_t i = 0; i < result->n; i++)
		if (result->undone[i].file->type == type)
			return true;
	return false;
}

/* Is this the first run that writes rows of this type? */
static bool begins_rows(const struct undo *undo, enum migration_type type)
{
	return has_run(undo->result, type) && !has_rows(&undo->first, type);
}

static void warn_of_undo_rows(struct undo *undo)
{
	const struct run *run = undo->run;
	const char *table = run->session->history.quoted;

	if (run->settings->undo_history != UNDO_HISTORY_UNDO)
		return;
	if (!undo->has_warned && begins_rows(undo, MIGRATION_UNDO_SQL)) {
		undo->has_warned = true;
		result_warn(run, &undo->result->warnings,
		            "The rows of type UNDO_SQL in %s stop the free edition of Flyway "
		            "(cflyway.undoHistory=undo)",
		            table);
	}
	if (!undo->has_warned_of_scripts && begins_rows(undo, MIGRATION_UNDO_SCRIPT)) {
		undo->has_warned_of_scripts = true;
		result_warn(run, &undo->result->warnings,
		            "To Flyway, the rows of type UNDO_SCRIPT in %s take nothing back: the "
		            "migrations stay applied (cflyway.undoHistory=undo)",
		            table);
	}
}

/* --- the plan ------------------------------------------------------------------------------ */

static bool is_known(const struct history_rows *rows, const struct history_row *run)
{
	for (size_t i = rows->n; i > 0; i--)
		if (rows->items[i - 1].installed_rank == run->installed_rank)
			return strcmp(rows->items[i - 1].script, run->script) == 0;
	return false;
}

/* What another program has applied since the command began is not what its user meant. */
static bool refuse_news(const struct undo *undo, struct error *err)
{
	for (size_t i = 0; i < undo->plan.n; i++) {
		const struct history_row *run = undo->plan.steps[i].undoes;

		if (!is_known(&undo->first, run))
			return error_set(err, ERROR_GENERAL,
			                 "Version %s has been applied since this undo began. It is "
			                 "not undone, and nothing that was applied before it.",
			                 run->version.text);
	}
	return true;
}

static bool make_plan(struct undo *undo, struct error *err)
{
	struct run *run = undo->run;
	const struct info_options options = info_options_from(run->arena, run->settings);
	const struct undo_options undo_options = {
		.history = run->settings->undo_history,
		.limit = undo->limit,
		.has_undone = undo->result->n > 0,
	};

	if (undo->result->n == 0 &&
	    !info_check_picked_rows(&options.picks, &undo->migrations, &undo->rows, err))
		return false;
	if (!info_make(run->arena, &undo->migrations, &undo->rows, &options, &undo->info, err) ||
	    !undo_plan_make(run->arena, &undo->info, &undo->rows, &undo_options, &undo->plan,
	                    err) ||
	    !refuse_news(undo, err))
		return false;
	if (!undo->has_planned)
		undo->idle_picks = idle_picks_of_undo(run->arena, &options.picks, &undo->plan);
	undo->has_planned = true;
	if (!undo->has_begun)
		undo->result->initial_schema_version =
			undo_plan_version_after(run->arena, &undo->plan, 0);
	return true;
}

static void list_done(struct undo *undo, size_t n)
{
	struct undo_result *result = undo->result;

	for (size_t i = 0; i < n; i++) {
		const struct step *step = &undo->plan.steps[i];

		if (step->is_untried)
			continue;
		result->undone = arena_grow(undo->run->arena, result->undone, result->n,
		                            sizeof(*result->undone));
		result->undone[result->n++] = (struct migrated){step->migration, step->elapsed_ms};
	}
	if (n > 0)
		warn_of_undo_rows(undo);
	undo->limit -= n;
	result->target_schema_version = undo_plan_version_after(undo->run->arena, &undo->plan, n);
}

/* --- running it ---------------------------------------------------------------------------- */

static enum step_status run_plan(struct undo *undo, struct error *err)
{
	struct steps_run steps_run = {
		.run = undo->run,
		.executor = undo->executor,
		.steps = undo->plan.steps,
		.n = undo->plan.n,
		.refused = say_current_version,
		.ctx = undo,
	};

	executor_set_last_rank(undo->executor, history_last_rank(&undo->rows));
	enum step_status status = steps_run_all(&steps_run, err);
	undo->again.done = steps_run.done;
	list_done(undo, steps_run.done);
	return status;
}

static bool run_until_done(struct undo *undo, struct error *err)
{
	for (;;) {
		if (!make_plan(undo, err))
			return false;
		switch (run_plan(undo, err)) {
		case STEP_FAILED:
			return false;
		case STEP_DONE:
			return history_again_is_kept(&undo->again, undo->run, undo->executor, err);
		case STEP_STALE:
			if (!history_again_read(&undo->again, undo->run, undo->executor,
			                        &undo->rows, err))
				return false;
			break;
		}
	}
}

/* --- what is said at the end --------------------------------------------------------------- */

static bool is_resolved(const struct undo *undo, const struct version *version)
{
	for (size_t i = 0; i < undo->migrations.n; i++) {
		const struct migration *file = undo->migrations.items[i];

		if (!migration_is_undo(file) && !migration_is_baseline(file) &&
		    version_compare(&file->version, version) == 0)
			return true;
	}
	return false;
}

static bool is_below_baseline(const struct info *info, const struct version *version)
{
	return info->has_applied_baseline && version_compare(version, &info->applied_baseline) <= 0;
}

/* A version in the middle does not come back by itself: its successors are still there. */
static void explain_ignored(const struct undo *undo)
{
	const struct run *run = undo->run;
	const struct undo_result *result = undo->result;
	struct version current;
	struct error ignored = ERROR_INIT(run->arena);

	if (result->target_schema_version == NULL || run->settings->out_of_order ||
	    !version_parse(run->arena, result->target_schema_version, &current, &ignored))
		return;
	for (size_t i = 0; i < result->n; i++) {
		const struct version *version = &result->undone[i].file->version;

		if (version_compare(version, &current) < 0 && is_resolved(undo, version) &&
		    !is_below_baseline(&undo->info, version))
			log_cflyway(run->log,
			            "migrate leaves version %s out, because version %s is there; "
			            "outOfOrder=true or cherryPick=%s applies it again",
			            version->text, current.text, version->text);
	}
}

static void summarize(const struct undo *undo, int64_t started_ms)
{
	const struct run *run = undo->run;
	size_t n = undo->result->n;

	if (n == 0 && run->trial != NULL && trial_has_untried(run->trial))
		return;
	if (n == 0) {
		log_info(run->log, "Schema %s has no migrations to undo.",
		         run->session->quoted_schema);
		if (undo->plan.below_target != NULL)
			log_cflyway(run->log,
			            "version %s was applied last, which is below the target %s",
			            undo->plan.below_target->version.text,
			            undo->info.target_version.text);
		return;
	}
	log_info(run->log, "Successfully undid %zu migration%s to schema %s (execution time %s)", n,
	         n == 1 ? "" : "s", run->session->quoted_schema,
	         clock_format_duration(run->arena,
	                               run->clock->monotonic_ms(run->clock) - started_ms));
	explain_ignored(undo);
}

bool undo_applied(struct run *run, size_t limit, struct undo_result *result, struct error *err)
{
	struct undo undo = {.run = run, .result = result, .limit = limit};
	const struct step_hooks hooks = {.started = say_current_version, .ctx = &undo};
	int64_t started_ms = run->clock->monotonic_ms(run->clock);
	struct applied applied;

	if (!info_check_target(run->arena, run->settings->target, err) ||
	    !resolve_session(run, &undo.migrations, err) ||
	    !applied_read(run, run->session->about.history_exists, &applied, err))
		return false;
	undo.rows = undo.first = applied.rows;
	undo.executor = executor_make(run, &hooks);
	if (!run_until_done(&undo, err))
		return false;
	summarize(&undo, started_ms);
	idle_picks_log(run->log, &undo.idle_picks);
	return true;
}
