/* SPDX-License-Identifier: Apache-2.0 */
/* query.h - SQL of our own, and the rows that it brings */
#ifndef CFLYWAY_DB_POSTGRES_QUERY_H
#define CFLYWAY_DB_POSTGRES_QUERY_H

#include "postgres.h"

/* SQL of our own by the simple protocol, without rows: BEGIN, SET ROLE, … */
MUST_USE bool pg_command(struct postgres *pg, const char *sql, struct error *err);

/* The same by the extended protocol with parameters; row may be NULL. */
MUST_USE bool pg_query(struct db *db, const char *sql, const char *const *args, size_t n,
                       db_row_fn *row, void *ctx, struct error *err);

#endif
