/* SPDX-License-Identifier: Apache-2.0 */
/* commit.h - ends a migration: our own role, the history row, COMMIT and the disk */
#ifndef CFLYWAY_DB_POSTGRES_COMMIT_H
#define CFLYWAY_DB_POSTGRES_COMMIT_H

#include "postgres.h"

/* db_commit_row, db_may_flush_later, db_flush */
MUST_USE bool pg_commit_row(struct db *db, const struct db_commit *commit, struct error *err);

MUST_USE bool pg_may_flush_later(struct db *db, bool *may, struct error *err);
MUST_USE bool pg_flush(struct db *db, struct error *err);

#endif
