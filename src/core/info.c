/* SPDX-License-Identifier: Apache-2.0 */
/* info.c - asks one migration, or all of them, after files and history were merged */
#include "cflyway/core/info.h"

const struct version *info_entry_version(const struct info_entry *entry)
{
	return entry->row != NULL ? &entry->row->version : &entry->file->version;
}

const char *info_entry_description(const struct info_entry *entry)
{
	return entry->row != NULL ? entry->row->description : entry->file->description;
}

enum migration_type info_entry_type(const struct info_entry *entry)
{
	return entry->row != NULL ? entry->row->type : entry->file->type;
}

bool info_entry_is_versioned(const struct info_entry *entry)
{
	return version_is_set(info_entry_version(entry));
}

bool info_entry_is_undo(const struct info_entry *entry)
{
	return migration_type_is_undo(info_entry_type(entry));
}

const char *info_entry_undoable(const struct info_entry *entry)
{
	enum migration_type type = info_entry_type(entry);

	if (!info_entry_is_versioned(entry) || migration_type_is_undo(type) ||
	    type == MIGRATION_DELETE || entry->state == STATE_UNDONE)
		return "";
	bool has_undo = entry->undo_file != NULL || entry->undo_row != NULL;
	return has_undo && entry->state != STATE_DELETED && !state_spec(entry->state)->is_failed
	               ? "Yes"
	               : "No";
}

bool info_entry_matches(const struct info_entry *entry, const struct pattern_list *patterns)
{
	return pattern_list_matches(patterns, info_entry_is_versioned(entry),
	                            state_spec(entry->state)->pattern);
}

bool info_entry_gives_version(const struct info_entry *entry)
{
	return entry->row != NULL && !state_is_taken_back(entry->state) &&
	       entry->row->type != MIGRATION_DELETE && !migration_type_is_undo(entry->row->type);
}

const struct info_entry *info_current(const struct info *info)
{
	const struct info_entry *current = NULL, *last_unversioned = NULL;

	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if (!info_entry_gives_version(entry))
			continue;
		if (!info_entry_is_versioned(entry))
			last_unversioned = entry;
		else if (current == NULL ||
		         version_compare(&entry->row->version, &current->row->version) > 0)
			current = entry;
	}
	return current != NULL ? current : last_unversioned;
}

size_t info_count_pending(const struct info *info)
{
	size_t n = 0;

	for (size_t i = 0; i < info->n; i++)
		n += info->entries[i].state == STATE_PENDING;
	return n;
}
