/* SPDX-License-Identifier: Apache-2.0 */
/* interruption.c - says where a signal has ended a run, and what is left of what ran then */
#include "interruption.h"

/* "V7", "U7"; what has no version has the name of its file. */
static const char *name_step(struct arena *arena, const struct step *step)
{
	const struct migration *migration = step->migration;

	if (!migration_is_versioned(migration))
		return migration->file_name;
	return arena_printf(arena, "%s%s", step->undoes != NULL ? "U" : "V",
	                    migration->version.text);
}

static const char *name_place(const struct execution *execution, const struct step *step)
{
	const struct script_stop *stop = &execution->script.stop;
	struct arena *arena = execution->run->arena;
	const char *name = name_step(arena, step);

	switch (execution->phase) {
	case PHASE_GUARDS:
	case PHASE_BEFORE:
		return arena_printf(arena, "before %s", name);
	case PHASE_SCRIPT:
		break;
	case PHASE_AFTER:
	case PHASE_COMMIT:
		return arena_printf(arena, "after the last statement of %s", name);
	}
	if (stop->number == 0)
		return arena_printf(arena, "in %s", name);
	return arena_printf(arena, "in %s, %sstatement %zu, line %zu", name,
	                    stop->is_before ? "before " : "", stop->number, stop->line);
}

static const char *say_what_is_left(const struct execution *execution, const struct step *step)
{
	const struct script_run *script = &execution->script;
	const struct script_traits *traits = &step->traits;
	struct arena *arena = execution->run->arena;
	struct db *db = execution->run->db;

	if (db_tx_status(db) == TX_LOST)
		return "the connection is lost";
	if (script->has_run_program)
		return "what its program has done stays";
	if (execution->phase == PHASE_GUARDS && execution->n == 1)
		return "nothing of it has run";
	if (script->n_ends > 0 || (!traits->runs_in_transaction && traits->controls_by_itself))
		return "what had been committed stays, the rest is rolled back";
	if (step->migration->program != NULL)
		return "its program has not run";
	if (!traits->runs_in_transaction)
		return arena_printf(arena, "%zu of its %zu statements have been applied and stay",
		                    script->completed, traits->statements);
	if (db->cannot_roll_back)
		return "it cannot be rolled back";
	if (execution->n > 1)
		return arena_printf(arena, "all %zu migrations of the group are rolled back",
		                    execution->n);
	return "rolled back";
}

void interruption_note(const struct execution *execution, struct error *err)
{
	const struct db *db = execution->run->db;
	const struct step *step =
		execution->current != NULL ? execution->current : execution->steps;

	/* A wait for the lock has said so itself. */
	if (execution->phase == PHASE_GUARDS && err->sql == NULL)
		return;
	if (!db->is_cancelled || db->dry_run != NULL || execution->is_committed)
		return;
	error_explain(err, NOTE_CAUSE, "interrupted %s: %s", name_place(execution, step),
	              say_what_is_left(execution, step));
}
