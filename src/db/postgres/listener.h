/* SPDX-License-Identifier: Apache-2.0 */
/* listener.h - tells the listener what comes back from the server */
#ifndef CFLYWAY_DB_POSTGRES_LISTENER_H
#define CFLYWAY_DB_POSTGRES_LISTENER_H

#include "postgres.h"

#include <poll.h>

/* As poll without an end, but tells the listener now and then that it waits. */
int pg_wait(const struct postgres *pg, struct pollfd *fd);

/* Waits for what get_result would wait for, with the listener told. */
void pg_await_result(const struct postgres *pg);

/* Does the listener want to be told while it waits? */
bool pg_is_watched(const struct postgres *pg);

/* The listener may say how far it is. */
void pg_tell_waiting(const struct postgres *pg);

/* Calls row for each row of a result. */
MUST_USE bool pg_hand_over(struct postgres *pg, const PGresult *result, db_row_fn *row, void *ctx,
                           struct error *err);

void pg_listener_notice(void *ctx, const PGresult *result);
/* Collects the rows of a statement; those of PGRES_TUPLES_OK are the last. */
void pg_listener_rows(struct postgres *pg, size_t index, const PGresult *result);
void pg_drop_rows(struct postgres *pg); /* those of a statement that has failed */
void pg_listener_complete(struct postgres *pg, size_t index, int64_t affected);
void pg_listener_started(struct postgres *pg, int64_t ago_ms);
void pg_listener_committed(struct postgres *pg);
int64_t pg_affected_rows(const struct postgres *pg, PGresult *result);

#endif
