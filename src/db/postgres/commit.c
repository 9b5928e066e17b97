/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit.c - what ends a migration: back to our own role, the history row, COMMIT and the disk
 *
 * The row is written under the time limits of the server, not under those that the script may have
 * set.
 */
#include "postgres.h"

/* In a group the next script gets its limits back. */
#define KEEP_TIMEOUTS                                                                              \
	"pg_catalog.set_config('cflyway.statement_timeout', "                                      \
	"pg_catalog.current_setting('statement_timeout'), true), "                                 \
	"pg_catalog.set_config('cflyway.lock_timeout', "                                           \
	"pg_catalog.current_setting('lock_timeout'), true), "
#define NO_TIMEOUTS                                                                                \
	"pg_catalog.set_config('statement_timeout', '0', true), "                                  \
	"pg_catalog.set_config('lock_timeout', '0', true)"

const char pg_give_back_timeouts[] =
	"SELECT pg_catalog.set_config('statement_timeout', "
	"pg_catalog.current_setting('cflyway.statement_timeout'), true), "
	"pg_catalog.set_config('lock_timeout', "
	"pg_catalog.current_setting('cflyway.lock_timeout'), true)";

/* --- the role ------------------------------------------------------------------------------ */

/*
 * The columns of a query that goes back to the role after initSql, evaluated in order. The role
 * that the script may have left can be one that may not set ours: the session user comes first, and
 * back to the one that logged in (NULL resets) is always allowed.
 */
static const char *role_columns(struct postgres *pg)
{
	static const char reset[] = "pg_catalog.set_config('session_authorization', NULL, false)";
	struct arena *arena = pg->db->arena;
	const struct str quote = STR("'"), doubled = STR("''");
	const char *login = pg->pq.user(pg->conn);
	const char *session = "";

	if (login == NULL || strcmp(login, pg->session) != 0)
		session = arena_printf(
			arena, ", pg_catalog.set_config('session_authorization', '%s', false)",
			str_replace(arena, str_of(pg->session), quote, doubled));
	return arena_printf(arena, "%s%s, pg_catalog.set_config('role', '%s', false)", reset,
	                    session, str_replace(arena, str_of(pg->role), quote, doubled));
}

static const struct pg_own_sql *own_sql(struct postgres *pg)
{
	struct arena *arena = pg->db->arena;

	if (pg->own.role == NULL) {
		const char *role = role_columns(pg);

		pg->own = (struct pg_own_sql){
			.role = arena_printf(arena, "SELECT %s", role),
			.row = arena_printf(arena, "SELECT " KEEP_TIMEOUTS NO_TIMEOUTS ", %s",
		                            role),
			/* ROW: few columns are less to read, once per migration */
			.last_row = arena_printf(
				arena, "SELECT " PG_NOW_MS ", ROW(" NO_TIMEOUTS ", %s)", role),
		};
	}
	return &pg->own;
}

const char *pg_role_sql(struct postgres *pg)
{
	return own_sql(pg)->role;
}

/* --- the row ------------------------------------------------------------------------------- */

bool pg_query_restored(struct postgres *pg, const char *sql, const char *const *args, size_t n,
                       PGresult **result, struct error *err)
{
	const struct pg_entry own = {.kind = PG_OWN}, query = {.kind = PG_QUERY};
	const char *restore = pg->has_kept_timeouts ? own_sql(pg)->role : own_sql(pg)->row;
	bool ok;

	*result = NULL;
	pg->restore_first = false;
	pg->has_kept_timeouts = true;
	if (!pg_pipeline_add(pg, own, restore, NULL, 0, err) ||
	    !pg_pipeline_add(pg, query, sql, args, n, err))
		return false;
	ok = pg_pipeline_finish(pg, err) == DB_OK;
	*result = pg->pipeline.kept;
	pg->pipeline.kept = NULL;
	if (pg->pq.transaction_status(pg->conn) == PQTRANS_IDLE)
		pg->has_kept_timeouts = false; /* they were kept for this flight only */
	if (!ok) {
		pg->pq.clear(*result);
		*result = NULL;
	}
	return ok;
}

bool pg_commit_row(struct db *db, const struct db_commit *commit, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	const struct pg_entry row = {.kind = PG_ROW}, end = {.kind = PG_COMMIT};
	const char *restore = own_sql(pg)->last_row;

	if (commit->flush == DB_FLUSH_LATER && pg->own.flush_later != NULL)
		restore = pg->own.flush_later;
	else if (commit->flush == DB_FLUSH_NOW && pg->own.flush_now != NULL)
		restore = pg->own.flush_now;

	db->failed_part = DB_PART_COMMIT; /* until a result tells better */
	pg->restore_first = false;
	if (!pg_pipeline_add(pg, row, restore, NULL, 0, err) ||
	    !pg_pipeline_add(pg, row, commit->sql, commit->args, commit->n, err) ||
	    !pg_pipeline_add(pg, end, "COMMIT", NULL, 0, err))
		return false;
	pg->may_differ = false;
	if (commit->is_queued)
		pg_wakeup_queued(pg);
	return commit->is_queued || pg_pipeline_finish(pg, err) == DB_OK;
}

/* --- the disk ------------------------------------------------------------------------------ */

static const char may_flush_later_sql[] =
#include "db/postgres/sql/may_flush_later.sql.h"
	;

struct asking {
	struct arena *arena;
	bool may;
	const char *original; /* synchronous_commit */
};

static bool read_answer(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct asking *asking = ctx;

	(void)columns;
	(void)err;
	asking->original = arena_strdup(asking->arena, values[0]);
	asking->may = strcmp(values[1], "t") == 0;
	return true;
}

bool pg_may_flush_later(struct db *db, bool *may, struct error *err)
{
	enum { OLDEST = 10 }; /* that has pg_logical_emit_message for sure */
	struct postgres *pg = postgres_of(db);
	struct asking asking = {.arena = db->arena};
	const struct pg_own_sql *own = own_sql(pg);

	*may = false;
	if (db->server_version < OLDEST)
		return true;
	if (!pg_query(db, may_flush_later_sql, NULL, 0, read_answer, &asking, err))
		return false;
	if (!asking.may)
		return true;
	*may = true;
	/* The original has been a valid value, so it needs no quoting: on, local, remote_apply … */
	pg->own.flush_later = arena_printf(
		db->arena,
		"%s, pg_catalog.set_config('synchronous_commit', "
		"CASE pg_catalog.current_setting('synchronous_commit') WHEN '%s' THEN 'off' "
		"ELSE pg_catalog.current_setting('synchronous_commit') END, true)",
		own->last_row, asking.original);
	pg->own.flush_now = arena_printf(
		db->arena, "%s, pg_catalog.set_config('synchronous_commit', '%s', true)",
		own->last_row, asking.original);
	pg->own.flush = arena_printf(db->arena,
	                             "BEGIN READ WRITE; SET LOCAL synchronous_commit = '%s'; "
	                             "SELECT pg_catalog.pg_logical_emit_message(true, 'cflyway', "
	                             "''); COMMIT",
	                             asking.original);
	return true;
}

/*
 * The disk gets the log of all transactions in order. A transaction that has written nothing does
 * not wait for it, so this one writes a message, which nobody reads.
 */
bool pg_flush(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);

	return pg->own.flush == NULL || pg_command(pg, pg->own.flush, err);
}
