/* SPDX-License-Identifier: Apache-2.0 */
/* undo_candidates.c - lists what an undo could take back from a database */
#include "cflyway/core/undo_candidates.h"

#include "cflyway/core/info_make.h"
#include "cflyway/core/session.h"
#include "cflyway/core/undo_plan.h"

bool undo_candidates_list(struct run *run, size_t limit, struct undo_candidates *candidates,
                          struct error *err)
{
	const struct info_options options = info_options_from(run->arena, run->settings);
	const struct migration_list no_files = {0};
	struct applied applied;
	struct info info;

	*candidates = (struct undo_candidates){0};
	if (!applied_read(run, run->session->about.history_exists, &applied, err) ||
	    !info_make(run->arena, &no_files, &applied.rows, &options, &info, err))
		return false;
	const struct history_row **rows = undo_plan_last(run->arena, &info, limit, &candidates->n);
	candidates->items = arena_array(run->arena, candidates->n, sizeof(*candidates->items));
	for (size_t i = 0; i < candidates->n; i++)
		candidates->items[i] = (struct undo_candidate){
			.version = rows[i]->version.text,
			.installed_on = rows[i]->installed_on,
		};
	return true;
}
