/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_target.h - one target of a run on several: runs it, writes down how it ended
 */
#ifndef CFLYWAY_MAIN_FLEET_TARGET_H
#define CFLYWAY_MAIN_FLEET_TARGET_H

#include "fleet_state.h"

#include <stddef.h>

/* Runs a target in this process; the output is its own. Returns its exit status. */
int fleet_run_target(const struct fleet *fleet, size_t i, struct output *output);

/* Writes down how a target ended, and prints it. document is its JSON, "" without one. */
void fleet_end_target(struct fleet *fleet, size_t i, const struct target_outcome *outcome,
                      int status, struct str document);

/* Does a move that begins nothing: skips a target, or leaves it out. */
void fleet_leave_out(struct fleet *fleet, const struct target_next *next);

#endif
