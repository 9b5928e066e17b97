/* SPDX-License-Identifier: Apache-2.0 */
/* history_again.c - reads the history again, after it has changed under a plan */
#include "history_again.h"

#include "cflyway/core/session.h"

enum { MAX_FUTILE_PLANS = 3 };

/* Always returns false. */
static bool fail_removed(const struct history *history, int rank, struct error *err)
{
	error_set(err, ERROR_GENERAL,
	          "The row with installed_rank %d, which this run has committed, is not in Schema "
	          "History table %s any more: another session, or a trigger at COMMIT, has removed "
	          "it, or a policy hides it",
	          rank, history->quoted);
	error_explain(err, NOTE_NEXT,
	              "next: find out what has removed the row, or hides it: without it, the "
	              "migration would be applied again");
	return false;
}

bool history_again_is_kept(const struct history_again *again, const struct run *run,
                           const struct executor *executor, struct error *err)
{
	const struct history *history = &run->session->history;
	int rank = executor_last_rank(executor);
	struct history_rows rows = {0};

	if (!run->db->history_has_triggers || again->done == 0)
		return true;
	return history_read(run->arena, run->db, history, &rows, err) &&
	       (history_last_rank(&rows) >= rank || fail_removed(history, rank, err));
}

bool history_again_read(struct history_again *again, const struct run *run,
                        const struct executor *executor, struct history_rows *rows,
                        struct error *err)
{
	const struct history *history = &run->session->history;
	int planned_from = executor_last_rank(executor);

	*rows = (struct history_rows){0};
	if (executor_is_interrupted(executor, err) ||
	    !history_read(run->arena, run->db, history, rows, err))
		return false;
	if (again->done > 0 && history_last_rank(rows) < planned_from)
		return fail_removed(history, planned_from, err);
	again->futile_plans = history_last_rank(rows) == planned_from ? again->futile_plans + 1 : 0;
	if (again->futile_plans < MAX_FUTILE_PLANS)
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "The rows of Schema History table %s cannot be put in order: is there an "
	                 "installed_rank below 0?",
	                 history->quoted);
}
