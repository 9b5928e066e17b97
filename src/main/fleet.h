/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet.h - one run on several targets: what is planned, what runs, how it ended
 */
#ifndef CFLYWAY_MAIN_FLEET_H
#define CFLYWAY_MAIN_FLEET_H

#include "target_schedule.h"

#include "cflyway/config/args.h"
#include "cflyway/config/targets.h"
#include "cflyway/output/output.h"

#include <stddef.h>

/*
 * calls[i] is what target i runs: its own arguments and verbs. A plan over all targets is made by
 * changing them before fleet_run.
 */
struct fleet {
	const struct targets *targets;
	const struct invocation *calls;
	struct output *output;
	struct target_schedule schedule;
	struct target_outcome *outcomes; /* one for each target */
	int *statuses;                   /* their exit statuses; 0 for those that did not run */
};

/* Nothing runs yet. limit: how many targets may run at the same time. */
void fleet_open(struct fleet *fleet, struct arena *arena, const struct targets *targets,
                const struct invocation *calls, size_t limit, bool continue_on_error,
                struct output *output);

/* Runs all of them and prints how they ended. Returns the exit status of the run. */
int fleet_run(struct fleet *fleet);

/* --- for fleet.c and fleet_parallel.c ------------------------------------------------------ */

/* Runs a target in this process; the output is its own. Returns its exit status. */
int fleet_run_target(const struct fleet *fleet, size_t i, struct output *output);

/* Writes down how a target ended, and prints it. document is its JSON, "" without one. */
void fleet_end_target(struct fleet *fleet, size_t i, const struct target_outcome *outcome,
                      int status, struct str document);

/* Does a move that begins nothing: skips a target, or leaves it out. */
void fleet_leave_out(struct fleet *fleet, const struct target_next *next);

/* Runs all targets, each in a process of its own, several at the same time. */
void fleet_run_parallel(struct fleet *fleet);

#endif
