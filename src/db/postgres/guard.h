/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h - what begins a migration: transaction, lock, unchanged history, search path */
#ifndef CFLYWAY_DB_POSTGRES_GUARD_H
#define CFLYWAY_DB_POSTGRES_GUARD_H

#include "postgres.h"

MUST_USE enum db_status pg_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                         struct error *err);
MUST_USE enum db_status pg_prepare_guarded(struct db *db, const struct db_guard *guard,
                                           struct error *err);

/* Rolls back if a guard has failed: then nothing took effect. Returns status. */
enum db_status pg_turn_back(struct db *db, enum db_status status);

/* The search path for migrations, or NULL when none is to be set. */
const char *pg_migration_search_path(struct arena *arena, const char *original, const char *schema);

#endif
