/* SPDX-License-Identifier: Apache-2.0 */
/* send.h - sends the statements of a script */
#ifndef CFLYWAY_DB_POSTGRES_SEND_H
#define CFLYWAY_DB_POSTGRES_SEND_H

#include "postgres.h"

/* db_send, db_sync */
MUST_USE enum db_status pg_send(struct db *db, const struct statement *statement,
                                struct error *err);
MUST_USE enum db_status pg_sync(struct db *db, struct error *err);

/* The same as pg_sync, but the count of statements goes on. */
MUST_USE enum db_status pg_settle(struct postgres *pg, struct error *err);

#endif
