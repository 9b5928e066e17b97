/* SPDX-License-Identifier: Apache-2.0 */
/* history_guard.c - the proof that the history still is the one that the plan was made from */
#include "history_guard.h"

#include "cflyway/core/session.h"

struct db_guard history_guard(const struct execution *execution)
{
	const struct session *session = execution->run->session;
	bool is_skipped = execution->run->settings->skip_executing_migrations;

	return (struct db_guard){
		.table = session->history.quoted,
		.last_rank = execution->executor->last_rank,
		/* Skipped scripts need no path, and callbacks that end the command see none. */
		.schema = is_skipped ? NULL : session->default_schema,
		.check_history = true,
	};
}

bool history_has_changed(const struct execution *execution)
{
	struct db *db = execution->run->db;
	struct db_guard guard = history_guard(execution);
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
