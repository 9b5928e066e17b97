/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h - plans what is pending and applies it, until nothing is
 */
#ifndef CFLYWAY_CORE_APPLY_H
#define CFLYWAY_CORE_APPLY_H

#include "cflyway/base/attr.h"
#include "cflyway/core/result.h"
#include "cflyway/core/run.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/*
 * rows: the current history. Fills in what result says about the migrations. Fires
 * afterVersioned and beforeRepeatables, and through execute.h the events of each migration. Errors:
 * those of the scripts and of their callbacks; ERROR_FAILED_…_MIGRATION for a history that holds a
 * failure.
 */
MUST_USE bool apply_pending(struct run *run, const struct migration_list *migrations,
                            const struct history_rows *rows, struct migrate_result *result,
                            struct error *err);

#endif
