/* SPDX-License-Identifier: Apache-2.0 */
/* undo_turns.c - which targets take turns when the last migrations of all of them are taken back */
#include "undo_turns.h"

#include "signals.h"

#include "cflyway/base/clock.h"
#include "cflyway/config/settings.h"
#include "cflyway/core/locations.h"
#include "cflyway/core/session.h"
#include "cflyway/core/undo_candidates.h"
#include "cflyway/core/undo_plan.h"
#include "cflyway/db/driver.h"

#include <stdlib.h>
#include <string.h>

bool undo_turns_wanted(const struct invocation *invocation, const struct targets *targets)
{
	return invocation->takes_turns && invocation->verbs.n == 1 && targets->n > 1;
}

/* --- dividing ------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
	const struct undo_turn_candidate *left = a, *right = b;
	int order = strcmp(right->installed_on, left->installed_on);

	if (order != 0)
		return order;
	if (left->target != right->target)
		return left->target > right->target ? -1 : 1;
	return left->place < right->place ? -1 : 1;
}

/* The turn that the next migration of the target belongs to; NULL: it begins a new one. */
static struct undo_turn *find_turn(struct undo_turn *turns, size_t n, size_t target, bool one_each)
{
	size_t first = one_each || n == 0 ? 0 : n - 1;

	for (size_t i = first; i < n; i++)
		if (turns[i].target == target)
			return &turns[i];
	return NULL;
}

size_t undo_turns_divide(struct undo_turn_candidate *candidates, size_t n, size_t limit,
                         bool one_each, struct undo_turn *turns)
{
	size_t count = 0;

	if (n > 0)
		qsort(candidates, n, sizeof(candidates[0]), compare);
	for (size_t i = 0; i < n && i < limit; i++) {
		size_t target = candidates[i].target;
		struct undo_turn *turn = find_turn(turns, count, target, one_each);

		if (turn == NULL) {
			turn = &turns[count++];
			*turn = (struct undo_turn){.target = target};
		}
		turn->steps++;
	}
	return count;
}

/* --- asking the targets -------------------------------------------------------------------- */

struct collector {
	struct arena *arena;
	size_t limit;
	struct undo_turn_candidate *items;
	size_t n;
	bool is_dry; /* nothing will be changed in any of them */
};

static void collect(struct collector *collector, size_t target,
                    const struct undo_candidates *candidates)
{
	struct arena *arena = collector->arena;

	for (size_t i = 0; i < candidates->n; i++) {
		collector->items = arena_grow(arena, collector->items, collector->n,
		                              sizeof(collector->items[0]));
		collector->items[collector->n++] = (struct undo_turn_candidate){
			.target = target,
			.installed_on = arena_strdup(arena, candidates->items[i].installed_on),
			.place = i,
		};
	}
}

static bool ask_database(struct collector *collector, size_t target, struct run *run,
                         struct error *err)
{
	struct undo_candidates candidates;

	signals_watch(run->db);
	bool ok = db_open(run->db, run->drivers, run->arena, run->settings, run->log, err) &&
	          session_open(run, err) &&
	          undo_candidates_list(run, collector->limit, &candidates, err);
	if (ok)
		collect(collector, target, &candidates);
	signals_watch(NULL);
	db_close(run->db);
	return ok;
}

static bool ask(struct collector *collector, size_t target, const struct invocation *call,
                struct error *err)
{
	struct arena scratch = ARENA_EMPTY;
	const struct log silence = {0};
	struct settings settings;
	struct locations locations = {.arena = &scratch, .settings = &settings};
	struct db db = {0};
	struct run run = {
		.arena = &scratch,
		.settings = &settings,
		.log = &silence,
		.clock = &clock_system,
		.drivers = &db_drivers,
		.db = &db,
		.locations = &locations,
		.needs_callbacks_only = true,
	};
	bool ok = settings_load(&scratch, call, &environment_process, &silence, &settings, err);

	if (ok)
		collector->is_dry |=
			settings.dry_run_kind != DRY_RUN_NONE || settings.dry_run_output != NULL;
	ok = ok && settings_read_password(&scratch, &silence, &settings, err);
	ok = ok && (db_is_missing(&db_drivers, &scratch, settings.url) ||
	            ask_database(collector, target, &run, err));

	arena_release(&scratch);
	return ok;
}

/* --- the plan ------------------------------------------------------------------------------ */

static bool read_limit(const struct invocation *call, size_t *limit, struct error *err)
{
	const struct pair *steps = pairs_find(&call->options, "steps");

	*limit = 1;
	return steps == NULL || undo_steps_parse(steps->value, limit, err);
}

static struct invocation call_with_steps(struct arena *arena, const struct invocation *call,
                                         size_t steps)
{
	struct invocation copy = *call;

	pairs_init(&copy.options, arena);
	for (size_t i = 0; i < call->options.n; i++)
		pairs_copy(&copy.options, call->options.items[i].key, &call->options.items[i]);
	pairs_set(&copy.options, STR("steps"), str_of(arena_printf(arena, "%zu", steps)), "down");
	return copy;
}

bool undo_turns_plan(struct arena *arena, struct targets *targets, const struct invocation **calls,
                     struct error *err)
{
	struct collector collector = {.arena = arena};

	if (!read_limit(*calls, &collector.limit, err))
		return false;
	for (size_t i = 0; i < targets->n; i++)
		if (!ask(&collector, i, &(*calls)[i], err)) {
			err->names_target = true;
			error_explain(err, NOTE_OUTCOME, "it was target %s; nothing was changed",
			              targets->items[i].name);
			return false;
		}
	struct undo_turn *turns = arena_array(arena, collector.n, sizeof(turns[0]));
	size_t n = undo_turns_divide(collector.items, collector.n, collector.limit,
	                             collector.is_dry, turns);
	struct target *items = arena_array(arena, n, sizeof(items[0]));
	struct invocation *turn_calls = arena_array(arena, n, sizeof(turn_calls[0]));

	for (size_t i = 0; i < n; i++) {
		items[i] = targets->items[turns[i].target];
		items[i].after = (struct str_list){0};
		turn_calls[i] = call_with_steps(arena, &(*calls)[turns[i].target], turns[i].steps);
	}
	targets->items = items;
	targets->n = n;
	*calls = turn_calls;
	return true;
}
