/* SPDX-License-Identifier: Apache-2.0 */
/* steps_run.c - runs the steps of a plan: one after the other, or as a group */
#include "steps_run.h"

#include "cflyway/core/outcome.h"
#include "cflyway/core/pooler_plan.h"
#include "cflyway/core/script_check.h"
#include "cflyway/core/session.h"
#include "cflyway/core/standby.h"
#include "cflyway/core/trial.h"

/* --- checking ------------------------------------------------------------------------------ */

/*
 * A script whose own configuration says how it runs is parsed only when it does: measured. Until
 * then the step keeps the error.
 */
static bool check(const struct steps_run *steps_run, struct step *step, struct script_text *text,
                  struct error *err)
{
	const struct run *run = steps_run->run;
	enum tristate own = step->migration->execute_in_transaction;

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
static void check_some(const struct steps_run *steps_run, struct step *steps, size_t n)
{
	enum { MAX_STEPS = 32, MAX_BYTES = 256 * 1024 };
	struct error ignored = ERROR_INIT(steps_run->run->arena);
	size_t bytes = 0;

	for (size_t i = 0; i < n && i < MAX_STEPS && bytes < MAX_BYTES; i++) {
		steps[i].is_checked = check(steps_run, &steps[i], &steps[i].text, &ignored);
		if (!steps[i].is_checked)
			return;
		bytes += steps[i].traits.size_bytes;
	}
}

/*
 * A step can share a round trip with the one before it only after it has been checked. An error in
 * it is reported when its turn comes.
 */
static struct step *look_ahead(const struct steps_run *steps_run, struct step *next, size_t n)
{
	if (n == 0 || steps_run->run->log->debug)
		return NULL; /* the check logs lines, which would come too early */
	if (!next->is_checked)
		check_some(steps_run, next, n);
	return next->is_checked ? next : NULL;
}

/* --- one after the other ------------------------------------------------------------------- */

static void refuse(const struct steps_run *steps_run)
{
	if (steps_run->refused != NULL)
		steps_run->refused(steps_run->ctx);
}

/* Is the step one that a trial cannot run? */
static bool is_untried(const struct steps_run *steps_run, struct step *step)
{
	struct trial *trial = steps_run->run->trial;

	if (trial == NULL || trial_may_run(trial, step->migration, NULL, &step->traits))
		return false;
	step->is_untried = step->is_done = true;
	return true;
}

/* The first of n steps. Without group, its error is reported after the steps before it have run. */
static enum step_status run_one(const struct steps_run *steps_run, struct step *step, size_t n,
                                struct error *err)
{
	if (!step->is_checked && !check(steps_run, step, &step->text, err)) {
		outcome_blame(steps_run->run, step->migration->path);
		refuse(steps_run);
		return STEP_FAILED;
	}
	if (steps_run->run->settings->skip_executing_migrations)
		return execute_skipped(steps_run->executor, step, 1, err);
	if (is_untried(steps_run, step))
		return STEP_DONE;
	return execute_steps(steps_run->executor, step, 1, look_ahead(steps_run, step + 1, n - 1),
	                     err);
}

/* The first n are committed with their rows. */
static void keep(const struct steps_run *steps_run, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!steps_run->steps[i].is_untried)
			outcome_keep(steps_run->run, steps_run->steps[i].migration);
}

static void count_done(struct steps_run *steps_run)
{
	const struct step *steps = steps_run->steps;
	size_t done = 0;

	for (; done < steps_run->n && steps[done].is_done; done++)
		steps_run->untried += steps[done].is_untried;
	steps_run->ran = steps_run->done = done;
	keep(steps_run, done);
}

/* Frees the texts of steps that were never reached. */
static void release_texts(struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		script_text_release(&steps[i].text);
}

static enum step_status run_singly(struct steps_run *steps_run, struct error *err)
{
	struct step *steps = steps_run->steps;
	size_t n = steps_run->n;
	enum step_status status = STEP_DONE;

	if (!executor_begin_steps(steps_run->executor, n, err))
		return STEP_FAILED;
	for (size_t i = 0; status == STEP_DONE && i < n; i++) {
		if (executor_is_interrupted(steps_run->executor, err))
			status = STEP_FAILED;
		else
			status = run_one(steps_run, &steps[i], n - i, err);
		script_text_release(&steps[i].text);
	}
	release_texts(steps, n);
	count_done(steps_run);
	executor_end_steps(steps_run->executor, status == STEP_FAILED ? err : NULL);
	return status;
}

/* --- group --------------------------------------------------------------------------------- */

