/* SPDX-License-Identifier: Apache-2.0 */
/*
 * to_primary.h - keeps a pooler that reads SQL from sending ours to a standby
 *
 * pgpool lets a standby answer what it takes for a query that only reads. With functions that its
 * write_function_list does not name, it takes even our lock for one. A comment at the beginning
 * forbids that: https://www.pgpool.net/docs/43/en/html/runtime-config-load-balancing.html
 */
#ifndef CFLYWAY_DB_POSTGRES_TO_PRIMARY_H
#define CFLYWAY_DB_POSTGRES_TO_PRIMARY_H

#include "postgres.h"

#include "cflyway/base/buf.h"

/*
 * The text to send for SQL of our own: sql, or, behind any pooler and for what a standby could
 * answer, a copy in out with the comment. out is released by the caller.
 */
const char *pg_to_primary(const struct postgres *pg, const char *sql, struct buf *out);

#endif
