/* SPDX-License-Identifier: Apache-2.0 */
/* handle.h - the life of a connection's handle */
#ifndef CFLYWAY_DB_POSTGRES_HANDLE_H
#define CFLYWAY_DB_POSTGRES_HANDLE_H

#include "postgres.h"

/* A handle without client library and connection, in the arena of db. Tests give it a library. */
struct postgres *pg_new(struct db *db);

/*
 * Connects, and sets what db tells about the server. pg->pq is filled already. After a failure,
 * whose errors are those of pg_connect, the handle is still to be released.
 */
MUST_USE bool pg_start(struct postgres *pg, struct error *err);

/* Closes connection and client library, as far as they are open. */
void pg_release(struct postgres *pg);

#endif
