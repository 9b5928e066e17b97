/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline.h - commands on their way to the server without a wait between them */
#ifndef CFLYWAY_DB_POSTGRES_PIPELINE_H
#define CFLYWAY_DB_POSTGRES_PIPELINE_H

#include "postgres.h"

/* Queues one command; may read results meanwhile. arg may be NULL: $1. */
MUST_USE bool pg_pipeline_add(struct postgres *pg, struct pg_entry entry, const char *sql,
                              const char *const *args, size_t n, struct error *err);

/* Sends what is queued and reads what has come, without waiting unless much is in flight. */
MUST_USE enum db_status pg_pipeline_advance(struct postgres *pg, struct error *err);

/* Waits for the end of all that is queued and leaves the pipeline. Nothing queued: DB_OK. */
MUST_USE enum db_status pg_pipeline_finish(struct postgres *pg, struct error *err);

#endif
