/*
 * run_commands.h - the verbs of one call, one after the other
 */
#ifndef CFLYWAY_MAIN_RUN_COMMANDS_H
#define CFLYWAY_MAIN_RUN_COMMANDS_H

#include "cflyway/config/settings.h"
#include "cflyway/output/output.h"

/* Runs each verb with a connection of its own until one fails. Returns the exit status. */
int run_commands(const struct str_list *verbs, const struct settings *settings,
                 struct output *output);

#endif
