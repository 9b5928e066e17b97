/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_limits.h - the time limits and retries of a migration or callback
 */
#ifndef CFLYWAY_CORE_MIGRATION_LIMITS_H
#define CFLYWAY_CORE_MIGRATION_LIMITS_H

#include "cflyway/core/run.h"
#include "cflyway/db/db.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/* Sets *limits; what V1__a.sql.cflyway.conf says wins over the options. False: there are none. */
bool migration_limits(const struct run *run, const struct migration *migration,
                      struct db_limits *limits);

/* Again after the first try; the same precedence. */
struct migration_retries {
	int n;
	int pause_ms; /* before the first of them */
};
struct migration_retries migration_retries(const struct run *run,
                                           const struct migration *migration);

#endif
