/* SPDX-License-Identifier: Apache-2.0 */
/* trial_waits.c - who waits for a trial, and for whom it waits */
#include "trial_state.h"

#include "trial_modes.h"

#include "cflyway/db/answer_shape.h"
#include "cflyway/db/driver.h"

enum {
	PAUSE_MS = 100,       /* between two looks: pg_blocking_pids is not for free */
	MAX_WAITING_MS = 500, /* how long anybody may wait for the trial */
};

static void stop(struct trial *trial, const char *reason)
{
	if (trial->result->stopped != NULL)
		return;
	trial->result->stopped = reason;
	db_cancel(trial->run->db);
}

static void take_blocker(struct trial *trial, const char *const *values)
{
	const struct trial_session session = trial_make_session(trial, values, false);

	trial_add_session(trial->run->arena, &trial->statement->blockers, &session);
}

/* The longest wait counts from when it was first seen: its statement may have begun before. */
static void take_waiter(struct trial *trial, const char *const *values)
{
	int64_t pid = answer_number(values[1]), now_ms = trial_now_ms(trial);
	const struct trial_session session = trial_make_session(trial, values, false);
	size_t i = 0;

	trial_add_session(trial->run->arena, &trial->statement->waiters, &session);
	while (i < trial->waiters_n && trial->waiters[i].pid != pid)
		i++;
	if (i == trial->waiters_n) {
		trial->waiters = arena_grow(trial->run->arena, trial->waiters, trial->waiters_n,
		                            sizeof(*trial->waiters));
		trial->waiters[trial->waiters_n++] = (struct trial_waiter){pid, now_ms};
	}
	if (now_ms - trial->waiters[i].first_seen_ms >= MAX_WAITING_MS)
		stop(trial,
		     arena_printf(trial->run->arena, "process %s of user %s had to wait for it",
		                  values[1], values[2] != NULL ? values[2] : "?"));
}

/* The lock that the worker itself waits for: after its failure nobody could tell. */
static void take_own(struct trial *trial, const char *const *values)
{
	struct trial_relation *relation = trial_find_relation(trial, answer_number(values[5]));
	size_t level = trial_mode_level(str_of(values[6]));

	if (relation != NULL && level > 0 && (relation->modes & 1U << level) == 0)
		trial_add_lock(trial, relation, level);
}

static bool read_wait(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct trial *trial = ctx;

	(void)columns;
	(void)err;
	if (strcmp(values[0], "self") == 0)
		take_own(trial, values);
	else if (strcmp(values[0], "blocker") == 0)
		take_blocker(trial, values);
	else
		take_waiter(trial, values);
	return true;
}

static void check_hold(struct trial *trial)
{
	const int max_ms = trial->result->max_hold_ms;

	if (max_ms > 0 && trial->held_since_ms >= 0 &&
	    trial_now_ms(trial) - trial->held_since_ms > max_ms)
		stop(trial, arena_printf(trial->run->arena,
		                         "it has kept others from writing for %d ms "
		                         "(cflyway.dryRunMaxHold)",
		                         max_ms));
}

void trial_watch_waits(struct trial *trial)
{
	struct error ignored = ERROR_INIT(trial->run->arena);
	const char *args[] = {trial->pid};
	int64_t now_ms = trial_now_ms(trial);

	if (trial->watcher.driver == NULL || now_ms - trial->watched_ms < PAUSE_MS)
		return;
	trial->watched_ms = now_ms;
	(void)!db_query_shaped(&trial->watcher, db_trial_sql(&trial->watcher)->waits, args,
	                       COUNT(args), &trial_session_shape, read_wait, trial, &ignored);
	check_hold(trial);
}
