/* SPDX-License-Identifier: Apache-2.0 */
/* info_picked.c - says of every entry whether and where cherryPick names it */
#include "info_builder.h"

static bool can_run(const struct builder *builder, const struct info_entry *entry)
{
	return entry->row == NULL && !entry->is_left_out && migration_is_versioned(entry->file) &&
	       !migration_is_undo(entry->file) && !entry->file->is_switched_off &&
	       !is_above_target(builder, &entry->file->version);
}

/*
 * A baseline migration counts only as the first one that runs, on an empty history; in any other
 * place its item means the versioned migration.
 */
static void leave_out_baselines(struct builder *builder)
{
	const struct info *info = builder->info;
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < info->n && !has_applied_version(info); i++)
		if (can_run(builder, &info->entries[i]) && info->entries[i].pick < first)
			first = info->entries[i].pick;
	for (size_t i = 0; i < info->n; i++) {
		struct info_entry *entry = &info->entries[i];

		if (can_run(builder, entry) && migration_type_is_baseline(entry->file->type))
			entry->is_left_out = entry->pick != first;
	}
}

void info_find_picks(struct builder *builder)
{
	const struct cherry_pick *picks = &builder->options->picks;

	if (picks->n == 0)
		return;
	for (size_t i = 0; i < builder->info->n; i++) {
		struct info_entry *entry = &builder->info->entries[i];

		entry->pick = (unsigned)cherry_pick_find(picks, info_entry_version(entry),
		                                         info_entry_description(entry));
		entry->is_left_out = entry->pick == picks->n;
	}
	builder->info->has_picks = true;
	leave_out_baselines(builder);
}
