/* SPDX-License-Identifier: Apache-2.0 */
/* clean.h - drops what is in a schema */
#ifndef CFLYWAY_DB_POSTGRES_CLEAN_H
#define CFLYWAY_DB_POSTGRES_CLEAN_H

#include "postgres.h"

/* Asks for the size of a schema, in one round trip. Errors have no title. */
MUST_USE bool pg_measure_schema(struct db *db, const char *schema, struct db_clean_size *size,
                                struct error *err);

/* Drops what Flyway drops; the caller has a transaction open. Errors have no title. */
MUST_USE bool pg_clean_schema(struct db *db, const char *schema, struct db_clean_part *part,
                              struct error *err);

#endif
