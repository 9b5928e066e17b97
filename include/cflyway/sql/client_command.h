/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_command.h - finds what psql or sqlite3 would take for a command of their own
 *
 * Servers refuse such statements, but the clients would execute them when they play a file: psql
 * what follows a backslash ("\! rm x", "\q"), sqlite3 a line that begins with a dot (".shell").
 * psql also replaces its variables.
 */
#ifndef CFLYWAY_SQL_CLIENT_COMMAND_H
#define CFLYWAY_SQL_CLIENT_COMMAND_H

#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Is there a backslash outside of strings, quoted names and comments? */
bool client_command_of_psql(struct str statement);

/*
 * The offset of the next colon, at from or after it, that psql may take for the begin of a
 * variable: :name, :'name', :"name" and :{?name}, not ::type; the length of the statement, if there
 * is none. from is where a token begins.
 */
size_t client_variable_of_psql(struct str statement, size_t from);

/* Does the statement begin, after comments, with a dot or the # of the shell's comments? */
bool client_command_of_sqlite3(struct str statement);

#endif
