/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schemas.h - makes what migrations need: missing schemas and the history table
 */
#ifndef CFLYWAY_CORE_SCHEMAS_H
#define CFLYWAY_CORE_SCHEMAS_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/db/history.h"

#include <stdbool.h>

/* The row that a baseline writes: rank 1, configured version and description. */
MUST_USE bool schemas_baseline_row(const struct run *run, struct history_row *row,
                                   struct error *err);

/*
 * Replaces the rows of a history that is missing by the baseline that migrate would begin with
 * (baselineOnMigrate), if it would. The row is in the arena of the run.
 */
MUST_USE bool schemas_foresee_baseline(const struct run *run, struct history_rows *rows,
                                       struct error *err);

/*
 * Fires createSchema and beforeCreateSchema, and creates the managed schemas that are missing, with
 * a SCHEMA row for those that it made. baseline (may be NULL) goes into a table created on the way.
 * *created tells whether there were any. Tries ten times, a second apart, as Flyway does. With
 * createSchemas=false nothing is fired or made.
 */
MUST_USE bool schemas_create_missing(struct run *run, const struct history_row *baseline,
                                     bool *created, struct error *err);

/*
 * Creates the history table under the lock, unless it exists by then, which *created (may be NULL)
 * tells; baseline may be NULL.
 */
MUST_USE bool schemas_create_history(const struct run *run, const struct history_row *baseline,
                                     bool *created, struct error *err);

/* The managed schemas that exist and hold something, quoted and joined by commas; "" for none. */
MUST_USE bool schemas_find_non_empty(const struct run *run, const char **quoted, struct error *err);

#endif
