/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_variables.h - the database that variables of other tools name
 *
 * DATABASE_URL comes first, then DB_HOST, DB_PORT (5432), DB_NAME, DB_USER (postgres) and
 * DB_PASSWORD. DIFFERS: Flyway does not know them.
 */
#ifndef CFLYWAY_CONFIG_CONNECTION_VARIABLES_H
#define CFLYWAY_CONFIG_CONNECTION_VARIABLES_H

#include "cflyway/base/arena.h"
#include "cflyway/config/properties.h"

struct connection_variables {
	const char *source; /* "DATABASE_URL", "DB_HOST and DB_NAME"; NULL: none of them is set */
	const char *url;    /* in any form that connection_url_read knows */
	const char *user, *password; /* NULL: none */
	const char *hint;            /* NULL, or why variables that are set have no effect */
};

/* A variable that is set and empty counts as one that is not set. */
void connection_variables_read(struct arena *arena, const struct environment *environment,
                               struct connection_variables *variables);

#endif
