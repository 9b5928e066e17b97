/* SPDX-License-Identifier: Apache-2.0 */
/* target_schedule.c - decides which target begins next */
#include "target_schedule.h"

static struct target_needs find_needs(struct arena *arena, const struct targets *targets, size_t i)
{
	const struct str_list *after = &targets->items[i].after;
	struct target_needs needs = {arena_array(arena, after->n, sizeof(*needs.items)), 0};

	for (size_t j = 0; j < after->n; j++) {
		const struct target *target = targets_find(targets, after->items[j]);

		if (target != NULL)
			needs.items[needs.n++] = (size_t)(target - targets->items);
	}
	return needs;
}

void target_schedule_open(struct target_schedule *schedule, struct arena *arena,
                          const struct targets *targets, size_t limit, bool continue_on_error)
{
	struct target_needs *needs = arena_array(arena, targets->n, sizeof(*needs));

	for (size_t i = 0; i < targets->n; i++)
		needs[i] = find_needs(arena, targets, i);
	*schedule = (struct target_schedule){
		.n = targets->n,
		.needs = needs,
		.states = arena_array(arena, targets->n, sizeof(*schedule->states)),
		.limit = limit,
		.continue_on_error = continue_on_error,
	};
}

static bool has_ended(enum target_state state)
{
	return state != TARGET_WAITING && state != TARGET_RUNNING;
}

static size_t count(const struct target_schedule *schedule, enum target_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < schedule->n; i++)
		n += schedule->states[i] == state;
	return n;
}

/* Returns what can be done with a target that waits; MOVE_WAIT: one that it needs still runs. */
static struct target_next examine(const struct target_schedule *schedule, size_t i)
{
	const struct target_needs *needs = &schedule->needs[i];
	enum target_move move = MOVE_BEGIN;

	for (size_t j = 0; j < needs->n; j++) {
		enum target_state state = schedule->states[needs->items[j]];

		if (has_ended(state) && state != TARGET_SUCCEEDED)
			return (struct target_next){MOVE_SKIP, i, needs->items[j]};
		if (state != TARGET_SUCCEEDED)
			move = MOVE_WAIT;
	}
	return (struct target_next){move, i, 0};
}

struct target_next target_schedule_next(struct target_schedule *schedule)
{
	bool stops = schedule->is_stopped ||
	             (!schedule->continue_on_error && count(schedule, TARGET_FAILED) > 0);
	bool has_room = count(schedule, TARGET_RUNNING) < schedule->limit;

	while (schedule->first < schedule->n && has_ended(schedule->states[schedule->first]))
		schedule->first++;
	for (size_t i = schedule->first; i < schedule->n; i++) {
		if (schedule->states[i] != TARGET_WAITING)
			continue;
		if (stops)
			return (struct target_next){MOVE_NOT_BEGIN, i, 0};
		struct target_next next = examine(schedule, i);
		if (next.move == MOVE_SKIP || (next.move == MOVE_BEGIN && has_room))
			return next;
	}
	return (struct target_next){schedule->first == schedule->n ? MOVE_END : MOVE_WAIT, 0, 0};
}
