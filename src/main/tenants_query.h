/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenants_query.h - asks a database for its tenants (-tenantsQuery)
 */
#ifndef CFLYWAY_MAIN_TENANTS_QUERY_H
#define CFLYWAY_MAIN_TENANTS_QUERY_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/args.h"
#include "cflyway/config/targets.h"

/*
 * Connects as a run with these arguments would, runs the query in a transaction that is rolled
 * back, and makes a target of each row (tenants.h). No row is no error. Nothing is logged. Errors:
 * those of the configuration, of connecting and of initSql; those of the query and of its rows.
 */
MUST_USE bool tenants_query(struct arena *arena, const char *query,
                            const struct invocation *invocation, struct targets *targets,
                            struct error *err);

#endif
