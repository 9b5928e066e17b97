/* SPDX-License-Identifier: Apache-2.0 */
/*
 * begin.c - what begins a migration: the transaction, the lock, the proof that the history is
 * unchanged, the search path
 *
 * In a transaction all of this shares one batch with the first statements of the script
 * (pipeline.c). doc/transactions.md says why.
 */
#include "begin.h"

#include "limits.h"
#include "listener.h"
#include "local_settings.h"
#include "lock.h"
#include "pipeline.h"
#include "own_settings.h"
#include "wakeup.h"

#include <inttypes.h>

struct pg_guard_sql {
	const char *table, *schema, *original; /* what it was made for; original: path */
	const char *lock;                      /* fails if it is held */
	const char *history; /* fails if $1 is not the last rank; sets the path to $2 */
	const char *path;    /* NULL: none is to be set */
};

const char *pg_migration_search_path(struct arena *arena, const char *original, const char *schema)
{
	struct str path = str_of(original), name = str_of(schema);
	const char *quoted;

	/* Flyway compares the unquoted name with the text of the path. */
	if (str_eq(path, name) ||
	    (str_starts(path, name) && path.len > name.len && path.ptr[name.len] == ','))
		return NULL;
	quoted = db_quote_identifier(arena, schema);
	return path.len == 0 ? quoted : arena_printf(arena, "%s,%s", quoted, original);
}

const char *pg_guard_path(const struct postgres *pg)
{
	return pg->guard != NULL && pg->guard->path != NULL ? pg->guard->path
	                                                    : pg->origin.search_path;
}

/* Behind a pooler the session is not ours alone: the path is gone with the transaction. */
static const char *set_path_column(const struct db *db)
{
	return db->pools_transactions ? ", pg_catalog.set_config('search_path', $2, true)"
	                              : ", pg_catalog.set_config('search_path', $2, false)";
}

/* The second one sets the search path, which goes back with the transaction. */
static const struct pg_guard_sql *guard_sql(struct postgres *pg, const struct db_guard *guard)
{
	struct pg_guard_sql *sql = pg->guard;
	struct arena *arena = pg->db->arena;
	const char *path;

	if (sql != NULL && str_same(sql->table, guard->table) &&
	    str_same(sql->schema, guard->schema) && sql->original == pg->origin.search_path)
		return sql;
	path = guard->schema != NULL
	               ? pg_migration_search_path(arena, pg->origin.search_path, guard->schema)
	               : NULL;
	sql = pg->guard = arena_alloc(arena, sizeof(*sql));
	*sql = (struct pg_guard_sql){
		.table = arena_strdup(arena, guard->table),
		.schema = guard->schema != NULL ? arena_strdup(arena, guard->schema) : NULL,
		.original = pg->origin.search_path,
		.path = path,
		.lock = arena_printf(
			arena,
			PG_GUARD("pg_try_advisory_xact_lock(%" PRId64 ")",
	                         "the lock on the schema history is held by another session"),
			pg_lock_key(guard->table)),
		.history = arena_printf(arena,
	                                PG_GUARD("coalesce(max(\"installed_rank\"), -1) = $1::int",
	                                         "the schema history has changed") ", " PG_NOW_MS
	                                                                           "%s FROM %s",
	                                path != NULL ? set_path_column(pg->db) : "", guard->table),
	};
	return sql;
}

/* The SQL that begins a migration, in order, before it is sent in one way or the other. */
struct preparation {
	struct prepared {
		struct pg_command command;
		const char *sql;
		const char *args[2];
		size_t args_n;
		bool begins; /* a transaction: pg_local_settings follow it */
	} items[8];
	size_t n;
	char rank[16];
};

static struct prepared *prepare(struct preparation *preparation, enum pg_command_kind kind,
                                const char *sql)
{
	struct prepared *item = &preparation->items[preparation->n++];

	item->command = (struct pg_command){.kind = kind};
	item->sql = sql;
	return item;
}

static void add_arg(struct prepared *item, const char *arg)
{
	item->args[item->args_n++] = arg;
}

