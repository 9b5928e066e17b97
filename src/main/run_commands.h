/*
 * run_commands.h - the verbs of one call, one after the other
 */
#ifndef CFLYWAY_MAIN_RUN_COMMANDS_H
#define CFLYWAY_MAIN_RUN_COMMANDS_H

#include "cflyway/base/log.h"
#include "cflyway/config/settings.h"

/* Runs each verb with a connection of its own until one fails. Returns the exit status. */
int run_commands(const struct str_list *verbs, const struct settings *settings,
                 const struct log *log);

#endif
