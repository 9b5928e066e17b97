/* SPDX-License-Identifier: Apache-2.0 */
/* connect.h - makes a connection */
#ifndef CFLYWAY_DB_POSTGRES_CONNECT_H
#define CFLYWAY_DB_POSTGRES_CONNECT_H

#include "postgres.h"

/* Makes the connection of pg->db. Errors: the driver's sentences with their SQL state. */
MUST_USE bool pg_connect(struct postgres *pg, struct error *err);

/* Name of the client's time zone, as Java would find it. */
const char *pg_client_time_zone(struct arena *arena);

#endif
