/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pooler.h - a connection pooler that lends a server for one transaction at a time
 *
 * How it is noticed, and what is refused because of it; local_settings.h has what is done instead.
 * doc/poolers.md has the rules.
 */
#ifndef CFLYWAY_DB_POSTGRES_POOLER_H
#define CFLYWAY_DB_POSTGRES_POOLER_H

#include "postgres.h"

/* Called once, when the connection has been made. */
void pg_pooler_init(struct postgres *pg);

/*
 * backend_pid is what pg_backend_pid() gives. A pooler tells its clients another number than the
 * server's when they connect.
 */
void pg_pooler_note(struct postgres *pg, const char *backend_pid);

/* db_find_pooler: asks for the number, unless the settings say what there is. One round trip. */
MUST_USE bool pg_find_pooler(struct db *db, struct error *err);

/* db_set_locally */
MUST_USE bool pg_set_locally(struct db *db, const struct statement *statement, struct error *err);

/*
 * Refuses what the URL has asked for and a pool cannot give: options of the session. Does nothing
 * unless transactions are pooled.
 */
MUST_USE bool pg_pooler_check_options(const struct postgres *pg, struct error *err);

/*
 * SQL that takes the session lock, with one column: NULL if the pooler has lent another server
 * since pg_pooler_note.
 */
const char *pg_session_lock_sql(struct postgres *pg, int64_t key);

/* The error for that NULL. Always false. */
bool pg_fail_not_session(struct error *err);

#endif
