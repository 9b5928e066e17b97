/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_targets.h - finds the errors of all targets before any of them is changed
 */
#ifndef CFLYWAY_MAIN_CHECK_TARGETS_H
#define CFLYWAY_MAIN_CHECK_TARGETS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/args.h"
#include "cflyway/config/targets.h"

/* Returns the path relative to -workingDirectory, if that is an argument. */
const char *call_path(struct arena *arena, const struct invocation *call, const char *path);

/* Standard input is no configuration file of several targets: only the first could read it. */
MUST_USE bool check_standard_input(struct arena *arena, const struct invocation *user,
                                   struct error *err);

/*
 * Makes what each target runs: the user's arguments and verbs, with its own keys. Returns NULL
 * after an error: one of target_invocation, with a note that names the target.
 */
MUST_USE const struct invocation *make_calls(struct arena *arena, const struct targets *targets,
                                             const struct invocation *user, struct error *err);

/*
 * Loads the configuration of each target and checks it; connects to none and prints nothing.
 * Errors: those of a single run, with a note that names the target; ERROR_CONFIGURATION for a file
 * that is missing, a target without URL, and two that have the same history table or would write
 * the same file. Sets *prints_sql: does a dry run write to standard output?
 */
MUST_USE bool check_targets(struct arena *arena, const struct targets *targets,
                            const struct invocation *calls, bool *prints_sql, struct error *err);

#endif
