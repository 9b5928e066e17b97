/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.c - plans what is pending and applies it, until nothing is
 *
 * The plan is made once; every migration is sent with a guard that proves that the history has not
 * changed since, and only if that fails is it made again.
 */
#include "cflyway/core/apply.h"

#include "history_again.h"
#include "idle_picks.h"
#include "plan_warnings.h"
#include "steps_run.h"

#include "cflyway/core/callbacks.h"
#include "cflyway/core/execute.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/session.h"

struct apply {
	struct run *run;
	const struct migration_list *migrations;
	struct history_rows rows;
	struct info info;
	struct plan_warnings warnings;
	struct step_hooks hooks;
	struct executor *executor;
	bool fired_after_versioned, fired_before_repeatables;
	struct history_again again;
	bool has_planned;           /* once; after that idle_picks is filled: */
	struct str_list idle_picks; /* lines about items of cherryPick */
	struct migrate_result *result;
};

/* --- between migrations -------------------------------------------------------------------- */

/* Called under the lock, before the first line of a migration. */
static void log_warnings(void *ctx)
{
	struct apply *apply = ctx;

	plan_warnings_log(&apply->warnings);
}

static bool fire_after_versioned(struct apply *apply, struct error *err)
{
	if (apply->fired_after_versioned)
		return true;
	apply->fired_after_versioned = true;
	return callbacks_run(apply->run, EVENT_AFTER_VERSIONED, err);
}

/* Once per run, before its first repeatable migration. */
static bool before_step(void *ctx, const struct step *step, struct error *err)
{
	struct apply *apply = ctx;

	if (migration_is_versioned(step->migration) || apply->fired_before_repeatables)
		return true;
	apply->fired_before_repeatables = true;
	return fire_after_versioned(apply, err) &&
	       callbacks_run(apply->run, EVENT_BEFORE_REPEATABLES, err);
}

static bool has_events_between(const struct run *run)
{
	return callbacks_has(run, EVENT_AFTER_VERSIONED) ||
	       callbacks_has(run, EVENT_BEFORE_REPEATABLES);
}

/* --- the plan ------------------------------------------------------------------------------ */

/*
 * Everything that is pending, in order. Picked migrations may descend: then one runs out of order
 * after another of the same plan, unless a group commits them together.
 */
static struct step *plan_steps(struct apply *apply, size_t *n)
{
	struct step *steps =
		arena_array(apply->run->arena, info_count_pending(&apply->info), sizeof(*steps));
	const struct info_entry *current = info_current(&apply->info);
	const struct version *highest = current != NULL ? &current->row->version : NULL;

	*n = 0;
	for (size_t i = 0; i < apply->info.n; i++) {
		const struct info_entry *entry = &apply->info.entries[i];

		if (entry->state != STATE_PENDING)
			continue;
		steps[(*n)++] = (struct step){
			.migration = entry->file,
			.is_out_of_order = highest != NULL && migration_is_versioned(entry->file) &&
		                           version_compare(&entry->file->version, highest) < 0,
		};
		if (migration_is_versioned(entry->file) && !apply->run->settings->group &&
		    (highest == NULL || version_compare(&entry->file->version, highest) > 0))
			highest = &entry->file->version;
	}
	return steps;
}

static void list_steps(struct apply *apply, const struct step *steps, size_t n)
{
	struct migrate_result *result = apply->result;

	for (size_t i = 0; i < n; i++) {
		if (steps[i].is_untried)
			continue;
		result->migrations = arena_grow(apply->run->arena, result->migrations, result->n,
		                                sizeof(*result->migrations));
		result->migrations[result->n++] =
			(struct migrated){steps[i].migration, steps[i].elapsed_ms};
		if (migration_is_versioned(steps[i].migration))
			result->target_schema_version = steps[i].migration->version.text;
	}
}

/* Repeatables follow the next version, each in a plan of its own. */
static bool runs_only_first(const struct apply *apply)
{
	const struct settings *settings = apply->run->settings;

	return apply->info.target_is_next &&
	       (!settings->group || settings->skip_executing_migrations);
}

static size_t count_files(const struct migration_list *migrations)
{
	size_t n = 0;

	for (size_t i = 0; i < migrations->n; i++)
		n += !migration_is_undo(migrations->items[i]);
	return n;
}

/* What was there before, or does not count. */
static size_t count_skipped(const struct apply *apply)
{
	return count_files(apply->migrations) - apply->result->executed -
	       info_count_pending(&apply->info);
}

/* Only the first plan tells: what it has run is no longer pending in the next one. */
static void note_idle_picks(struct apply *apply, const struct cherry_pick *picks)
{
	if (!apply->has_planned)
		apply->idle_picks = idle_picks_of_migrate(apply->run->arena, picks, &apply->info);
	apply->has_planned = true;
}

/* --- the loop ------------------------------------------------------------------------------ */

/* One plan, applied as far as it goes. STEP_STALE: plan again. */
static enum step_status apply_plan(struct apply *apply, struct error *err)
{
	struct info_options options = info_options_from(apply->run->arena, apply->run->settings);
	enum step_status status;
	size_t n = 0;

	if (!info_make(apply->run->arena, apply->migrations, &apply->rows, &options, &apply->info,
	               err))
		return STEP_FAILED;
	note_idle_picks(apply, &options.picks);
	apply->result->skipped = count_skipped(apply);
	plan_warnings_collect(&apply->warnings, &apply->info);
	if (!plan_warnings_check(&apply->warnings, err)) {
		apply->result->has_attempted = true;
		return STEP_FAILED;
	}
	executor_set_last_rank(apply->executor, history_last_rank(&apply->rows));
	struct steps_run steps_run = {
		.run = apply->run,
		.executor = apply->executor,
		.refused = log_warnings,
		.ctx = apply,
	};
	steps_run.steps = plan_steps(apply, &n);
	steps_run.n = n > 1 && runs_only_first(apply) ? 1 : n;
	status = steps_run_all(&steps_run, err);
	list_steps(apply, steps_run.steps, steps_run.ran);
	apply->again.done = steps_run.done;
	apply->result->executed += steps_run.done - steps_run.untried;
	apply->result->has_attempted |= steps_run.is_mixed;
	if (status == STEP_DONE && (n == 0 || !apply->info.target_is_next))
		plan_warnings_log(
			&apply->warnings); /* Flyway looks once more and finds nothing pending */
	return status;
}

static bool apply_until_done(struct apply *apply, struct error *err)
{
	for (;;) {
		switch (apply_plan(apply, err)) {
		case STEP_FAILED:
			return false;
		case STEP_STALE:
			if (!history_again_read(&apply->again, apply->run, apply->executor,
			                        &apply->rows, err))
				return false;
			break;
		case STEP_DONE:
			if (!history_again_is_kept(&apply->again, apply->run, apply->executor, err))
				return false;
			idle_picks_log(apply->run->log, &apply->idle_picks);
			return fire_after_versioned(apply, err);
		}
	}
}

bool apply_pending(struct run *run, const struct migration_list *migrations,
                   const struct history_rows *rows, struct migrate_result *result,
                   struct error *err)
{
	struct apply apply = {
		.run = run,
		.migrations = migrations,
		.rows = *rows,
		.warnings = {.run = run, .result = result},
		.hooks =
			{
				.started = log_warnings,
				.before_step = has_events_between(run) ? before_step : NULL,
				.ctx = &apply,
			},
		.result = result,
	};

	apply.executor = executor_make(run, &apply.hooks);
	bool ok = apply_until_done(&apply, err);
	result->failed = executor_failed(apply.executor);
	result->has_attempted |= ok || result->failed != NULL;
	return ok;
}
