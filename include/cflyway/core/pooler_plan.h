/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pooler_plan.h - refuses what a command will run and a pooler has no session for
 *
 * All functions come before anything is changed. A script with a fault of its own passes: it is
 * reported when its turn comes. Errors: those of pooler_check.h.
 */
#ifndef CFLYWAY_CORE_POOLER_PLAN_H
#define CFLYWAY_CORE_POOLER_PLAN_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/* Looks at all callbacks that the command of this name may run. */
MUST_USE bool pooler_plan_check_callbacks(const struct run *run, const char *command,
                                          struct error *err);

/* Looks at one script; is_group: others share its transaction. */
MUST_USE bool pooler_plan_check_migration(const struct run *run, const struct migration *migration,
                                          bool is_group, struct error *err);

/* Looks at all scripts of migrate that are pending by these rows. */
MUST_USE bool pooler_plan_check(const struct run *run, const struct migration_list *migrations,
                                const struct history_rows *rows, struct error *err);

#endif
