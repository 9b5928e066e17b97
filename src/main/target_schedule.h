/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target_schedule.h - decides which target begins next
 *
 * Pure: the caller runs the targets and writes down how they are.
 */
#ifndef CFLYWAY_MAIN_TARGET_SCHEDULE_H
#define CFLYWAY_MAIN_TARGET_SCHEDULE_H

#include "cflyway/base/arena.h"
#include "cflyway/config/targets.h"
#include "cflyway/output/output_targets.h"

#include <stdbool.h>
#include <stddef.h>

/* The targets that a target waits for, as their numbers; all are smaller than its own. */
struct target_needs {
	size_t *items;
	size_t n;
};

struct target_schedule {
	size_t n;
	const struct target_needs *needs;
	enum target_state *states; /* TARGET_WAITING in the beginning; set by the caller */
	size_t limit;              /* how many may run at the same time, at least 1 */
	bool continue_on_error;    /* false: nothing begins after a failure */
	bool is_stopped;           /* set by the caller: nothing begins any more */
	size_t first;              /* all targets before it have ended */
};

enum target_move {
	MOVE_BEGIN,     /* this target can begin */
	MOVE_SKIP,      /* this target cannot begin: because did not succeed */
	MOVE_NOT_BEGIN, /* this target must not begin: the run is being stopped */
	MOVE_WAIT,      /* nothing can be done until a running target ends */
	MOVE_END,       /* all targets have ended */
};

struct target_next {
	enum target_move move;
	size_t i, because; /* of targets */
};

/* All targets wait; what they need lives in the arena. */
void target_schedule_open(struct target_schedule *schedule, struct arena *arena,
                          const struct targets *targets, size_t limit, bool continue_on_error);

/*
 * The next move. Targets begin in their order, except that one that must wait lets later ones pass.
 * The caller does it and changes the state: to RUNNING or to an end, SKIPPED, NOT_BEGUN.
 */
struct target_next target_schedule_next(struct target_schedule *schedule);

#endif
