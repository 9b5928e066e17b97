/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenants.h - the rows of a query as targets (-tenantsQuery)
 *
 * A row has one column, the place, or two, a name and the place. A place that begins with "jdbc:",
 * "postgres:", "postgresql:" or "sqlite:" is the URL of a database, any other one is a schema of
 * the database that was asked: it becomes schemas and defaultSchema of the target. Without a name
 * the place is the name, with passwords masked.
 */
#ifndef CFLYWAY_CONFIG_TENANTS_H
#define CFLYWAY_CONFIG_TENANTS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/targets.h"

#include <stdbool.h>
#include <stddef.h>

/* No targets yet. */
void tenants_init(struct targets *targets);

/*
 * Adds the target of one row; a value is NULL for NULL. Errors: ERROR_CONFIGURATION with the number
 * of the row for another number of columns, a value that is missing or empty or has control
 * characters, a schema with a comma, which would be two, and a name that an earlier row has.
 */
MUST_USE bool tenants_add(struct arena *arena, struct targets *targets, size_t columns,
                          const char *const *values, struct error *err);

#endif
