/* SPDX-License-Identifier: Apache-2.0 */
/* step_start.c - what comes before the script of a step: guards, events and lines */
#include "step_start.h"

#include "migration_callbacks.h"
#include "migration_limits.h"

#include "cflyway/core/outcome.h"
#include "cflyway/db/dry_run.h"

void step_log_stage(const struct execution *execution, const struct step *step,
                    enum progress_stage stage)
{
	progress_event_log(&execution->executor->progress, execution->run, step->migration, stage);
}

/* Logged before the callbacks that precede the line "Migrating …". */
static void log_starting(const struct execution *execution, const struct step *step)
{
	if (execution->tries > 0)
		return; /* it is run again */
	if (step == execution->steps)
		progress_events_expect(&execution->executor->progress, execution->n);
	step_log_stage(execution, step, PROGRESS_STARTING);
}

/* In the file of a dry run. */
static void begin_section(const struct run *run, const struct step *step)
{
	const struct migration *migration = step->migration;
	const char *command = step->undoes != NULL ? "undo" : "migrate";

	if (migration_is_versioned(migration))
		dry_run_section(run->db, "%s -> v%s", command, migration->version.text);
	else
		dry_run_section(run->db, "%s -> %s", command, migration->description);
}

void step_choose(struct execution *execution, struct step *step)
{
	begin_section(execution->run, step);
	execution->current = step;
	outcome_blame(execution->run, NULL);
	script_run_choose(&execution->script, step->migration, &step->traits, &step->text);
	execution->script.parse_error = step->parse_error;
	execution->has_limits =
		migration_limits(execution->run, step->migration, &execution->limits);
}

void step_announce(struct execution *execution, int64_t ago_ms)
{
	const struct run *run = execution->run;
	const struct step *step = execution->current;

	if (!execution->has_events_before)
		log_starting(execution, step);
	execution->phase = PHASE_SCRIPT;
	if (execution->tries == 0) {
		log_info(run->log, "%s %s", step_doing(step), step_describe(run, step));
		step_log_stage(execution, step, PROGRESS_MIGRATING);
	}
	execution->started_ms = run->clock->monotonic_ms(run->clock) - ago_ms;
}

void step_guards_passed(void *ctx, int64_t ago_ms)
{
	struct execution *execution = ctx;
	const struct step_hooks *hooks = execution->executor->hooks;

	execution->script.is_beginning = false;
	if (execution->phase != PHASE_GUARDS)
		return;
	execution->phase = PHASE_BEFORE;
	if (hooks->started != NULL)
		hooks->started(hooks->ctx);
	if (!execution->has_events_before)
		step_announce(execution, ago_ms);
}

bool step_fire_before(struct execution *execution, struct error *err)
{
	const struct step_hooks *hooks = execution->executor->hooks;

	return hooks->before_step == NULL ||
	       hooks->before_step(hooks->ctx, execution->current, err);
}

bool step_start_early(struct execution *execution, struct error *err)
{
	if (execution->executor->hooks->before_step == NULL ||
	    db_has_transactional_lock(execution->run->db))
		return true;
	step_guards_passed(execution, 0);
	return step_fire_before(execution, err);
}

enum db_status step_start(struct execution *execution, struct error *err)
{
	enum db_status status;

	if (!execution->has_events_before)
		return DB_OK;
	status = db_sync(execution->run->db, err);
	if (status != DB_OK)
		return status;
	if (!step_fire_before(execution, err))
		return DB_FAILED;
	log_starting(execution, execution->current);
	if (!migration_callbacks_run(execution, EVENT_BEFORE_EACH_MIGRATE, err))
		return DB_FAILED;
	step_announce(execution, 0);
	return DB_OK;
}
