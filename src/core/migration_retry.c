/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_retry.c - runs a migration again that was in conflict with other sessions
 *
 * Only a single transactional migration of which nothing is left: the next try begins like the
 * first one, with the lock and the look at the history.
 */
#include "migration_retry.h"

#include "migration_limits.h"

#include "cflyway/core/callbacks.h"

#include <inttypes.h>

enum {
	LONGEST_PAUSE_MS = 60 * 1000,
	SLICE_MS = 100, /* how long a signal may go unnoticed */
	MS_PER_S = 1000,
};

int64_t migration_retry_pause_ms(int first_ms, int retry, uint32_t chance)
{
	int64_t longest = first_ms > LONGEST_PAUSE_MS ? first_ms : LONGEST_PAUSE_MS;
	int64_t pause = first_ms;

	for (int i = 0; i < retry && pause < longest; i++)
		pause *= 2;
	if (pause > longest)
		pause = longest;
	return pause - (int64_t)(chance % (uint32_t)(pause / 2 + 1));
}

/* No two programs fail in the same nanosecond. */
static uint32_t any_number(const struct run *run)
{
	uint32_t number = (uint32_t)run->clock->now(run->clock).tv_nsec;

	return (number + 1) * UINT32_C(2654435761) >> 8;
}

/* Why the current migration cannot be run again. NULL: it can. */
static const char *find_obstacle(const struct execution *execution)
{
	const struct run *run = execution->run;
	const struct script_traits *traits = &execution->current->traits;
	const struct {
		bool is_there;
		const char *sentence;
	} obstacles[] = {
		{execution->current->migration->program != NULL, "it is a program"},
		{run->settings->group, "it is one of a group"},
		{!traits->runs_in_transaction, "it runs outside of a transaction"},
		{traits->controls_transaction || execution->script.n_ends > 0,
	         "it begins or ends transactions itself"},
		{traits->may_unlock, "it may release the lock on the schema history"},
		{callbacks_in_migrations(run), "callbacks run inside of it"},
	};

	for (size_t i = 0; i < COUNT(obstacles); i++)
		if (obstacles[i].is_there)
			return obstacles[i].sentence;
	if (traits->side_effect != NULL)
		return arena_printf(run->arena,
		                    "a rollback does not take back all that it does "
		                    "(%s)",
		                    traits->side_effect);
	return NULL;
}

/* "55P03, line 3"; SQLite has no states. */
static const char *describe_place(const struct execution *execution, const char *state,
                                  const struct error *err)
{
	struct arena *arena = execution->run->arena;
	const struct sql_failure *sql = err->sql;
	const char *line = sql->path != NULL ? arena_printf(arena, "line %zu", sql->line) : "";

	if (state == NULL)
		return sql->path != NULL ? arena_printf(arena, " (%s)", line) : "";
	return arena_printf(arena, " (SQL State: %s%s%s)", state, *line != '\0' ? ", " : "", line);
}

static bool sleep_unless_cancelled(const struct run *run, int64_t ms)
{
	while (ms > 0 && !run->db->is_cancelled) {
		int64_t slice = ms < SLICE_MS ? ms : SLICE_MS;

		run->clock->sleep_ms(run->clock, slice);
		ms -= slice;
	}
	return !run->db->is_cancelled;
}

/* Would a migration that may run again run again now? */
static bool is_wanted(const struct execution *execution, const struct migration_retries *retries,
                      const struct db_conflict *conflict)
{
	const struct run *run = execution->run;

	return conflict->sentence != NULL && retries->n > 0 && run->trial == NULL &&
	       !run->db->is_cancelled && db_tx_status(run->db) != TX_LOST;
}

static void note_obstacle(const struct execution *execution, const char *obstacle,
                          struct error *err)
{
	error_note(err, "%s was not run again: %s.", execution->current->migration->path, obstacle);
}

void migration_retry_note_obstacle(const struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	const struct migration_retries retries =
		migration_retries(run, execution->current->migration);
	const struct db_conflict conflict = db_find_conflict(run->db, err);
	const char *obstacle = find_obstacle(execution);

	if (obstacle != NULL && is_wanted(execution, &retries, &conflict))
		note_obstacle(execution, obstacle, err);
}

bool migration_retry_wait(struct execution *execution, struct error *err)
{
	const struct run *run = execution->run;
	const char *path = execution->current->migration->path;
	const struct migration_retries retries =
		migration_retries(run, execution->current->migration);
	const struct db_conflict conflict = db_find_conflict(run->db, err);
	int64_t pause_ms;

	if (!is_wanted(execution, &retries, &conflict))
		return false;
	const char *obstacle = find_obstacle(execution);
	if (obstacle != NULL) {
		note_obstacle(execution, obstacle, err);
		return false;
	}
	if (++execution->tries > retries.n) {
		error_note(err, "%s was tried %d times.", path, execution->tries);
		return false;
	}
	pause_ms =
		migration_retry_pause_ms(retries.pause_ms, execution->tries - 1, any_number(run));
	log_cflyway(run->log,
	            "%s, try %d of %d: %s%s. It was rolled back and is run again in %" PRId64
	            ".%03d s.",
	            path, execution->tries, retries.n + 1, conflict.sentence,
	            describe_place(execution, conflict.state, err), pause_ms / MS_PER_S,
	            (int)(pause_ms % MS_PER_S));
	if (!sleep_unless_cancelled(run, pause_ms)) {
		note_obstacle(execution, "interrupted", err);
		return false;
	}
	execution->phase = PHASE_GUARDS;
	error_clear(err);
	return true;
}
