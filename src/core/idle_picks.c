/* SPDX-License-Identifier: Apache-2.0 */
/* idle_picks.c - why an item of cherryPick has no effect */
#include "idle_picks.h"

#define ONLY_AS_FIRST "the baseline migration %s must be the first to run, on an empty history"

static bool is_named(const struct pick *pick, const struct info_entry *entry)
{
	return pick_matches(pick, info_entry_version(entry), info_entry_description(entry));
}

static void add_line(struct arena *arena, struct str_list *lines, const struct pick *pick,
                     const char *reason)
{
	str_list_add(arena, lines,
	             arena_printf(arena, "cherryPick=%s has no effect: %s", pick->text, reason));
}

/* --- migrate ------------------------------------------------------------------------------- */

static const char *baseline_text(const struct info *info)
{
	if (info->has_applied_baseline)
		return info->applied_baseline.text;
	for (size_t i = 0; i < info->n; i++)
		if (info->entries[i].state == STATE_PENDING &&
		    migration_type_is_baseline(info->entries[i].file->type))
			return info->entries[i].file->version.text;
	return "";
}

static const char *why_row_is_idle(struct arena *arena, const struct info_entry *entry)
{
	const struct history_row *row = entry->row;

	if (state_is_taken_back(entry->state) || info_entry_is_undo(entry) ||
	    row->type == MIGRATION_DELETE || row->type == MIGRATION_SCHEMA)
		return NULL;
	if (row->type == MIGRATION_BASELINE)
		return arena_printf(arena, "version %s is the baseline", row->version.text);
	if (version_is_set(&row->version))
		return arena_printf(arena, "version %s has been applied already",
		                    row->version.text);
	return arena_printf(arena,
	                    "the repeatable migration \"%s\" has been applied and has not changed",
	                    row->description);
}

static const char *why_file_is_idle(struct arena *arena, const struct info *info,
                                    const struct info_entry *entry)
{
	const struct migration *file = entry->file;

	switch (entry->state) {
	case STATE_BELOW_BASELINE:
	case STATE_BASELINE_IGNORED:
		return arena_printf(arena, "version %s is not above the baseline %s",
		                    file->version.text, baseline_text(info));
	case STATE_ABOVE_TARGET:
		return arena_printf(arena, "version %s is above the target", file->version.text);
	default:
		break;
	}
	if (file->is_switched_off)
		return arena_printf(arena, "shouldExecute of %s is false", file->file_name);
	return entry->is_left_out ? arena_printf(arena, ONLY_AS_FIRST, file->file_name) : NULL;
}

/* NULL: the item names something that is pending. */
static const char *why_migrate_is_idle(struct arena *arena, const struct info *info,
                                       const struct pick *pick)
{
	const char *reason = NULL;

	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if (!is_named(pick, entry))
			continue;
		if (entry->state == STATE_PENDING)
			return NULL;
		if (reason == NULL)
			reason = entry->row != NULL ? why_row_is_idle(arena, entry)
			                            : why_file_is_idle(arena, info, entry);
	}
	return reason != NULL ? reason : "there is no file for it";
}

struct str_list idle_picks_of_migrate(struct arena *arena, const struct cherry_pick *picks,
                                      const struct info *info)
{
	struct str_list lines = {0};

	for (size_t i = 0; i < picks->n; i++) {
		const char *reason = why_migrate_is_idle(arena, info, &picks->items[i]);

		if (reason != NULL)
			add_line(arena, &lines, &picks->items[i], reason);
	}
	return lines;
}

/* --- undo ---------------------------------------------------------------------------------- */

static bool is_undone(const struct undo_plan *plan, const struct info_entry *entry)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->steps[i].undoes == entry->row)
			return true;
	return false;
}

static const char *why_entry_stays(struct arena *arena, const struct info *info,
                                   const struct pick *pick, const struct info_entry *entry)
{
	const char *version = info_entry_version(entry)->text;

	if (!info_entry_is_versioned(entry))
		return "repeatable migrations are not undone";
	if (entry->row == NULL && migration_is_undo(entry->file) && !pick->is_version)
		return arena_printf(arena, "it describes %s; name the version, %s",
		                    entry->file->file_name, version);
	if (entry->row == NULL)
		return arena_printf(arena, "version %s is not applied", version);
	if (migration_type_is_baseline(entry->row->type))
		return "a baseline is not undone";
	if (info_entry_is_undo(entry) || !info_entry_gives_version(entry))
		return arena_printf(arena, "version %s is not applied any more", version);
	return arena_printf(arena, "version %s is below the target %s", version,
	                    info->target_version.text);
}

/* NULL: the item names something that is undone. */
static const char *why_undo_is_idle(struct arena *arena, const struct undo_plan *plan,
                                    const struct pick *pick)
{
	const struct info *info = plan->info;
	const char *reason = NULL;

	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if (!is_named(pick, entry))
			continue;
		if (entry->row != NULL && is_undone(plan, entry))
			return NULL;
		if (reason == NULL)
			reason = why_entry_stays(arena, info, pick, entry);
	}
	return reason;
}

struct str_list idle_picks_of_undo(struct arena *arena, const struct cherry_pick *picks,
                                   const struct undo_plan *plan)
{
	struct str_list lines = {0};

	for (size_t i = 0; i < picks->n; i++) {
		const char *reason = why_undo_is_idle(arena, plan, &picks->items[i]);

		if (reason != NULL)
			add_line(arena, &lines, &picks->items[i], reason);
	}
	return lines;
}

void idle_picks_log(const struct log *log, const struct str_list *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		log_cflyway(log, "%s", lines->items[i]);
}