/* Always false. */
static bool fail_mixed(struct steps_run *steps_run, const struct step *step, struct error *err)
{
	const struct migration *migration = step->migration;
	bool versioned = migration_is_versioned(migration);

	steps_run->is_mixed = true;
	return error_set(err,
	                 versioned ? ERROR_FAILED_VERSIONED_MIGRATION
	                           : ERROR_FAILED_REPEATABLE_MIGRATION,
	                 "Detected both transactional and non-transactional migrations within "
	                 "the same migration group (even though mixed is false). First "
	                 "offending migration: \"%s%s%s\"%s",
	                 versioned ? migration->version.text : "",
	                 migration->description[0] != '\0' ? " " : "", migration->description,
	                 step->traits.runs_in_transaction ? "" : " [non-transactional]");
}

/* Those that a trial can run, in front. */
static size_t sort_out_untried(const struct steps_run *steps_run)
{
	struct step *steps = steps_run->steps;
	size_t kept = 0;

	for (size_t i = 0; i < steps_run->n; i++)
		if (!is_untried(steps_run, &steps[i]))
			steps[kept++] = steps[i];
	return kept;
}

/* What comes after the first fault is not read. */
static bool check_group(struct steps_run *steps_run, struct error *err)
{
	struct step *steps = steps_run->steps;
	bool may_mix = steps_run->run->settings->mixed;

	for (size_t i = 0; i < steps_run->n; i++) {
		steps[i].is_checked = check(steps_run, &steps[i], NULL, err);
		if (!steps[i].is_checked) {
			outcome_blame(steps_run->run, steps[i].migration->path);
			return false;
		}
		if (!may_mix &&
		    steps[i].traits.runs_in_transaction != steps[0].traits.runs_in_transaction)
			return fail_mixed(steps_run, &steps[i], err);
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
static size_t steps_before(const struct step *steps, const struct migration *failed)
{
	size_t i = 0;

	while (failed != NULL && steps[i].migration != failed)
		i++;
	return i;
}

static enum step_status run_group(struct steps_run *steps_run, struct error *err)
{
	struct executor *executor = steps_run->executor;
	struct step *steps = steps_run->steps;
	size_t n = steps_run->n, done = 0, kept = 0;
	enum step_status status = STEP_DONE;

	if (!check_group(steps_run, err)) {
		refuse(steps_run);
		return STEP_FAILED;
	}
	if (steps_run->run->trial != NULL)
		steps_run->n = n = sort_out_untried(steps_run);
	if (n == 0)
		return STEP_DONE;
	executor_expect_steps(executor, n);
	if (steps_run->run->settings->skip_executing_migrations) {
		status = execute_skipped(executor, steps, n, err);
		done = status == STEP_DONE ? n : 0;
	} else if (all_in_transaction(steps, n)) {
		status = execute_steps(executor, steps, n, NULL, err);
		done = status == STEP_DONE ? n : steps_before(steps, executor_failed(executor));
	}
	kept = status == STEP_DONE ? done : 0;
	/* DIFFERS: Flyway runs them all without a transaction, and its lock takes their rows. */
	while (status == STEP_DONE && done < n) {
		status = execute_steps(executor, &steps[done], 1, NULL, err);
		done += status == STEP_DONE;
		kept = done;
	}
	keep(steps_run, kept);
	steps_run->ran = done;
	/* Flyway counts no step of a failed group, although those outside of a transaction stay. */
	if (status != STEP_FAILED)
		steps_run->done = done;
	return status;
}

/* Behind a pooler: all that is to run is read before any of it does. */
static bool check_pooler(const struct steps_run *steps_run, struct error *err)
{
	const struct run *run = steps_run->run;
	const bool is_group = run->settings->group && steps_run->n > 1;

	for (size_t i = 0; i < steps_run->n && !run->settings->skip_executing_migrations; i++)
		if (!pooler_plan_check_migration(run, steps_run->steps[i].migration, is_group, err))
			return false;
	return true;
}

static bool has_ranks(const struct steps_run *steps_run, struct error *err)
{
	return history_check_ranks(&steps_run->run->session->history,
	                           executor_last_rank(steps_run->executor), steps_run->n,
	                           "Nothing has been run", err);
}

enum step_status steps_run_all(struct steps_run *steps_run, struct error *err)
{
	bool is_group = steps_run->n > 0 && steps_run->run->settings->group;

	if ((steps_run->n > 0 && !standby_check(steps_run->run, err)) ||
	    !has_ranks(steps_run, err) || !check_pooler(steps_run, err)) {
		refuse(steps_run);
		return STEP_FAILED;
	}
	return is_group ? run_group(steps_run, err) : run_singly(steps_run, err);
}
