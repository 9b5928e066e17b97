/* SPDX-License-Identifier: Apache-2.0 */
/* catalog.h - schemas, the history table, and what is asked once after connecting */
#ifndef CFLYWAY_DB_POSTGRES_CATALOG_H
#define CFLYWAY_DB_POSTGRES_CATALOG_H

#include "postgres.h"

extern const struct db_catalog pg_catalog;

/* db_describe; keeps role, session user and search path in pg->origin. */
MUST_USE bool pg_describe(struct db *db, const char *default_schema, const char *table,
                          struct db_description *description, struct error *err);

#endif
