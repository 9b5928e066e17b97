/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h - the time limits of scripts (cflyway.lockTimeout, cflyway.statementTimeout) */
#ifndef CFLYWAY_DB_POSTGRES_LIMITS_H
#define CFLYWAY_DB_POSTGRES_LIMITS_H

#include "postgres.h"

/*
 * The SQL that sets limits, for the transaction (is_local) or the session, and that puts back what
 * they replace, unless the script has set others. NULL: nothing is to be set. Limits in arena.
 */
struct pg_limits_sql {
	const char *set, *lift;
};
struct pg_limits_sql pg_limits_sql(struct arena *arena, const struct db_limits *limits,
                                   bool is_local);

/*
 * Limits of the script that comes next; may be NULL. Returns what sets them, to be sent by the
 * caller; NULL: nothing.
 */
const char *pg_limits_begin(struct postgres *pg, const struct db_limits *limits, bool is_local);

/*
 * A query of our own comes next. Returns what is to be sent before it so that the limits of the
 * script do not count any more; NULL: nothing, or nothing yet. pg_limits_lifted: this has been
 * done.
 */
const char *pg_limits_end(const struct postgres *pg);
const char *pg_limits_lift(const struct postgres *pg); /* at any time */
void pg_limits_lifted(struct postgres *pg);

/* A transaction has begun or ended: limits of the one before have gone with it. */
void pg_limits_forget_local(struct postgres *pg);

#endif
