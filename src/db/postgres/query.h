/* SPDX-License-Identifier: Apache-2.0 */
/* query.h - runs SQL of our own, and hands over its rows */
#ifndef CFLYWAY_DB_POSTGRES_QUERY_H
#define CFLYWAY_DB_POSTGRES_QUERY_H

#include "cflyway/db/answer_shape.h"
#include "postgres.h"

/* Runs SQL without parameters by the simple protocol; its rows, if any, are dropped. */
MUST_USE bool pg_command(struct postgres *pg, const char *sql, struct error *err);

/* db_query, by the extended protocol. Goes back to our own role first if pg->role says so. */
MUST_USE bool pg_query(struct db *db, const char *sql, const char *const *args, size_t n,
                       db_row_fn *row, void *ctx, struct error *err);

/* The same, and the answer must have this shape. */
MUST_USE bool pg_query_shaped(struct db *db, const char *sql, const char *const *args, size_t n,
                              const struct answer_shape *shape, db_row_fn *row, void *ctx,
                              struct error *err);

/*
 * Is it the result of a COPY that nobody asked for? libpq returns it again and again, without
 * reading on: the connection is given up.
 */
bool pg_is_endless(struct postgres *pg, const PGresult *result);

#endif
