/* SPDX-License-Identifier: Apache-2.0 */
/* trial_waits.c - other sessions: who waits for a trial, and who holds what it needs */
#include "trial_state.h"

#include "trial_modes.h"

#include "cflyway/db/answer_shape.h"
#include "cflyway/db/driver.h"

enum {
	PAUSE_MS = 100,       /* between two looks: pg_blocking_pids is not for free */
	MAX_WAITING_MS = 500, /* how long anybody may wait for the trial */
	OTHERS_PAUSE_MS = 1000,
	MAX_SIGHTINGS = 1000,
	MAX_CONFLICTS = 20, /* that are listed for a lock */
};

/* --- who waits ----------------------------------------------------------------------------- */

static void stop(struct trial *trial, const char *reason)
{
	if (trial->result->stopped != NULL)
		return;
	trial->result->stopped = reason;
	db_cancel(trial->run->db);
}

/* May be NULL. */
static const char *copy(struct arena *arena, const char *text)
{
	return text != NULL ? arena_strdup(arena, text) : NULL;
}

/* The columns of db_trial_sql.waits and .others, which are the same. */
static struct trial_session make_session(const struct trial *trial, const char *const *values,
                                         bool is_granted)
{
	struct arena *arena = trial->run->arena;
	const struct trial_relation *relation =
		trial_find_relation(trial, answer_number(values[5]));

	return (struct trial_session){
		.pid = arena_strdup(arena, values[1]),
		.user = copy(arena, values[2]),
		.application = copy(arena, values[3]),
		.state = copy(arena, values[4]),
		.relation = relation != NULL ? relation->name : NULL,
		.mode = trial_mode_words(trial_mode_level(str_of(values[6]))),
		.is_granted = is_granted,
		.open_ms = answer_number(values[7]),
		.query = copy(arena, values[8]),
	};
}

static bool has_session(const struct trial_sessions *sessions, const char *pid)
{
	for (size_t i = 0; i < sessions->n; i++)
		if (strcmp(sessions->items[i].pid, pid) == 0)
			return true;
	return false;
}

static void add_session(struct arena *arena, struct trial_sessions *sessions,
                        const struct trial_session *session)
{
	if (has_session(sessions, session->pid))
		return;
	sessions->items = arena_grow(arena, sessions->items, sessions->n, sizeof(*sessions->items));
	sessions->items[sessions->n++] = *session;
}

static void take_blocker(struct trial *trial, const char *const *values)
{
	const struct trial_session session = make_session(trial, values, false);

	add_session(trial->run->arena, &trial->statement->blockers, &session);
}

/* The longest wait counts from when it was first seen: its statement may have begun before. */
static void take_waiter(struct trial *trial, const char *const *values)
{
	int64_t pid = answer_number(values[1]), now_ms = trial_now_ms(trial);
	const struct trial_session session = make_session(trial, values, false);
	size_t i = 0;

	add_session(trial->run->arena, &trial->statement->waiters, &session);
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

static const struct answer_shape session_shape = {"the other sessions", "vvnnnnnnn", false};

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
	                       COUNT(args), &session_shape, read_wait, trial, &ignored);
	check_hold(trial);
}

/* --- who uses what ------------------------------------------------------------------------- */

/* Once the trial holds the relation, others only wait for it: trial_watch_waits sees them. */
static bool waits_for_trial(const struct trial_relation *relation, size_t level)
{
	for (size_t own = 1; own <= TRIAL_MODES_N; own++)
		if ((relation->modes & 1U << own) != 0 && trial_modes_conflict(own, level))
			return true;
	return false;
}

static bool is_known(const struct trial *trial, const struct trial_sighting *sighting)
{
	for (size_t i = 0; i < trial->sightings_n; i++) {
		const struct trial_sighting *known = &trial->sightings[i];

		if (known->relation == sighting->relation && known->level == sighting->level &&
		    known->session.is_granted == sighting->session.is_granted &&
		    strcmp(known->session.pid, sighting->session.pid) == 0)
			return true;
	}
	return false;
}

static bool read_other(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct trial *trial = ctx;
	const struct trial_sighting sighting = {
		.relation = trial_find_relation(trial, answer_number(values[5])),
		.level = trial_mode_level(str_of(values[6])),
		.session = make_session(trial, values, strcmp(values[0], "holder") == 0),
	};

	(void)columns;
	(void)err;
	if (sighting.relation == NULL || waits_for_trial(sighting.relation, sighting.level) ||
	    trial->sightings_n >= MAX_SIGHTINGS || is_known(trial, &sighting))
		return true;
	trial->sightings = arena_grow(trial->run->arena, trial->sightings, trial->sightings_n,
	                              sizeof(*trial->sightings));
	trial->sightings[trial->sightings_n++] = sighting;
	return true;
}

void trial_watch_others(struct trial *trial)
{
	struct error ignored = ERROR_INIT(trial->run->arena);
	const char *args[] = {trial->pid};
	const int64_t now_ms = trial_now_ms(trial);

	if (trial->watcher.driver == NULL ||
	    (trial->others_ms >= 0 && now_ms - trial->others_ms < OTHERS_PAUSE_MS))
		return;
	trial->others_ms = now_ms;
	(void)!db_query_shaped(&trial->watcher, db_trial_sql(&trial->watcher)->others, args,
	                       COUNT(args), &session_shape, read_other, trial, &ignored);
}

void trial_add_conflicts(const struct trial *trial, const struct trial_relation *relation,
                         size_t level, struct trial_sessions *conflicts)
{
	for (size_t i = 0; i < trial->sightings_n && conflicts->n < MAX_CONFLICTS; i++) {
		const struct trial_sighting *sighting = &trial->sightings[i];

		if (sighting->relation == relation && trial_modes_conflict(sighting->level, level))
			add_session(trial->run->arena, conflicts, &sighting->session);
	}
}
