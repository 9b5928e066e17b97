/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_settings.c - goes back to the role after initSql, sets the time limits of scripts aside
 *
 * The history row is written under the time limits of the server, not under those that the script
 * may have set.
 */
#include "own_settings.h"

#include "wakeup.h"

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

static const char *local_column(struct arena *arena, const char *name, const char *value)
{
	return arena_printf(arena, "pg_catalog.set_config('%s', '%s', true)", name,
	                    str_replace(arena, str_of(value), STR("'"), STR("''")));
}

/*
 * The same behind a pooler: first the session goes back to what it began with, in case a function
 * has set something there, then ours is set for the transaction. The row needs no search path, and
 * its session gets the original one back, not a copy of it.
 */
static const char *local_columns(const struct postgres *pg, bool is_last)
{
	const struct pg_origin *origin = &pg->origin;
	struct arena *arena = pg->db->arena;

	const char *path = is_last ? "pg_catalog.set_config('search_path', NULL, false)"
	                           : local_column(arena, "search_path", origin->search_path);

	return arena_printf(arena,
	                    "pg_catalog.set_config('session_authorization', NULL, false), "
	                    "pg_catalog.set_config('role', NULL, false), %s, %s, %s",
	                    path, local_column(arena, "session_authorization", origin->session),
	                    local_column(arena, "role", origin->role));
}

/*
 * The columns of a query that goes back to the role after initSql, evaluated in order. The role
 * that the script may have left can be one that may not set ours: the session user comes first, and
 * back to the one that logged in (NULL resets) is always allowed.
 */
static const char *role_columns(struct postgres *pg, bool is_last)
{
	static const char reset[] = "pg_catalog.set_config('session_authorization', NULL, false)";
	struct arena *arena = pg->db->arena;
	const struct pg_origin *origin = &pg->origin;
	const struct str quote = STR("'"), doubled = STR("''");
	const char *login = pg->pq.user(pg->conn);
	const char *session = "";

	if (pg->db->pools_transactions)
		return local_columns(pg, is_last);
	if (login == NULL || strcmp(login, origin->session) != 0)
		session = arena_printf(
			arena, ", pg_catalog.set_config('session_authorization', '%s', false)",
			str_replace(arena, str_of(origin->session), quote, doubled));
	return arena_printf(arena, "%s%s, pg_catalog.set_config('role', '%s', false)", reset,
	                    session, str_replace(arena, str_of(origin->role), quote, doubled));
}

const struct pg_own_sql *pg_own_sql(struct postgres *pg)
{
	struct arena *arena = pg->db->arena;
	const char *role;

	if (pg->own_sql != NULL)
		return pg->own_sql;
	role = role_columns(pg, false);
	pg->own_sql = arena_alloc(arena, sizeof(*pg->own_sql));
	*pg->own_sql = (struct pg_own_sql){
		.role = arena_printf(arena, "SELECT %s", role),
		.row = arena_printf(arena, "SELECT " KEEP_TIMEOUTS NO_TIMEOUTS ", %s", role),
		/* ROW: few columns are less to read, once per migration */
		.last_row = arena_printf(arena, "SELECT " PG_NOW_MS ", ROW(" NO_TIMEOUTS ", %s)",
	                                 role_columns(pg, true)),
	};
	return pg->own_sql;
}
