/* SPDX-License-Identifier: Apache-2.0 */
/* begin.h - what begins a migration: transaction, lock, unchanged history, search path */
#ifndef CFLYWAY_DB_POSTGRES_BEGIN_H
#define CFLYWAY_DB_POSTGRES_BEGIN_H

#include "postgres.h"

/* db_begin_guarded, db_prepare_guarded */
MUST_USE enum db_status pg_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                         struct error *err);
MUST_USE enum db_status pg_prepare_guarded(struct db *db, const struct db_guard *guard,
                                           struct error *err);

/* Rolls back after DB_LOCK_BUSY and DB_HISTORY_CHANGED. Returns status. */
enum db_status pg_turn_back(struct db *db, enum db_status status);

/*
 * The search path of migrations: schema, then the original path. NULL if schema leads that already,
 * by Flyway's rule.
 */
const char *pg_migration_search_path(struct arena *arena, const char *original, const char *schema);

/* The search path that the last migration began with, or that of the session. */
const char *pg_guard_path(const struct postgres *pg);

#endif
