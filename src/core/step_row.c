/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step_row.c - the history row of a step
 *
 * An undo is written as Flyway's paid edition does (UNDO_SQL), or so that the free one can go on
 * with the history: as a DELETE row, what repair writes for a version whose file is gone.
 */
#include "step_row.h"

#include "cflyway/core/session.h"
#include "cflyway/core/undo_reason.h"

#include <limits.h>

/*
 * The free edition stops at UNDO_SQL. A failed row of the migration's own type is to both editions
 * a failed migration of that version, until repair removes it, and leaves the row of the run.
 */
static enum migration_type failed_type(const struct run *run, const struct step *step)
{
	bool is_marked = step->undoes != NULL && run->settings->undo_history != UNDO_HISTORY_UNDO;

	return is_marked ? step->undoes->type : step->migration->type;
}

static void mark_as_deleted(const struct run *run, const struct history_row *undone,
                            struct history_row *row)
{
	row->version = undone->version;
	row->description =
		undo_reason_describe(run->arena, run->settings->reason, undone->description);
	row->type = MIGRATION_DELETE;
	row->script = undone->script;
	row->has_checksum = undone->has_checksum;
	row->checksum = undone->checksum;
	row->execution_time = 0;
}

struct history_row step_row(const struct run *run, const struct step *step, int last_rank,
                            bool success)
{
	const struct migration *migration = step->migration;
	struct history_row row = {
		/* Flyway gives the first row rank 1, but 0 to the row of created schemas. */
		.installed_rank = last_rank < 0 ? 1 : last_rank + 1,
		.version = migration->version,
		.description = migration->description,
		.type = success ? migration->type : failed_type(run, step),
		.script = migration->script,
		.has_checksum = true,
		.checksum = migration->checksum,
		.installed_by = run->session->installed_by,
		.execution_time = step->elapsed_ms > INT_MAX ? INT_MAX : (int)step->elapsed_ms,
		.success = success,
	};

	if (step->undoes != NULL && success && run->settings->undo_history == UNDO_HISTORY_MARKER)
		mark_as_deleted(run, step->undoes, &row);
	return row;
}

static const struct history_row *find_rank(const struct history_rows *rows, int rank)
{
	for (size_t i = 0; rows != NULL && i < rows->n; i++)
		if (rows->items[i].installed_rank == rank)
			return &rows->items[i];
	return NULL;
}

bool step_is_recorded(const struct run *run, const struct step *step, int rank, bool success,
                      const struct history_rows *rows)
{
	const struct history_row *found;

	if (step->deletes_row) {
		found = find_rank(rows, step->undoes->installed_rank);
		return found == NULL || strcmp(found->script, step->undoes->script) != 0;
	}
	const struct history_row row = step_row(run, step, rank - 1, success);

	found = find_rank(rows, rank);
	return found != NULL && strcmp(found->script, row.script) == 0 &&
	       found->checksum == row.checksum;
}
