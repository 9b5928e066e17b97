/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help.h - the usage text, made from the tables of commands and options
 */
#ifndef CFLYWAY_OUTPUT_HELP_H
#define CFLYWAY_OUTPUT_HELP_H

#include "cflyway/base/log.h"
#include "cflyway/commands/command.h"

#include <stdbool.h>

/* full: with every option that works. */
void help_print(bool full, const struct log *log);

/*
 * What one command does, with its options, or what one option does: its names, values and default,
 * and the commands that take it. Returns false and prints nothing for any other name.
 */
bool help_print_topic(const char *name, const struct log *log);

/* The command or option that a misspelt name is nearest to; NULL if it is like none. */
const char *help_nearest(const char *name);

#endif
