/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.c - the time limits of scripts
 *
 * There is one lock, that of the whole database, and its time limit is SQLite's busy timeout. A
 * statement that runs too long is stopped by SQLite's progress handler.
 */
#include "sqlite.h"

#include "cflyway/base/clock.h"
#include "cflyway/db/answer_shape.h"

#include <limits.h>

struct sqlite_limits {
	bool has_lock_limit;
	int busy_before_ms, busy_ours_ms;
	int statement_ms; /* 0: any time */
	int64_t deadline_ms;
};

static bool read_number(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	int *number = ctx;

	(void)columns;
	(void)err;
	*number = answer_int(values[0]);
	return true;
}

/* A script may have set it, with PRAGMA busy_timeout. */
static bool read_busy_timeout(struct db *db, int *ms, struct error *err)
{
	*ms = 0;
	return db_query(db, "PRAGMA busy_timeout", NULL, 0, read_number, ms, err);
}

bool sqlite_set_limits(struct db *db, const struct db_limits *limits, struct error *err)
{
	struct sqlite *sqlite = sqlite_of(db);
	struct sqlite_limits *set;

	if (!sqlite_lift_limits(db, err))
		return false;
	if (sqlite->limits == NULL)
		sqlite->limits = arena_alloc(db->arena, sizeof(*sqlite->limits));
	set = sqlite->limits;
	*set = (struct sqlite_limits){
		.has_lock_limit = limits->lock_timeout_ms != DURATION_OF_SERVER,
		.statement_ms = limits->statement_timeout_ms > 0 ? limits->statement_timeout_ms : 0,
	};
	if (!set->has_lock_limit)
		return true;
	/* 0 means "not at all" to SQLite. */
	set->busy_ours_ms = limits->lock_timeout_ms > 0 ? limits->lock_timeout_ms : INT_MAX;
	if (!read_busy_timeout(db, &set->busy_before_ms, err))
		return false;
	sqlite3_busy_timeout(sqlite->conn, set->busy_ours_ms);
	return true;
}

bool sqlite_lift_limits(struct db *db, struct error *err)
{
	struct sqlite_limits *set = sqlite_of(db)->limits;
	int now_ms;

	if (set == NULL)
		return true;
	set->statement_ms = 0;
	if (!set->has_lock_limit)
		return true;
	set->has_lock_limit = false;
	if (!read_busy_timeout(db, &now_ms, err))
		return false;
	if (now_ms == set->busy_ours_ms)
		sqlite3_busy_timeout(sqlite_of(db)->conn, set->busy_before_ms);
	return true;
}

static int64_t now(void)
{
	return clock_system.monotonic_ms(&clock_system);
}

void sqlite_limits_begin_statement(struct sqlite *sqlite)
{
	if (sqlite->limits != NULL && sqlite->limits->statement_ms > 0)
		sqlite->limits->deadline_ms = now() + sqlite->limits->statement_ms;
}

bool sqlite_limits_are_over(const struct sqlite *sqlite)
{
	return sqlite->limits != NULL && sqlite->limits->statement_ms > 0 &&
	       now() >= sqlite->limits->deadline_ms;
}

void sqlite_limits_note(const struct sqlite *sqlite, struct error *err)
{
	if (err->sql != NULL && err->sql->code == SQLITE_INTERRUPT &&
	    sqlite_limits_are_over(sqlite))
		error_note(err, "the statement ran longer than cflyway.statementTimeout, %d ms",
		           sqlite->limits->statement_ms);
}
