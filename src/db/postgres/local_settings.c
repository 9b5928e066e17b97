/* SPDX-License-Identifier: Apache-2.0 */
/* local_settings.c - what each transaction sets for itself, where the session is not ours alone */
#include "local_settings.h"

/*
 * What other clients of the pool may have left. NULL is the value that the session began with. The
 * order matters: a leaked role may not be allowed to become another one.
 */
static const char login_settings[] =
	"SELECT pg_catalog.set_config('session_authorization', NULL, true), "
	"pg_catalog.set_config('role', NULL, true), "
	"pg_catalog.set_config('search_path', NULL, true)";

void pg_pool_transactions(struct postgres *pg)
{
	if (pg->local_settings.n == 0)
		pg_local_settings_add(pg, login_settings);
	pg->db->pools_transactions = true;
}

void pg_local_settings_add(struct postgres *pg, const char *sql)
{
	str_list_add(pg->db->arena, &pg->local_settings, sql);
	pg->begin_sql = NULL;
}

const struct str_list *pg_local_settings(const struct postgres *pg)
{
	return &pg->local_settings;
}

/* The session of a dry run is made read-only where it is ours: see pg_make_read_only. */
const char *pg_begin_word(const struct postgres *pg)
{
	const struct db *db = pg->db;

	return db->pools_transactions && db->dry_run != NULL ? "BEGIN READ ONLY" : "BEGIN";
}

const char *pg_begin_sql(struct postgres *pg)
{
	struct arena *arena = pg->db->arena;

	if (pg->local_settings.n == 0)
		return pg_begin_word(pg);
	if (pg->begin_sql == NULL)
		pg->begin_sql = arena_concat(arena, pg_begin_word(pg), "; ",
		                             str_list_join(arena, &pg->local_settings, "; "));
	return pg->begin_sql;
}
