/* SPDX-License-Identifier: Apache-2.0 */
/* trial_others.c - locks of other sessions on what a trial has not locked yet */
#include "trial_state.h"

#include "trial_modes.h"

#include "cflyway/db/answer_shape.h"
#include "cflyway/db/driver.h"

enum {
	PAUSE_MS = 1000, /* between two looks */
	MAX_SIGHTINGS = 1000,
	MAX_CONFLICTS = 20, /* that are listed for a lock */
};

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
		.session = trial_make_session(trial, values, strcmp(values[0], "holder") == 0),
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
	    (trial->others_ms >= 0 && now_ms - trial->others_ms < PAUSE_MS))
		return;
	trial->others_ms = now_ms;
	(void)!db_query_shaped(&trial->watcher, db_trial_sql(&trial->watcher)->others, args,
	                       COUNT(args), &trial_session_shape, read_other, trial, &ignored);
}

void trial_add_conflicts(const struct trial *trial, const struct trial_relation *relation,
                         size_t level, struct trial_sessions *conflicts)
{
	for (size_t i = 0; i < trial->sightings_n && conflicts->n < MAX_CONFLICTS; i++) {
		const struct trial_sighting *sighting = &trial->sightings[i];

		if (sighting->relation == relation && trial_modes_conflict(sighting->level, level))
			trial_add_session(trial->run->arena, conflicts, &sighting->session);
	}
}
