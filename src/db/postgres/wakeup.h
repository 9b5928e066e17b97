/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wakeup.h - one wake-up for a migration that shares its batch with the row before it
 *
 * Without it the answer to the guards wakes the program once more per migration. To apply the 1000
 * migrations of `make bench` CASES=apply1000 took 186 ms of CPU time with it and 275 ms without
 * (medians of nine runs each, in turns, on a busy machine; pair by pair 0.75).
 */
#ifndef CFLYWAY_DB_POSTGRES_WAKEUP_H
#define CFLYWAY_DB_POSTGRES_WAKEUP_H

#include "postgres.h"

#include <poll.h>

/* SQL for the time of the server, and in which column of our own commands it is. */
#define PG_NOW_MS "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint"

enum { PG_ROW_TIME = 0, PG_HISTORY_TIME = 1 };

/* How much of the answer to a batch has been read. */
enum pg_progress {
	PG_PROGRESS_NONE,    /* the guards have not passed */
	PG_PROGRESS_STARTED, /* they have, and nothing else */
	PG_PROGRESS_RESULTS, /* and results of the script */
	PG_PROGRESS_ALL,     /* everything, and nothing has failed */
};

/* Called once, when the connection has been made. */
void pg_wakeup_init(struct postgres *pg);

/* A batch begins. */
void pg_wakeup_reset(struct postgres *pg);

/* A row has been queued; the script that follows it will share its batch. */
void pg_wakeup_queued(struct postgres *pg);

/*
 * As pg_wait, but the first wait of such a batch does not end for the message that the guards have
 * passed, if more follows within a tenth of a second.
 */
int pg_wakeup_wait(struct postgres *pg, struct pollfd *fd);

/* To be called when what has arrived has been read. */
void pg_wakeup_learn(struct postgres *pg, enum pg_progress progress);

/* A result of PG_ROW or of PG_HISTORY. */
void pg_wakeup_take_time(struct postgres *pg, bool is_history, const PGresult *result);

/* The guards have passed: how long ago? 0 unless a row shares the batch. */
int64_t pg_wakeup_ago_ms(const struct postgres *pg);

#endif
