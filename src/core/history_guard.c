/* SPDX-License-Identifier: Apache-2.0 */
/* guard.c - the proof that the history still is the one that was planned from */
#include "execution.h"

#include "cflyway/core/session.h"

struct db_guard make_guard(const struct execution *execution)
{
	const struct session *session = execution->run->session;

	return (struct db_guard){
		.table = session->history.quoted,
		.last_rank = execution->executor->last_rank,
		.schema = session->default_schema,
		.check_history = true,
	};
}

bool history_has_changed(const struct execution *execution)
{
	struct db *db = execution->run->db;
	struct db_guard guard = make_guard(execution);
	struct error ignored = ERROR_INIT(execution->run->arena);
	enum db_status status;

	if (db->is_cancelled || db_tx_status(db) == TX_LOST)
		return false;
	status = db_begin_guarded(db, &guard, false, &ignored);
	if (status == DB_OK)
		status = db_sync(db, &ignored);
	db_rollback(db);
	return status == DB_HISTORY_CHANGED;
}
