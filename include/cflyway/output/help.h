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
 * What one command does, with the options that not every command has. Returns false and prints
 * nothing if there is no such command.
 */
bool help_print_command(const char *name, const struct log *log);

#endif
