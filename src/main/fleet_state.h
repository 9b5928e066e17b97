/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_state.h - a run on several targets that is under way, for the files that work on it
 */
#ifndef CFLYWAY_MAIN_FLEET_STATE_H
#define CFLYWAY_MAIN_FLEET_STATE_H

#include "target_schedule.h"

#include "cflyway/config/args.h"
#include "cflyway/config/targets.h"
#include "cflyway/output/output.h"

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

#endif
