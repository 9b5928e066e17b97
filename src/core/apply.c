/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.c - plans what is pending and applies it, until nothing is
 *
 * The plan is made once; every migration is sent with a guard that proves that the history has not
 * changed since, and only if that fails is it made again.
 */
#include "cflyway/core/apply.h"

#include "plan_warnings.h"

#include "cflyway/core/callbacks.h"
#include "cflyway/core/execute.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/script_check.h"
#include "cflyway/core/session.h"

enum { MAX_FUTILE_PLANS = 3 };

struct apply {
	struct run *run;
	const struct migration_list *migrations;
	struct history_rows rows;
	struct info info;
	struct plan_warnings warnings;
	struct step_hooks hooks;
	struct executor *executor;
	bool fired_after_versioned, fired_before_repeatables;
	int futile_plans; /* made one after the other from the same history */
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

static size_t count_pending(const struct info *info)
{
	size_t n = 0;

	for (size_t i = 0; i < info->n; i++)
		n += info->entries[i].state == STATE_PENDING;
	return n;
}

/* Everything that is pending, in order. */
static struct step *plan_steps(struct apply *apply, size_t *n)
{
	struct step *steps =
		arena_array(apply->run->arena, count_pending(&apply->info), sizeof(*steps));
	const struct info_entry *current = info_current(&apply->info);

	*n = 0;
	for (size_t i = 0; i < apply->info.n; i++) {
		const struct info_entry *entry = &apply->info.entries[i];

		if (entry->state != STATE_PENDING)
			continue;
		steps[(*n)++] = (struct step){
			.migration = entry->file,
			.is_out_of_order =
				current != NULL && migration_is_versioned(entry->file) &&
				version_compare(&entry->file->version, &current->row->version) < 0,
		};
	}
	return steps;
}

static void list_steps(struct apply *apply, const struct step *steps, size_t n)
{
	struct migrate_result *result = apply->result;

	for (size_t i = 0; i < n; i++) {
		result->migrations = arena_grow(apply->run->arena, result->migrations, result->n,
		                                sizeof(*result->migrations));
		result->migrations[result->n++] =
			(struct migrated){steps[i].migration, steps[i].elapsed_ms};
		if (migration_is_versioned(steps[i].migration))
			result->target_schema_version = steps[i].migration->version.text;
	}
}

/* A migration that has run but is not committed yet notices this itself. */
static bool is_interrupted(const struct apply *apply, struct error *err)
{
	if (!apply->run->db->is_cancelled || executor_row_waits(apply->executor))
		return false;
	error_set(err, ERROR_GENERAL, "Interrupted");
	return true;
}

/*
 * A script whose own configuration says how it runs is parsed only when it does: measured. Until
 * then the step keeps the error.
 */
static bool check(const struct apply *apply, struct step *step, struct script_text *text,
                  struct error *err)
{
	const struct run *run = apply->run;
	enum tristate own = step->migration->config.execute_in_transaction;

	if (own != UNSET && run->settings->skip_executing_migrations) {
		step->traits.runs_in_transaction = own == YES;
		return true;
	}
	if (script_check(run, step->migration, &step->traits, text, err))
		return true;
	if (own == UNSET)
		return false;
	struct error *kept = arena_alloc(run->arena, sizeof(*kept));

	*kept = *err;
	step->parse_error = kept;
	error_clear(err);
	return true;
}

/*
 * Several at a time while they are small: after each wait for the server the processor's caches are
 * cold, and the same work takes longer.
 */
static void check_some(const struct apply *apply, struct step *steps, size_t n)
{
	enum { MAX_STEPS = 32, MAX_BYTES = 256 * 1024 };
	struct error ignored = ERROR_INIT(apply->run->arena);
	size_t bytes = 0;

	for (size_t i = 0; i < n && i < MAX_STEPS && bytes < MAX_BYTES; i++) {
		steps[i].is_checked = check(apply, &steps[i], &steps[i].text, &ignored);
		if (!steps[i].is_checked)
			return;
		bytes += steps[i].traits.size_bytes;
	}
}

/*
 * A step can share a round trip with the one before it only after it has been checked. An error in
 * it is reported when its turn comes.
 */
static struct step *look_ahead(const struct apply *apply, struct step *next, size_t n)
{
	if (n == 0 || apply->run->log->debug)
		return NULL; /* the check logs lines, which would come too early */
	if (!next->is_checked)
		check_some(apply, next, n);
	return next->is_checked ? next : NULL;
}

/* The first of n steps. Without group, its error is reported after the steps before it have run. */
static enum step_status apply_one(struct apply *apply, struct step *step, size_t n,
                                  struct error *err)
{
	if (!step->is_checked && !check(apply, step, &step->text, err)) {
		plan_warnings_log(&apply->warnings);
		return STEP_FAILED;
	}
	if (apply->run->settings->skip_executing_migrations)
		return execute_skipped(apply->executor, step, err);
	return execute_steps(apply->executor, step, 1, look_ahead(apply, step + 1, n - 1), err);
}

static size_t list_done(struct apply *apply, const struct step *steps, size_t n)
{
	size_t done = 0;

	while (done < n && steps[done].is_done)
		done++;
	list_steps(apply, steps, done);
	apply->result->executed += done;
	return done;
}

/* Frees the texts of steps that were never reached. */
static void release_texts(struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		script_text_release(&steps[i].text);
}

static enum step_status apply_singly(struct apply *apply, struct step *steps, size_t n,
                                     struct error *err)
{
	enum step_status status = STEP_DONE;
	size_t listed = 0;

