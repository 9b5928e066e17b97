/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo.c - plans which migrations are taken back and runs their undo migrations
 *
 * As in migrate, the plan is made once, and again only if the history has changed since.
 */
#include "cflyway/core/undo.h"

#include "history_again.h"
#include "steps_run.h"

#include "cflyway/core/info_make.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/session.h"
#include "cflyway/core/undo_plan.h"

struct undo {
	struct run *run;
	struct migration_list migrations;
	struct history_rows rows;
	struct info info;
	struct undo_plan plan;
	struct executor *executor;
	struct undo_result *result;
	size_t limit; /* of runs still to be undone */
	bool has_begun;
	struct history_again again;
};

/* --- lines --------------------------------------------------------------------------------- */

/* Once, under the lock, before the first line of an undo. */
static void say_current_version(void *ctx)
{
	struct undo *undo = ctx;
	const char *version = undo->result->initial_schema_version;

	if (undo->has_begun)
		return;
	undo->has_begun = true;
	log_info(undo->run->log, "Current version of schema %s: %s",
	         undo->run->session->quoted_schema,
	         version != NULL ? version : version_empty().text);
}

static bool has_undo_rows(const struct history_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].type == MIGRATION_UNDO_SQL)
			return true;
	return false;
}

static void warn_of_undo_rows(const struct undo *undo)
{
	const struct run *run = undo->run;

	if (run->settings->undo_history == UNDO_HISTORY_UNDO && undo->plan.n > 0 &&
	    !has_undo_rows(&undo->rows))
		result_warn(run, &undo->result->warnings,
		            "The rows of type UNDO_SQL in %s stop the free edition of Flyway "
		            "(cflyway.undoHistory=undo)",
		            run->session->history.quoted);
}

/* --- the plan ------------------------------------------------------------------------------ */

static bool make_plan(struct undo *undo, struct error *err)
{
	struct run *run = undo->run;
	struct info_options options = {.target = run->settings->target, .out_of_order = true};

	if (!info_make(run->arena, &undo->migrations, &undo->rows, &options, &undo->info, err) ||
	    !undo_plan_make(run->arena, &undo->info, &undo->rows, undo->limit, &undo->plan, err))
		return false;
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

		result->undone = arena_grow(undo->run->arena, result->undone, result->n,
		                            sizeof(*result->undone));
		result->undone[result->n++] = (struct migrated){step->migration, step->elapsed_ms};
	}
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
	list_done(undo, steps_run.done);
	return status;
}

static bool run_until_done(struct undo *undo, struct error *err)
{
	for (;;) {
		if (!make_plan(undo, err))
			return false;
		warn_of_undo_rows(undo);
		switch (run_plan(undo, err)) {
		case STEP_FAILED:
			return false;
		case STEP_DONE:
			return true;
		case STEP_STALE:
			if (!history_again_read(&undo->again, undo->run, undo->executor,
			                        &undo->rows, err))
				return false;
			break;
		}
	}
}

bool undo_applied(struct run *run, size_t limit, struct undo_result *result, struct error *err)
{
	struct undo undo = {.run = run, .result = result, .limit = limit};
	const struct step_hooks hooks = {.started = say_current_version, .ctx = &undo};
	struct applied applied;

	if (!info_check_target(run->arena, run->settings->target, err) ||
	    !resolve_session(run, &undo.migrations, err) ||
	    !applied_read(run, run->session->about.history_exists, &applied, err))
		return false;
	undo.rows = applied.rows;
	undo.executor = executor_make(run, &hooks);
	return run_until_done(&undo, err);
}
