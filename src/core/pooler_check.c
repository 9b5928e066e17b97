/* SPDX-License-Identifier: Apache-2.0 */
/* pooler_check.c - refuses scripts that need a session of their own where there is none */
#include "cflyway/core/pooler_check.h"

/* DIFFERS: Flyway runs the script, and what it sets or locks reaches other clients of the pool. */
static bool refuse(const char *path, size_t line, const char *reason, struct error *err)
{
	return error_set(err, ERROR_GENERAL,
	                 "%s cannot run behind a connection pooler that lends a server for one "
	                 "transaction at a time: %s%s; connect to the server directly, or let the "
	                 "pooler pool sessions (pool_mode=session) and set cflyway.pooler=session",
	                 path, line > 0 ? arena_printf(err->arena, "line %zu ", line) : "it ",
	                 reason);
}

bool pooler_check_script(const struct run *run, const struct migration *migration,
                         const struct script_traits *traits, bool shares_transaction,
                         struct error *err)
{
	if (!run->db->pools_transactions)
		return true;
	if (migration->program != NULL)
		return shares_transaction ||
		       refuse(migration->path, 0,
		              "is run while the session holds the lock on the history", err);
	if (traits->session_need != NULL)
		return refuse(migration->path, traits->session_need_line, traits->session_need,
		              err);
	return traits->runs_in_transaction ||
	       refuse(migration->path, 0, "runs outside of a transaction (executeInTransaction)",
	              err);
}

bool pooler_check_callback(const struct run *run, const struct callback *callback,
                           const struct script_traits *traits, struct error *err)
{
	if (!run->db->pools_transactions || callback->script.program != NULL)
		return true;
	if (event_place(callback->event) == EVENT_PLACE_FINISH)
		return refuse(callback->script.path, 0, "runs outside of a transaction", err);
	return pooler_check_script(run, &callback->script, traits, false, err);
}
