/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_command_remedy.h - what a script says in place of a command of psql or sqlite3
 */
#ifndef CFLYWAY_SQL_CLIENT_COMMAND_REMEDY_H
#define CFLYWAY_SQL_CLIENT_COMMAND_REMEDY_H

#include "cflyway/base/str.h"

#include <stdbool.h>

struct client_command_remedy {
	const char *client;  /* "psql" */
	struct str command;  /* with its first character: "\i"; borrowed from the text */
	const char *instead; /* what to write, without a full stop */
	bool has_secrets;    /* its arguments can be a password */
};

/*
 * Does the text begin with a command of psql (a backslash and a word) or of sqlite3 (a dot and a
 * word)? A command that is not in the table has a general remedy. Nothing of its arguments is
 * looked at: they can hold a password.
 */
bool client_command_remedy_find(struct str text, struct client_command_remedy *found);

#endif
