/* SPDX-License-Identifier: Apache-2.0 */
/* wakeup.h - when a script has begun that shares its flight with the row before it */
#ifndef CFLYWAY_DB_POSTGRES_WAKEUP_H
#define CFLYWAY_DB_POSTGRES_WAKEUP_H

#include "postgres.h"

#include <poll.h>

/* SQL for the time, and in which column of our own commands it stands. */
#define PG_NOW_MS "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint"

enum { PG_ROW_TIME = 0, PG_HISTORY_TIME = 1 };

/* A row has been queued, and the script that follows it will share its flight. */
void pg_wakeup_queued(struct postgres *pg);

/* pg_wait, but if possible not for the message that the script has begun alone. */
int pg_wakeup_wait(struct postgres *pg, struct pollfd *fd);

/* To be called when what has arrived has been read. */
void pg_wakeup_learn(struct postgres *pg);

/* A result of PG_ROW or PG_HISTORY. */
void pg_wakeup_note_time(struct postgres *pg, enum pg_entry_kind kind, const PGresult *result);

/* The guards have passed: how long is it that the script began? 0 if that is what we hear now. */
int64_t pg_wakeup_ago_ms(const struct postgres *pg);

#endif
