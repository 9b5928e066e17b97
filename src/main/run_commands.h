/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_commands.h - runs the verbs of one call, one after the other
 */
#ifndef CFLYWAY_MAIN_RUN_COMMANDS_H
#define CFLYWAY_MAIN_RUN_COMMANDS_H

#include "cflyway/config/settings.h"
#include "cflyway/core/locations.h"
#include "cflyway/output/output.h"

bool run_needs_database(const struct str_list *verbs);

/*
 * Checks the locations and, if a verb needs the database, that a driver exists for the URL and for
 * flyway.driver. Errors: Flyway's messages.
 */
MUST_USE bool run_check(const struct str_list *verbs, struct locations *locations,
                        const struct log *log, struct error *err);

/* Standard output holds one thing at a time: refuses JSON beside the SQL of a dry run. */
bool run_refuse_dry_json(struct error *err);

/* Prints the first line, once the configuration has been checked. */
void run_begin(const struct str_list *verbs, struct output *output);

/*
 * Runs each verb with a connection of its own until one fails; writes the report. target is the
 * name of one of several targets, or NULL. Returns the exit status.
 */
int run_verbs(const struct str_list *verbs, struct locations *locations, const char *target,
              struct output *output);

/* Does all three. */
int run_commands(const struct str_list *verbs, const struct settings *settings,
                 struct output *output);

#endif
