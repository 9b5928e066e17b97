/* SPDX-License-Identifier: Apache-2.0 */
/* info_picks.c - checks that cherryPick names migrations that are there and can be run */
#include "cflyway/core/info_picks.h"

#include "cflyway/core/info_make.h"

/* --- unknown items ------------------------------------------------------------------------- */

static bool has_file(const struct migration_list *migrations, const struct pick *pick,
                     bool counts_undos)
{
	for (size_t i = 0; i < migrations->n; i++)
		if ((counts_undos || !migration_is_undo(migrations->items[i])) &&
		    pick_matches(pick, &migrations->items[i]->version,
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

static bool check_names(const struct cherry_pick *picks, const struct migration_list *migrations,
                        bool counts_undos, const struct history_rows *rows, struct error *err)
{
	for (size_t i = 0; i < picks->n; i++)
		if (!has_file(migrations, &picks->items[i], counts_undos) &&
		    !has_row(rows, &picks->items[i]))
			return error_set(err, ERROR_CONFIGURATION,
			                 "cherryPick: no migration matches \"%s\"",
			                 picks->items[i].text);
	return true;
}

bool info_check_picked_rows(const struct cherry_pick *picks,
                            const struct migration_list *migrations,
                            const struct history_rows *rows, struct error *err)
{
	return check_names(picks, migrations, true, rows, err);
}

/* --- baseline migrations ------------------------------------------------------------------- */

/* The baseline migration that the item names, if it names nothing else and does not count. */
static const struct migration *find_unusable_baseline(const struct info *info,
                                                      const struct pick *pick)
{
	const struct migration *baseline = NULL;

	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if (info_entry_is_undo(entry) ||
		    !pick_matches(pick, info_entry_version(entry), info_entry_description(entry)))
			continue;
		if (!entry->is_left_out)
			return NULL;
		baseline = entry->file;
	}
	return baseline;
}

bool info_check_picks(const struct info_options *options, const struct migration_list *migrations,
                      const struct history_rows *rows, struct error *err)
{
	const struct cherry_pick *picks = &options->picks;
	struct info info;

	if (picks->n == 0)
		return true;
	if (!check_names(picks, migrations, false, rows, err) ||
	    !info_make(err->arena, migrations, rows, options, &info, err))
		return false;
	for (size_t i = 0; i < picks->n; i++) {
		const struct migration *baseline = find_unusable_baseline(&info, &picks->items[i]);

		if (baseline != NULL)
			return error_set(err, ERROR_CONFIGURATION,
			                 "cherryPick: \"%s\" names only the baseline migration %s, "
			                 "which must be the first to run, on an empty history",
			                 picks->items[i].text, baseline->file_name);
	}
	return true;
}
