/* SPDX-License-Identifier: Apache-2.0 */
/* commit.c - ends a migration: our own role, the history row, COMMIT and the disk */
#include "commit.h"

#include "pipeline.h"
#include "query.h"
#include "own_settings.h"
#include "wakeup.h"

struct pg_flush_sql {
	const char *later, *now; /* instead of pg_own_sql's last_row */
	const char *wait;        /* waits for the disk */
};

/* The first query of the row. */
static const char *restore_sql(struct postgres *pg, enum db_flush flush)
{
	if (pg->flush == NULL || flush == DB_FLUSH_AS_SET)
		return pg_own_sql(pg)->last_row;
	return flush == DB_FLUSH_LATER ? pg->flush->later : pg->flush->now;
}

/* The operator is the server's, whatever search path the script has left. */
static const char *check_sql(struct postgres *pg, const char *table)
{
	if (pg->row_check.sql == NULL || !str_same(pg->row_check.table, table))
		pg->row_check = (struct pg_row_check){
			.table = arena_strdup(pg->db->arena, table),
			.sql = arena_printf(
				pg->db->arena,
				PG_GUARD("EXISTS (SELECT FROM %s WHERE \"installed_rank\" "
		                         "OPERATOR(pg_catalog.=) $1)",
		                         "the history row is not there"),
				table),
		};
	return pg->row_check.sql;
}

bool pg_commit_row(struct db *db, const struct db_commit *commit, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	const struct pg_command row = {.kind = PG_ROW}, check = {.kind = PG_ROW_CHECK},
				end = {.kind = PG_COMMIT};

	if (db->history_has_triggers)
		return db_default_commit_row(db, commit, err);
	db->failed_part = DB_PART_COMMIT; /* until a result tells better */
	if (!pg_pipeline_add(pg, row, restore_sql(pg, commit->flush), NULL, 0, err) ||
	    !pg_pipeline_add(pg, row, commit->sql, commit->args, commit->n, err) ||
	    !pg_pipeline_add(pg, check, check_sql(pg, commit->table), commit->args, 1, err) ||
	    !pg_pipeline_add(pg, end, "COMMIT", NULL, 0, err))
		return false;
	pg->role = PG_ROLE_OURS;
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
	static const struct answer_shape shape = {"its durability", "vv", true};
	struct asking asking = {.arena = db->arena};
	const char *row = pg_own_sql(pg)->last_row;

	*may = false;
	if (db->server_version < OLDEST)
		return true;
	if (!pg_query_shaped(db, may_flush_later_sql, NULL, 0, &shape, read_answer, &asking, err))
		return false;
	if (!asking.may)
		return true;
	*may = true;
	pg->flush = arena_alloc(db->arena, sizeof(*pg->flush));
	/* The original has been a valid value, so it needs no quoting: on, local, remote_apply … */
	*pg->flush = (struct pg_flush_sql){
		.later = arena_printf(
			db->arena,
			"%s, pg_catalog.set_config('synchronous_commit', "
			"CASE pg_catalog.current_setting('synchronous_commit') WHEN '%s' THEN "
			"'off' ELSE pg_catalog.current_setting('synchronous_commit') END, true)",
			row, asking.original),
		.now = arena_printf(db->arena,
	                            "%s, pg_catalog.set_config('synchronous_commit', '%s', true)",
	                            row, asking.original),
		.wait = arena_printf(
			db->arena,
			"BEGIN READ WRITE; SET LOCAL synchronous_commit = '%s'; "
			"SELECT pg_catalog.pg_logical_emit_message(true, 'cflyway', ''); COMMIT",
			asking.original),
	};
	return true;
}

/*
 * The disk gets the log of all transactions in order. A transaction that has written nothing does
 * not wait for it, so this one writes a message, which nobody reads.
 */
bool pg_flush(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);

	return pg->flush == NULL || pg_command(pg, pg->flush->wait, err);
}
