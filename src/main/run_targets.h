/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_targets.h - runs the same commands on several databases
 */
#ifndef CFLYWAY_MAIN_RUN_TARGETS_H
#define CFLYWAY_MAIN_RUN_TARGETS_H

#include "cflyway/config/args.h"
#include "cflyway/output/output.h"

/*
 * Runs the verbs on every target that the arguments name (target_options.h), in their order. The
 * configuration of all targets is checked before the first one is touched. A target that waits for
 * one that did not succeed is skipped; the others run. Returns the exit status of the first failed
 * target.
 */
int run_targets(struct arena *arena, const struct invocation *invocation, struct output *output);

#endif
