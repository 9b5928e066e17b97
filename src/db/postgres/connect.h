/* SPDX-License-Identifier: Apache-2.0 */
/* connect.h - connects to the first host that answers */
#ifndef CFLYWAY_DB_POSTGRES_CONNECT_H
#define CFLYWAY_DB_POSTGRES_CONNECT_H

#include "postgres.h"

/* Connects pg->conn to pg->db->url. Errors: pgjdbc's sentences with their SQL state. */
MUST_USE bool pg_connect(struct postgres *pg, struct error *err);

/* The name of the client's time zone, as Java finds it. */
const char *pg_client_time_zone(struct arena *arena);

#endif
