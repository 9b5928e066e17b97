/* SPDX-License-Identifier: Apache-2.0 */
/* listener.h - tells the listener what comes back from the server */
#ifndef CFLYWAY_DB_POSTGRES_LISTENER_H
#define CFLYWAY_DB_POSTGRES_LISTENER_H

#include "postgres.h"

#include <poll.h>

/*
 * As poll without a time limit; tells the listener several times a second that it still waits. A
 * server that is gone is noticed (silence.h): then the socket is shut.
 */
int pg_wait(struct postgres *pg, struct pollfd *fd);

/* Waits until get_result need not wait, and tells the listener so meanwhile. */
void pg_await_result(struct postgres *pg);

/* Waits until all is sent. False: it cannot be, and libpq says why. */
MUST_USE bool pg_flush_sent(struct postgres *pg);

/* As PQexec, but a server that is gone is noticed. */
PGresult *pg_exec(struct postgres *pg, const char *sql);

/* Does the listener want to know that somebody waits? */
bool pg_is_watched(const struct postgres *pg);

/* Tells the listener that the work goes on. */
void pg_tell_waiting(const struct postgres *pg);

/* Calls row for each row of a result. */
MUST_USE bool pg_hand_over(struct postgres *pg, const PGresult *result, db_row_fn *row, void *ctx,
                           struct error *err);

/* What libpq calls for each notice; pg->phase decides what becomes of it. */
void pg_listener_notice(void *ctx, const PGresult *result);
/* Collects rows of a statement; after those of PGRES_TUPLES_OK, the last, the listener gets all. */
void pg_listener_rows(struct postgres *pg, size_t index, const PGresult *result);

/* Forgets the rows that have been collected: their statement has failed. */
void pg_drop_rows(struct postgres *pg);

/* These pass on what they are named after; started also passes on the notices that were kept. */
void pg_listener_complete(struct postgres *pg, size_t index, int64_t affected);
void pg_listener_started(struct postgres *pg, int64_t ago_ms);
void pg_listener_committed(struct postgres *pg);
/* The number at the end of a command tag, -1 if there is none. */
int64_t pg_affected_rows(const struct postgres *pg, PGresult *result);

#endif
