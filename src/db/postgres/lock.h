/* SPDX-License-Identifier: Apache-2.0 */
/* lock.h - the advisory lock that cflyway shares with Flyway */
#ifndef CFLYWAY_DB_POSTGRES_LOCK_H
#define CFLYWAY_DB_POSTGRES_LOCK_H

#include "postgres.h"

/* Flyway's key for the lock on the history table of that quoted name. */
int64_t pg_lock_key(const char *name);

/* db_try_lock, db_unlock, db_has_lock, db_lock_holder */
MUST_USE bool pg_try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                          struct error *err);
MUST_USE bool pg_unlock(struct db *db, const char *name, bool *held, struct error *err);
MUST_USE bool pg_has_lock(struct db *db, const char *name, bool *held, struct error *err);
const char *pg_lock_holder(struct db *db, const char *name, int64_t *process);

#endif
