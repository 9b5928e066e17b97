/* SPDX-License-Identifier: Apache-2.0 */
/* pooler.c - a connection pooler that lends a server for one transaction at a time */
#include "pooler.h"

#include "local_settings.h"
#include "query.h"

#include "cflyway/db/answer_shape.h"
#include "cflyway/sql/session_effect.h"

#include <inttypes.h>

void pg_pooler_init(struct postgres *pg)
{
	/* A second connection knows it from the first one. */
	if (pg->db->settings->pooler == POOLER_TRANSACTION || pg->db->pools_transactions)
		pg_pool_transactions(pg);
}

void pg_pooler_note(struct postgres *pg, const char *backend_pid)
{
	struct pg_seen_pooler *pooler = &pg->pooler;

	pooler->server_pid = answer_int(backend_pid);
	pooler->is_there = pooler->server_pid != pg->pq.backend_pid(pg->conn);
	if (!pooler->is_there || pg->db->settings->pooler != POOLER_AUTO ||
	    pg->db->pools_transactions)
		return;
	log_debug(pg->db->log, "There is a connection pooler: it is taken for one that lends a "
	                       "server for each transaction (cflyway.pooler)");
	pg_pool_transactions(pg);
}

static bool read_pid(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	(void)columns;
	(void)err;
	pg_pooler_note(ctx, values[0]);
	return true;
}

bool pg_find_pooler(struct db *db, struct error *err)
{
	static const struct answer_shape shape = {"the number of its process", "v", true};
	struct postgres *pg = postgres_of(db);

	return db->settings->pooler != POOLER_AUTO || db->pools_transactions ||
	       pg->pooler.server_pid != 0 ||
	       pg_query_shaped(db, "SELECT pg_catalog.pg_backend_pid()", NULL, 0, &shape, read_pid,
	                       pg, err);
}

/* --- initSql ------------------------------------------------------------------------------- */

bool pg_set_locally(struct db *db, const struct statement *statement, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	const char *local =
		session_set_locally(db->arena, (struct str){statement->text, statement->len});

	if (local == NULL)
		return error_set(
			err, ERROR_CONFIGURATION,
			"Behind a connection pooler that lends a server for one transaction at a "
			"time, initSql may hold only SET statements, each of which is then run at "
			"the beginning of every transaction, as SET LOCAL: connect to the server "
			"directly, let the pooler pool sessions and set cflyway.pooler=session, or "
			"leave out the statement in line %zu of initSql",
			statement->line);
	pg_local_settings_add(pg, local);
	if (pg_command(pg, arena_concat(db->arena, pg_begin_sql(pg), "; ", "ROLLBACK"), err))
		return true;
	db_rollback(db);
	return false;
}

bool pg_pooler_check_options(const struct postgres *pg, struct error *err)
{
	if (!pg->db->pools_transactions || !pg->asks_for_options)
		return true;
	return error_set(err, ERROR_CONFIGURATION,
	                 "currentSchema, readOnly and options in the URL do not get through a "
	                 "connection pooler that lends a server for one transaction at a time: use "
	                 "flyway.defaultSchema, or connect to the server directly");
}

/* --- the session lock ---------------------------------------------------------------------- */

const char *pg_session_lock_sql(struct postgres *pg, int64_t key)
{
	struct arena *arena = pg->db->arena;

	if (!pg->pooler.is_there)
		return arena_printf(arena, "SELECT pg_try_advisory_lock(%" PRId64 ")", key);
	return arena_printf(arena,
	                    "SELECT CASE WHEN pg_catalog.pg_backend_pid() = %d THEN "
	                    "pg_try_advisory_lock(%" PRId64 ") END",
	                    pg->pooler.server_pid, key);
}

bool pg_fail_not_session(struct error *err)
{
	return error_set(err, ERROR_CONFIGURATION,
	                 "cflyway.pooler=session, but the connection pooler has lent this "
	                 "connection another server meanwhile, so it does not pool sessions: "
	                 "connect to the server directly, or set pool_mode=session in the pooler");
}