static void prepare_role(struct preparation *preparation, struct postgres *pg)
{
	if (pg->role != PG_ROLE_OURS) {
		prepare(preparation, PG_BEGIN, pg_own_sql(pg)->role);
		pg->role = PG_ROLE_UNKNOWN; /* a rollback may bring another one back */
	}
}

static void prepare_rest(struct preparation *preparation, const struct db *db,
                         const struct pg_guard_sql *sql, const struct db_guard *guard)
{
	struct prepared *item = NULL;

	if (guard->check_history) {
		snprintf(preparation->rank, sizeof(preparation->rank), "%d", guard->last_rank);
		item = prepare(preparation, PG_HISTORY, sql->history);
		add_arg(item, preparation->rank);
	} else if (sql->path != NULL) {
		item = prepare(preparation, PG_BEGIN,
		               db->pools_transactions
		                       ? "SELECT pg_catalog.set_config('search_path', $1, true)"
		                       : "SELECT pg_catalog.set_config('search_path', $1, false)");
	}
	if (item != NULL && sql->path != NULL)
		add_arg(item, sql->path);
}

/* Last, because the limits are those of the script: our own SQL does not run under them. */
static void prepare_limits(struct preparation *preparation, struct postgres *pg,
                           const struct db_guard *guard, bool is_local)
{
	const char *set = pg_limits_begin(pg, guard->limits, is_local);

	if (set != NULL)
		prepare(preparation, PG_BEGIN, set);
}

static bool add_local_settings(struct postgres *pg, struct error *err)
{
	const struct pg_command command = {.kind = PG_BEGIN};
	const struct str_list *local = pg_local_settings(pg);

	for (size_t i = 0; i < local->n; i++)
		if (!pg_pipeline_add(pg, command, local->items[i], NULL, 0, err))
			return false;
	return true;
}

static enum db_status send_preparation(struct postgres *pg, struct preparation *preparation,
                                       struct error *err)
{
	pg->sent = 0;
	pg->db->failed_part = DB_PART_SCRIPT;
	pg->listened.early = (struct str_list){0};
	for (size_t i = 0; i < preparation->n; i++) {
		struct prepared *item = &preparation->items[i];

		item->command.starts = i + 1 == preparation->n;
		if (!pg_pipeline_add(pg, item->command, item->sql, item->args, item->args_n, err) ||
		    (item->begins && !add_local_settings(pg, err)))
			return DB_FAILED;
	}
	if (preparation->n == 0)
		pg_listener_started(pg, 0);
	return DB_OK;
}

enum db_status pg_turn_back(struct db *db, enum db_status status)
{
	if (status == DB_LOCK_BUSY || status == DB_HISTORY_CHANGED)
		db_rollback(db);
	return status;
}

enum db_status pg_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                struct error *err)
{
	struct postgres *pg = postgres_of(db);
	const struct pg_guard_sql *sql = guard_sql(pg, guard);
	struct preparation preparation = {0};

	pg->timeouts_set_aside = false;
	pg_limits_forget_local(pg);
	prepare(&preparation, PG_BEGIN, pg_begin_word(pg))->begins = true;
	if (!db->pools_transactions)
		prepare_role(&preparation, pg);
	if (lock)
		prepare(&preparation, PG_LOCK, sql->lock);
	prepare_rest(&preparation, db, sql, guard);
	prepare_limits(&preparation, pg, guard, true);
	return send_preparation(pg, &preparation, err);
}

enum db_status pg_prepare_guarded(struct db *db, const struct db_guard *guard, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	struct preparation preparation = {0};
	enum db_status status;
	bool is_in_group = db_tx_status(db) == TX_ACTIVE;

	if (is_in_group && pg->timeouts_set_aside)
		prepare(&preparation, PG_BEGIN, pg_give_back_timeouts);
	pg->timeouts_set_aside = false;
	prepare_role(&preparation, pg);
	prepare_rest(&preparation, db, guard_sql(pg, guard), guard);
	prepare_limits(&preparation, pg, guard, is_in_group);
	status = send_preparation(pg, &preparation, err);
	/* outside of a transaction each statement runs alone */
	if (status == DB_OK && !is_in_group)
		status = pg_turn_back(db, pg_pipeline_finish(pg, err));
	return status;
}
