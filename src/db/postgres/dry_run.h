/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run.h - what the file of a dry run needs so that psql does what cflyway would do */
#ifndef CFLYWAY_DB_POSTGRES_DRY_RUN_H
#define CFLYWAY_DB_POSTGRES_DRY_RUN_H

#include "postgres.h"

extern const struct db_file_methods pg_file_methods;

/* In a dry run: nothing can be written over this connection, until its end. */
MUST_USE bool pg_make_read_only(struct postgres *pg, struct error *err);

/* pg_command for what changes the database: in a dry run it is only written down. */
MUST_USE bool pg_change(struct db *db, const char *sql, struct error *err);

#endif