	if (n > 1 && apply->info.target_is_next)
		n = 1;
	if (!executor_begin_steps(apply->executor, n, err))
		return STEP_FAILED;
	for (size_t i = 0; status == STEP_DONE && i < n; i++) {
		if (is_interrupted(apply, err))
			status = STEP_FAILED;
		else
			status = apply_one(apply, &steps[i], n - i, err);
		script_text_release(&steps[i].text);
		listed += list_done(apply, &steps[listed], i + 1 - listed);
	}
	release_texts(steps, n);
	executor_end_steps(apply->executor, status == STEP_FAILED ? err : NULL);
	return status;
}

/* --- group --------------------------------------------------------------------------------- */

static bool check_group(struct apply *apply, struct step *steps, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		steps[i].is_checked = check(apply, &steps[i], NULL, err);
		if (!steps[i].is_checked)
			return false;
	}
	for (size_t i = 1; i < n && !apply->run->settings->mixed; i++) {
		const struct migration *migration = steps[i].migration;
		bool versioned = migration_is_versioned(migration);

		if (steps[i].traits.runs_in_transaction == steps[0].traits.runs_in_transaction)
			continue;
		apply->result->has_attempted = true;
		return error_set(
			err,
			versioned ? ERROR_FAILED_VERSIONED_MIGRATION
				  : ERROR_FAILED_REPEATABLE_MIGRATION,
			"Detected both transactional and non-transactional migrations within "
			"the same migration group (even though mixed is false). First "
			"offending migration: \"%s%s%s\"%s",
			versioned ? migration->version.text : "",
			migration->description[0] != '\0' ? " " : "", migration->description,
			steps[i].traits.runs_in_transaction ? "" : " [non-transactional]");
	}
	return true;
}

static bool all_in_transaction(const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!steps[i].traits.runs_in_transaction)
			return false;
	return true;
}

/* How many steps had run when one failed: JSON lists them, although they were rolled back. */
static size_t steps_before(const struct step *steps, size_t n, const struct migration *failed)
{
	size_t i = 0;

	while (i < n && steps[i].migration != failed)
		i++;
	return failed != NULL ? i : 0;
}

static enum step_status apply_group(struct apply *apply, struct step *steps, size_t n,
                                    struct error *err)
{
	enum step_status status = STEP_DONE;
	size_t done = 0;

	if (!check_group(apply, steps, n, err)) {
		plan_warnings_log(&apply->warnings);
		return STEP_FAILED;
	}
	executor_expect_steps(apply->executor, n);
	if (apply->run->settings->skip_executing_migrations)
		return apply_singly(apply, steps, n, err);
	if (all_in_transaction(steps, n)) {
		status = execute_steps(apply->executor, steps, n, NULL, err);
		done = status == STEP_DONE
		               ? n
		               : steps_before(steps, n, executor_failed(apply->executor));
	}
	/* DIFFERS: Flyway runs them all without a transaction, and its lock takes their rows. */
	while (status == STEP_DONE && done < n) {
		status = execute_steps(apply->executor, &steps[done], 1, NULL, err);
		done += status == STEP_DONE;
	}
	list_steps(apply, steps, done);
	/* Flyway counts no step of a failed group, although those outside of a transaction stay. */
	if (status != STEP_FAILED)
		apply->result->executed += done;
	return status;
}

/* --- the loop ------------------------------------------------------------------------------ */

/* One plan, applied as far as it goes. STEP_STALE: plan again. */
static enum step_status apply_plan(struct apply *apply, struct error *err)
{
	struct info_options options = {apply->run->settings->target,
	                               apply->run->settings->out_of_order};
	enum step_status status = STEP_DONE;
	size_t n = 0;

	if (!info_make(apply->run->arena, apply->migrations, &apply->rows, &options, &apply->info,
	               err))
		return STEP_FAILED;
	plan_warnings_collect(&apply->warnings, &apply->info);
	if (!plan_warnings_check(&apply->warnings, err)) {
		apply->result->has_attempted = true;
		return STEP_FAILED;
	}
	executor_set_last_rank(apply->executor, history_last_rank(&apply->rows));
	struct step *steps = plan_steps(apply, &n);
	if (n > 0 && apply->run->settings->group)
		status = apply_group(apply, steps, n, err);
	else
		status = apply_singly(apply, steps, n, err);
	if (status == STEP_DONE && (n == 0 || !apply->info.target_is_next))
		plan_warnings_log(
			&apply->warnings); /* Flyway looks once more and finds nothing pending */
	return status;
}

/*
 * Reads the whole history, because rows may also have been deleted. If it is still the one that the
 * plan was made from, the guard can never pass (with ranks below 0, for instance).
 */
static bool read_again(struct apply *apply, struct error *err)
{
	const struct run *run = apply->run;
	const struct history *history = &run->session->history;
	int planned_from = executor_last_rank(apply->executor);

	apply->rows = (struct history_rows){0};
	if (is_interrupted(apply, err) ||
	    !history_read(run->arena, run->db, history, &apply->rows, err))
		return false;
	apply->futile_plans =
		history_last_rank(&apply->rows) == planned_from ? apply->futile_plans + 1 : 0;
	if (apply->futile_plans < MAX_FUTILE_PLANS)
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "The rows of Schema History table %s cannot be put in order: is there an "
	                 "installed_rank below 0?",
	                 history->quoted);
}

static bool apply_until_done(struct apply *apply, struct error *err)
{
	for (;;) {
		switch (apply_plan(apply, err)) {
		case STEP_FAILED:
			return false;
		case STEP_STALE:
			if (!read_again(apply, err))
				return false;
			break;
		case STEP_DONE:
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
