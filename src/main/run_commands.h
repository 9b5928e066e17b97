/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_commands.h - the verbs of one call, one after the other
 */
#ifndef CFLYWAY_MAIN_RUN_COMMANDS_H
#define CFLYWAY_MAIN_RUN_COMMANDS_H

#include "cflyway/config/settings.h"
#include "cflyway/core/locations.h"
#include "cflyway/output/output.h"

bool run_needs_database(const struct str_list *verbs);

/*
 * Are the locations good, and is there a driver for the URL, if verbs need one, and for its class?
 * Errors: Flyway's texts.
 */
MUST_USE bool run_check(const struct str_list *verbs, struct locations *locations,
                        const struct log *log, struct error *err);

/* The configuration is good: the first line. */
void run_begin(const struct str_list *verbs, struct output *output);

/*
 * Runs each verb with a connection of its own until one fails; writes the report. target is the
 * name of one of several targets, or NULL. Returns the exit status.
 */
int run_verbs(const struct str_list *verbs, struct locations *locations, const char *target,
              struct output *output);

/* All of it. */
int run_commands(const struct str_list *verbs, const struct settings *settings,
                 struct output *output);

#endif
