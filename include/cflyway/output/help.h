/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help.h - prints the usage text, generated from the tables of commands and options
 */
#ifndef CFLYWAY_OUTPUT_HELP_H
#define CFLYWAY_OUTPUT_HELP_H

#include "cflyway/base/log.h"
#include "cflyway/commands/command.h"

#include <stdbool.h>

/* full: lists every option that works. */
void help_print(bool full, const struct log *log);

/*
 * Explains one command and its options, or one option: its names, values and default, and the
 * commands that take it. Returns false and prints nothing for any other name.
 */
bool help_print_topic(const char *name, const struct log *log);

/*
 * What a word may mean that is no argument: a verb, a flag or "-option=VALUE", in the arena; NULL if
 * none is similar.
 */
const char *help_meant(struct arena *arena, const char *word);

/* The verb or option closest to a misspelt name; NULL if none is similar. */
const char *help_nearest(const char *name);

#endif
