/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help.h - the usage text, made from the tables of commands and options
 */
#ifndef CFLYWAY_OUTPUT_HELP_H
#define CFLYWAY_OUTPUT_HELP_H

#include "cflyway/base/log.h"
#include "cflyway/commands/command.h"

#include <stdbool.h>
#include <stddef.h>

/* full: with every option that works. The list of commands is passed in by main. */
void help_print(bool full, const struct command *const *list, size_t n, const struct log *log);

/*
 * What one command does, with the options that not every command has. false, and nothing is
 * printed, for a verb that is refused.
 */
bool help_print_command(const char *verb, const struct log *log);

#endif
