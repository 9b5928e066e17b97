/* SPDX-License-Identifier: Apache-2.0 */
/* info_picks.c - which migrations cherryPick names, and whether it names one that is not there */
#include "cflyway/core/info_picks.h"

#include "info_builder.h"

static bool has_file(const struct migration_list *migrations, const struct pick *pick)
{
	for (size_t i = 0; i < migrations->n; i++)
		if (pick_matches(pick, &migrations->items[i]->version,
		                 migrations->items[i]->description))
			return true;
	return false;
}

static bool has_row(const struct history_rows *rows, const struct pick *pick)
{
	for (size_t i = 0; i < rows->n; i++)
		if (pick_matches(pick, &rows->items[i].version, rows->items[i].description))
			return true;
	return false;
}

bool info_check_picks(const struct cherry_pick *picks, const struct migration_list *migrations,
                      const struct history_rows *rows, struct error *err)
{
	for (size_t i = 0; i < picks->n; i++)
		if (!has_file(migrations, &picks->items[i]) && !has_row(rows, &picks->items[i]))
			return error_set(err, ERROR_CONFIGURATION,
			                 "cherryPick: no migration matches \"%s\"",
			                 picks->items[i].text);
	return true;
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
}
