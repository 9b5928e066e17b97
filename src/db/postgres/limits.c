/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.c - the time limits of scripts
 *
 * What they replace is kept in settings of our own on the server, which go back with a transaction
 * as the limits do. A limit is put back only where it is still the one that was set: what the
 * script has set itself reaches the next one, as with Flyway.
 */
#include "limits.h"

struct pg_limits {
	struct db_limits limits; /* what sql was made for */
	struct pg_limits_sql sql;
	bool are_set;
	bool is_local; /* for the transaction, otherwise for the session */
};

static const struct {
	const char *name;
	size_t offset;
} settings[] = {
	{"lock_timeout", offsetof(struct db_limits, lock_timeout_ms)},
	{"statement_timeout", offsetof(struct db_limits, statement_timeout_ms)},
};

static int limit_of(const struct db_limits *limits, size_t i)
{
	return *(const int *)(const void *)((const char *)limits + settings[i].offset);
}

/* Its columns are evaluated in order. */
static const char *add_set(struct arena *arena, const char *sql, size_t i, int limit_ms,
                           const char *scope)
{
	const char *name = settings[i].name;

	return arena_printf(arena,
	                    "%s%s pg_catalog.set_config('cflyway.%s_before', "
	                    "pg_catalog.current_setting('%s'), %s), "
	                    "pg_catalog.set_config('%s', '%dms', %s), "
	                    "pg_catalog.set_config('cflyway.%s_set', "
	                    "pg_catalog.current_setting('%s'), %s)",
	                    sql != NULL ? sql : "SELECT", sql != NULL ? "," : "", name, name, scope,
	                    name, limit_ms, scope, name, name, scope);
}

/* After DISCARD ALL there is nothing that it could put back. */
static const char *add_lift(struct arena *arena, const char *sql, size_t i, const char *scope)
{
	const char *name = settings[i].name;

	return arena_printf(arena,
	                    "%s%s CASE WHEN pg_catalog.current_setting('%s') = "
	                    "pg_catalog.current_setting('cflyway.%s_set', true) THEN "
	                    "pg_catalog.set_config('%s', "
	                    "pg_catalog.current_setting('cflyway.%s_before'), %s) END",
	                    sql != NULL ? sql : "SELECT", sql != NULL ? "," : "", name, name, name,
	                    name, scope);
}

struct pg_limits_sql pg_limits_sql(struct arena *arena, const struct db_limits *limits,
                                   bool is_local)
{
	const char *scope = is_local ? "true" : "false";
	struct pg_limits_sql sql = {NULL, NULL};

	for (size_t i = 0; i < COUNT(settings); i++) {
		if (limit_of(limits, i) == DURATION_OF_SERVER)
			continue;
		sql.set = add_set(arena, sql.set, i, limit_of(limits, i), scope);
		sql.lift = add_lift(arena, sql.lift, i, scope);
	}
	return sql;
}

static bool is_made_for(const struct pg_limits *made, const struct db_limits *limits, bool is_local)
{
	return made->sql.set != NULL && made->is_local == is_local &&
	       made->limits.lock_timeout_ms == limits->lock_timeout_ms &&
	       made->limits.statement_timeout_ms == limits->statement_timeout_ms;
}

const char *pg_limits_begin(struct postgres *pg, const struct db_limits *limits, bool is_local)
{
	struct db_limits wanted;

	if (limits == NULL)
		return NULL;
	wanted = *limits;
	/* A trial waits for locks as long as cflyway.dryRunLockTimeout says. */
	if (pg->trial != NULL)
		wanted.lock_timeout_ms = DURATION_OF_SERVER;
	if (pg->limits == NULL)
		pg->limits = arena_alloc(pg->db->arena, sizeof(*pg->limits));
	if (!is_made_for(pg->limits, &wanted, is_local))
		*pg->limits = (struct pg_limits){
			.limits = wanted,
			.sql = pg_limits_sql(pg->db->arena, &wanted, is_local),
			.is_local = is_local,
		};
	pg->limits->are_set = pg->limits->sql.set != NULL;
	return pg->limits->sql.set;
}

const char *pg_limits_lift(const struct postgres *pg)
{
	return pg->limits != NULL && pg->limits->are_set ? pg->limits->sql.lift : NULL;
}

/* In a transaction, SET LOCAL of the script may hide limits of the session: they have to wait. */
const char *pg_limits_end(const struct postgres *pg)
{
	const char *lift = pg_limits_lift(pg);

	return lift != NULL && (pg->limits->is_local ||
	                        pg->pq.transaction_status(pg->conn) == PQTRANS_IDLE)
	               ? lift
	               : NULL;
}

void pg_limits_lifted(struct postgres *pg)
{
	if (pg->limits != NULL)
		pg->limits->are_set = false;
}

void pg_limits_forget_local(struct postgres *pg)
{
	if (pg->limits != NULL && pg->limits->is_local)
		pg->limits->are_set = false;
}
