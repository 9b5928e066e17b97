/* SPDX-License-Identifier: Apache-2.0 */
/* invalid_indexes.h - indexes that a failed CREATE INDEX or REINDEX CONCURRENTLY leaves behind */
#ifndef CFLYWAY_DB_POSTGRES_INVALID_INDEXES_H
#define CFLYWAY_DB_POSTGRES_INVALID_INDEXES_H

#include "postgres.h"

/* db_find_leftovers: asks only if a statement of the script may have left one. */
MUST_USE bool pg_find_leftovers(struct db *db, struct str_list *sentences, struct error *err);

/* A statement of a script is sent outside of a transaction. */
void pg_note_concurrently(struct postgres *pg, const struct statement *statement);

#endif
