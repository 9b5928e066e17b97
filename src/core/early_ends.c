/* SPDX-License-Identifier: Apache-2.0 */
/* early_ends.c - what is left of migrations whose scripts have ended their transaction */
#include "early_ends.h"

#include "step_row.h"

#include "cflyway/core/outcome.h"
#include "cflyway/core/session.h"

struct group {
	const struct execution *execution;
	const struct early_end *ends;
	size_t n_ends;
	struct history_rows rows;
	bool has_rows; /* they could be read */
};

static struct group look_at(const struct execution *execution)
{
	const struct run *run = execution->run;
	const struct script_run *script = &execution->script;
	struct error ignored = ERROR_INIT(run->arena);
	struct group group = {
		.execution = execution,
		.ends = script->ends,
		.n_ends = script->n_ends,
	};

	group.has_rows =
		execution->n > 1 && db_tx_status(run->db) == TX_IDLE &&
		history_read(run->arena, run->db, &run->session->history, &group.rows, &ignored);
	return group;
}

/* Is its row committed? The last step of which anything has run, the current one, has none. */
static bool is_recorded(const struct group *group, const struct migration *migration)
{
	const struct execution *execution = group->execution;
	int last_rank = execution->executor->last_rank;

	for (const struct step *step = execution->steps;
	     group->has_rows && step < execution->current; step++) {
		const int rank = step_row(execution->run, step, last_rank, true).installed_rank;

		if (step->migration == migration)
			return step_is_recorded(execution->run, step, rank, true, &group->rows);
		if (!step->deletes_row)
			last_rank = rank;
	}
	return false;
}

static bool is_last(const struct group *group, const struct early_end *end)
{
	return end == &group->ends[group->n_ends - 1];
}

/* Without the rows, only of the last one it is sure that its migration has none. */
static bool leaves_something(const struct group *group, const struct early_end *end)
{
	if (group->execution->n > 1 && !group->has_rows)
		return is_last(group, end);
	return !end->has_run || !is_recorded(group, end->migration);
}

static bool is_left_in_part(const struct group *group, const struct migration *migration)
{
	for (size_t i = 0; i < group->n_ends; i++)
		if (group->ends[i].migration == migration && group->ends[i].has_run)
			return true;
	return false;
}

/* What ran after the last end is rolled back. What ran before it only if there is no row. */
static void record_steps(const struct group *group)
{
	const struct execution *execution = group->execution;
	const struct run *run = execution->run;
	bool is_after = false;

	for (const struct step *step = execution->steps; step <= execution->current; step++) {
		const struct migration *migration = step->migration;

		is_after |= migration == group->ends[group->n_ends - 1].migration;
		if (is_recorded(group, migration))
			outcome_keep_last(run, migration);
		else if ((is_after || group->has_rows) && migration->program == NULL &&
		         !is_left_in_part(group, migration) && !run->db->has_gone_silent)
			outcome_roll_back(run, migration);
	}
}

void early_ends_record(const struct execution *execution, bool is_told, struct error *err)
{
	const struct group group = look_at(execution);
	const struct run *run = execution->run;
	struct str_list told = {0};

	record_steps(&group);
	for (size_t i = 0; i < group.n_ends; i++) {
		const struct early_end *end = &group.ends[i];
		const bool is_current = end->by == execution->current->migration;

		if (!leaves_something(&group, end))
			continue;
		if (end->has_run)
			outcome_stays(run, end->migration->path);
		outcome_stays(run, end->by->path);
		if (str_list_has(&told, end->by->path) || (is_current && is_told))
			continue;
		error_explain(err, NOTE_OUTCOME,
		              "%s has ended the transaction: what it committed stays",
		              end->by->path);
		str_list_add(run->arena, &told, end->by->path);
	}
}
