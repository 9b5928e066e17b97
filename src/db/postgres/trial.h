/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial.h - the transaction of a trial on PostgreSQL, and the SQL that watches it
 *
 * The limits of the trial hold for every statement in it. Those that a migration may set itself are
 * the ones that the server goes back to before the next one (cflyway.lock_timeout).
 */
#ifndef CFLYWAY_DB_POSTGRES_TRIAL_H
#define CFLYWAY_DB_POSTGRES_TRIAL_H

#include "cflyway/db/driver.h"

extern const struct db_trial_sql pg_trial_sql;

/* See struct db_trial_methods. */
MUST_USE bool pg_trial_begin(struct db *db, const struct db_trial_limits *limits,
                             struct error *err);
void pg_trial_end(struct db *db);
MUST_USE bool pg_trial_savepoint(struct db *db, struct error *err);
MUST_USE bool pg_trial_note(struct db *db, const struct statement *statement, struct error *err);
MUST_USE bool pg_trial_release(struct db *db, struct error *err);
void pg_trial_rollback_to(struct db *db);

#endif
