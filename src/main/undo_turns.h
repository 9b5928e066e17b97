/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo_turns.h - which targets take turns when the last migrations of all of them are taken back
 *
 * "down 3" over several targets takes back the last three migrations of all together, by the time
 * when they were applied. A turn is one undo of one target; a target has several if migrations of
 * others lie between its own.
 */
#ifndef CFLYWAY_MAIN_UNDO_TURNS_H
#define CFLYWAY_MAIN_UNDO_TURNS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/args.h"
#include "cflyway/config/targets.h"

#include <stdbool.h>

/* Is the call one that takes back migrations of all targets together? */
bool undo_turns_wanted(const struct invocation *invocation, const struct targets *targets);

/*
 * Reads the histories of all targets and plans the turns, the last applied migration first.
 * calls[i] is the call of target i. Replaces *targets and *calls by those of the turns, which wait
 * for nothing. Nothing is changed in the databases. Errors: those of connecting and of reading a
 * history, with the name of the target.
 */
MUST_USE bool undo_turns_plan(struct arena *arena, struct targets *targets,
                              const struct invocation **calls, struct error *err);

/* --- for tests ----------------------------------------------------------------------------- */

/* A migration that could be taken back. */
struct undo_turn_candidate {
	size_t target;            /* its number */
	const char *installed_on; /* a later one is the greater text */
	size_t place;             /* among those of its target, the last applied first */
};

struct undo_turn {
	size_t target, steps;
};

/*
 * Sorts the candidates, and makes turns of the last ones, at most limit. Candidates of the same
 * time begin with the last target, as targets were migrated in their order. one_each: a target has
 * only one turn, as in a dry run, which leaves nothing that a second one could go on from. Returns
 * the number of turns; there is room for n.
 */
size_t undo_turns_divide(struct undo_turn_candidate *candidates, size_t n, size_t limit,
                         bool one_each, struct undo_turn *turns);

#endif
