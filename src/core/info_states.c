/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info_states.c - decides the state of each migration
 *
 * The order of the questions is part of the rule: doc/states.md.
 */
#include "info_builder.h"

#include "cflyway/base/utf8.h"

#include <limits.h>

int info_latest_rank(const struct builder *builder, const char *description)
{
	size_t low = 0, high = builder->latest_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = utf8_compare_utf16(str_of(builder->latest[middle].description),
		                               str_of(description));

		if (order == 0)
			return builder->latest[middle].rank;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return INT_MIN;
}

bool info_checksum_is_current(const struct info_entry *entry)
{
	return entry->row->has_checksum &&
	       migration_checksum_matches(entry->file, entry->row->checksum);
}

/* Measured with Flyway 12.4.0; the order of the questions is part of the rule. */
static enum migration_state state_of_versioned_file(const struct builder *builder,
                                                    const struct migration *file)
{
	const struct info *info = builder->info;
	bool nothing_applied = !version_is_set(&info->last_applied);
	bool has_baseline =
		nothing_applied ? builder->has_pending_baseline : info->has_applied_baseline;
	const struct version *baseline =
		nothing_applied ? &builder->pending_baseline : &info->applied_baseline;

	if (has_baseline) {
		int order = version_compare(&file->version, baseline);

		if (order < 0)
			return STATE_BELOW_BASELINE;
		if (order == 0)
			return STATE_BASELINE_IGNORED;
	}
	if (is_above_target(builder, &file->version))
		return STATE_ABOVE_TARGET;
	if (version_compare(&file->version, &info->last_applied) < 0 &&
	    !builder->options->out_of_order && !info->has_picks)
		return STATE_IGNORED;
	return STATE_PENDING;
}

/* What is picked runs in the order of the picks, also below what has been applied. */
static enum migration_state state_of_file(const struct builder *builder,
                                          const struct info_entry *entry)
{
	const struct migration *file = entry->file;
	const struct info *info = builder->info;
	enum migration_state state = STATE_PENDING;

	if (migration_is_undo(file))
		return STATE_AVAILABLE;
	if (entry->is_left_out || file->is_switched_off)
		return STATE_IGNORED;
	bool something_applied = has_applied_version(info);

	if (migration_is_versioned(file))
		state = state_of_versioned_file(builder, file);
	if (!migration_is_baseline(file))
		return state;
	if (state == STATE_PENDING && something_applied)
		return STATE_IGNORED;
	if (state == STATE_BASELINE_IGNORED && builder->has_pending_baseline &&
	    version_compare(&file->version, &builder->pending_baseline) == 0 && !something_applied)
		return STATE_PENDING;
	return state;
}

/* A row whose file is gone. False when that does not count (an older run of a repeatable). */
static bool state_of_orphan(const struct builder *builder, const struct history_row *row,
                            enum migration_state *state)
{
	int latest = row_is_versioned(row) ? INT_MIN : info_latest_rank(builder, row->description);

	if (!row_is_versioned(row) && latest != INT_MIN && latest != row->installed_rank)
		return false;
	if (row->type == MIGRATION_SCHEMA || (info_is_seed(row) && row->success))
		*state = STATE_SUCCESS; /* a seed of another mode is there without its file */
	else if (!row_is_versioned(row) ||
	         version_compare(&row->version, &builder->info->last_resolved) < 0)
		*state = row->success ? STATE_MISSING_SUCCESS : STATE_MISSING_FAILED;
	else
		*state = row->success ? STATE_FUTURE_SUCCESS : STATE_FUTURE_FAILED;
	return true;
}

static enum migration_state state_of_baseline_row(const struct builder *builder,
                                                  const struct info_entry *entry)
{
	enum migration_state state;

	if (entry->row->type == MIGRATION_BASELINE)
		return STATE_BASELINE;
	if (!entry->row->success)
		return STATE_FAILED;
	if (entry->file == NULL && state_of_orphan(builder, entry->row, &state))
		return state;
	return STATE_BASELINE;
}

static enum migration_state state_of_row(const struct builder *builder,
                                         const struct info_entry *entry)
{
	const struct history_row *row = entry->row;
	enum migration_state state;

	if (entry->is_deleted)
		return STATE_DELETED;
	if (is_delete(row))
		return STATE_SUCCESS;
	if (entry->is_undone)
		return STATE_UNDONE;
	if (migration_type_is_baseline(row->type))
		return state_of_baseline_row(builder, entry);
	if (entry->file == NULL && state_of_orphan(builder, row, &state))
		return state;
	if (!row->success)
		return STATE_FAILED;
	if (row->type == MIGRATION_SCHEMA)
		return STATE_SUCCESS;
	if (!row_is_versioned(row)) {
		if (row->installed_rank != info_latest_rank(builder, row->description))
			return STATE_SUPERSEDED;
		return entry->file != NULL && info_checksum_is_current(entry) ? STATE_SUCCESS
		                                                              : STATE_OUTDATED;
	}
	return entry->is_out_of_order ? STATE_OUT_OF_ORDER : STATE_SUCCESS;
}

void info_set_states(const struct builder *builder)
{
	for (size_t i = 0; i < builder->info->n; i++) {
		struct info_entry *entry = &builder->info->entries[i];

		entry->state = entry->row == NULL ? state_of_file(builder, entry)
		                                  : state_of_row(builder, entry);
	}
}
