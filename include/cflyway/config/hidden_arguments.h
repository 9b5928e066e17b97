/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hidden_arguments.h - takes secrets out of the arguments that other users see
 *
 * ps and /proc/PID/cmdline show what the memory of the arguments holds. Whatever messages mask
 * (secret.h) becomes a row of x there.
 */
#ifndef CFLYWAY_CONFIG_HIDDEN_ARGUMENTS_H
#define CFLYWAY_CONFIG_HIDDEN_ARGUMENTS_H

#include "cflyway/base/arena.h"

/*
 * Overwrites the secrets in argv, and returns copies of the arguments as they were, which live in
 * the arena and end with NULL.
 */
char *const *arguments_hide(struct arena *arena, int argc, char **argv);

#endif
