/* SPDX-License-Identifier: Apache-2.0 */
/* script_remains.c - what is left of a script that has failed, or has ended its transaction */
#include "script_run.h"

void script_run_note_end(struct script_run *script_run, const struct migration *by)
{
	const struct migration *migration = script_run->migration;

	script_run->ends = arena_grow(script_run->run->arena, script_run->ends, script_run->n_ends,
	                              sizeof(script_run->ends[0]));
	script_run->ends[script_run->n_ends++] = (struct early_end){
		.migration = migration,
		.by = by,
		.has_run = by == migration || script_run->completed > 0,
	};
}

bool script_run_commit_unknown(const struct script_run *script_run)
{
	return (script_run->unanswered_line > 0 || script_run->is_commit_unknown) &&
	       db_tx_status(script_run->run->db) == TX_LOST;
}

void script_run_note_unknown(const struct script_run *script_run, struct error *err)
{
	if (script_run->unanswered_line > 0 && script_run_commit_unknown(script_run))
		error_explain(err, NOTE_OUTCOME,
		              "the connection was lost at line %zu of %s, before the server had "
		              "answered. It is not known whether this has been committed: look at "
		              "the database before the next run.",
		              script_run->unanswered_line, script_run->migration->path);
}

bool script_run_note_stays(const struct script_run *script_run, bool has_begun, struct error *err)
{
	const struct script_traits *traits = script_run->traits;
	const char *path = script_run->migration->path;

	if (!traits->runs_in_transaction && !traits->controls_by_itself &&
	    script_run->parse_error == NULL && (has_begun || script_run->completed > 0))
		error_explain(err, NOTE_OUTCOME,
		              "%zu of %zu statements of %s %s been applied and stay.",
		              script_run->completed, traits->statements, path,
		              script_run_commit_unknown(script_run) ? "are known to have" : "have");
	else if ((script_run->n_ends > 0 || !traits->runs_in_transaction) &&
	         traits->controls_by_itself && script_run->completed > 0)
		error_explain(
			err, NOTE_OUTCOME,
			"%s ends transactions itself: of its %zu statements %zu have been run, and "
			"what they committed stays.",
			path, traits->statements, script_run->completed);
	else
		return false;
	return true;
}
