/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_tables.h - the tables of a schema, and which of them are history tables
 */
#ifndef CFLYWAY_DB_SCHEMA_TABLES_H
#define CFLYWAY_DB_SCHEMA_TABLES_H

#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"
#include "cflyway/db/db.h"

#include <stdbool.h>

struct schema_tables {
	struct str_list names;     /* of all tables, in their order; those of extensions left out */
	struct str_list histories; /* those with the ten columns of a schema history table */
};

/* Adds the tables of a schema to the lists. There are none if the schema does not exist. */
MUST_USE bool schema_tables_add(struct arena *arena, struct db *db, const char *schema,
                                struct schema_tables *tables, struct error *err);

#endif
