/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet.h - one run on several targets: their order and its exit status
 */
#ifndef CFLYWAY_MAIN_FLEET_H
#define CFLYWAY_MAIN_FLEET_H

#include "fleet_state.h"

#include <stdbool.h>
#include <stddef.h>

/* Nothing runs yet. limit: how many targets may run at the same time. */
void fleet_open(struct fleet *fleet, struct arena *arena, const struct targets *targets,
                const struct invocation *calls, size_t limit, bool continue_on_error,
                struct output *output);

/* Runs all of them and prints how they ended. Returns the exit status of the run. */
int fleet_run(struct fleet *fleet);

#endif
