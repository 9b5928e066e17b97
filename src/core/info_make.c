/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info_make.c - merges files and history: every migration with its state
 *
 * How it works: the applied rows are walked in order of rank (deleted and out-of-order marks),
 * every row looks for its file, the files without a row follow, all are sorted, and each gets its
 * state. Files are found by binary search: a history and a folder of 10,000 take no longer than
 * reading them.
 */
#include "cflyway/core/info_make.h"

#include "info_builder.h"

#include "cflyway/base/nearest.h"

#include <assert.h>
#include <limits.h>

/* --- finding files ------------------------------------------------------------------------- */

/* Versioned files come first, ascending; repeatables by description after them. */
static int compare_file_to_version(const struct migration *file, const struct version *version)
{
	return migration_is_versioned(file) ? version_compare(&file->version, version) : 1;
}

static int compare_file_to_description(const struct migration *file, const char *description)
{
	return migration_is_versioned(file) ? -1
	                                    : info_compare_text(file->description, description);
}

/* Index of the first file that is not below the row's key, n if all are. */
static size_t lower_bound(const struct migration_list *list, const struct history_row *row)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = row_is_versioned(row)
		                    ? compare_file_to_version(list->items[middle], &row->version)
		                    : compare_file_to_description(list->items[middle],
		                                                  row->description);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The file of a row: same version and type, or same description. SIZE_MAX if there is none. */
static size_t find_file(const struct migration_list *list, const struct history_row *row)
{
	size_t i = lower_bound(list, row);

	if (!row_is_versioned(row)) {
		bool found = i < list->n &&
		             compare_file_to_description(list->items[i], row->description) == 0;
		return found ? i : SIZE_MAX;
	}
	for (; i < list->n && compare_file_to_version(list->items[i], &row->version) == 0; i++)
		if (list->items[i]->type == row->type)
			return i;
	return SIZE_MAX;
}

/* --- rows ---------------------------------------------------------------------------------- */

/* A DELETE row marks the last run before it; entry is that, NULL if there is none. */
static bool mark_deleted(struct info_entry *entry, const struct history_row *row, struct error *err)
{
	if (entry == NULL)
		return true;
	if (entry->is_deleted && row_is_versioned(row))
		return error_set(err, ERROR_DUPLICATE_DELETED_MIGRATION,
		                 "Corrupted schema history: multiple delete entries for version %s",
		                 row->version.text);
	entry->is_deleted = true;
	return true;
}

/* The same for an undo row, which must have one. */
static bool mark_undone(struct info_entry *entry, const struct history_row *row, struct error *err)
{
	/* Other editions can run an undo script twice. */
	if (entry == NULL && row->type == MIGRATION_UNDO_SCRIPT)
		return true;
	if (entry == NULL)
		return error_set(err, ERROR_GENERAL,
		                 "Corrupted schema history: multiple undo entries for version %s",
		                 row->version.text);
	entry->is_undone = true;
	return true;
}

static bool mark_taken_back(struct info_entry *entry, const struct history_row *row,
                            struct error *err)
{
	if (entry != NULL)
		entry->taken_back_by = row;
	return row_undoes(row) ? mark_undone(entry, row, err) : mark_deleted(entry, row, err);
}

static void note_baseline(struct info *info, const struct history_row *row)
{
	if (!migration_type_is_baseline(row->type))
		return;
	if (!info->has_applied_baseline ||
	    version_compare(&row->version, &info->applied_baseline) > 0)
		info->applied_baseline = row->version;
	info->has_applied_baseline = true;
}

/* All rows become entries, but for the DELETE rows of versions. */
static bool add_rows(struct builder *builder, const struct history_rows *rows, struct error *err)
{
	struct info *info = builder->info;
	const struct history_row **taken_back = NULL;
	struct info_entry **entries = NULL; /* of the rows, if they are asked for */

	if (info_has_taken_back(rows)) {
		taken_back = info_find_taken_back(builder->arena, rows);
		entries = arena_array(builder->arena, rows->n, sizeof(*entries));
	}
	for (size_t i = 0; i < rows->n; i++) {
		const struct history_row *row = &rows->items[i];
		const struct history_row *run = taken_back != NULL ? taken_back[i] : NULL;

		if (row_is_versioned(row))
			note_baseline(info, row);
		if (row_takes_back(row) &&
		    !mark_taken_back(run != NULL ? entries[run - rows->items] : NULL, row, err))
			return false;
		if (row_deletes(row) && row_is_versioned(row))
			continue;
		if (entries != NULL)
			entries[i] = &info->entries[info->n];
		info->entries[info->n++] = (struct info_entry){.row = row};
	}
	return true;
}

/* An applied version that does not rise above all before it ran out of order. */
static void mark_out_of_order(struct info *info)
{
	info->last_applied = version_empty();
	for (size_t i = 0; i < info->n; i++) {
		struct info_entry *entry = &info->entries[i];

		if (!row_is_versioned(entry->row) || info_entry_is_undo(entry))
			continue;
		if (version_compare(&entry->row->version, &info->last_applied) <= 0)
			entry->is_out_of_order = true;
		else if (!is_delete(entry->row) && !entry->is_deleted && !entry->is_undone)
			info->last_applied = entry->row->version;
	}
}

static int compare_latest(const void *a, const void *b)
{
	const struct latest_run *left = a, *right = b;
	int order = info_compare_text(left->description, right->description);

	return order != 0 ? order : (left->rank > right->rank) - (left->rank < right->rank);
}

/* The highest rank per description, sorted by description. */
static void find_latest_runs(struct builder *builder)
{
	const struct info *info = builder->info;
	struct latest_run *runs = arena_array(builder->arena, info->n, sizeof(*runs));
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if (row_is_versioned(entry->row) || (entry->is_deleted && is_delete(entry->row)))
			continue;
		runs[n++] =
			(struct latest_run){entry->row->description, entry->row->installed_rank};
	}
	qsort(runs, n, sizeof(*runs), compare_latest);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && strcmp(runs[kept - 1].description, runs[i].description) == 0)
			kept--;
		runs[kept++] = runs[i];
	}
	builder->latest = runs;
	builder->latest_count = kept;
}

/* Does this row count as the run of its file, so that the file is not pending as well? */
static bool row_covers_file(const struct builder *builder, const struct info_entry *entry)
{
	if (entry->is_deleted || entry->is_undone || is_delete(entry->row))
		return false;
	if (row_is_versioned(entry->row))
		return true;
	return entry->row->installed_rank == info_latest_rank(builder, entry->row->description) &&
	       info_checksum_is_current(entry);
}

static void pair_rows_with_files(struct builder *builder)
{
	struct info *info = builder->info;

	for (size_t i = 0; i < info->n; i++) {
		struct info_entry *entry = &info->entries[i];
		size_t file = find_file(builder->migrations, entry->row);

		if (file == SIZE_MAX)
			continue;
		entry->file = builder->migrations->items[file];
		if (row_covers_file(builder, entry))
			builder->has_row[file] = true;
	}
}

static void add_files(struct builder *builder)
{
	for (size_t i = 0; i < builder->migrations->n; i++) {
		const struct migration *file = builder->migrations->items[i];

		if (builder->has_row[i])
			continue;
		builder->info->entries[builder->info->n++] = (struct info_entry){.file = file};
	}
}

/*
 * One that is not picked or whose condition is false is not going to be run. Flyway counts one
 * above the target; with picks, those below it would be left out for nothing.
 */
static void find_pending_baseline(struct builder *builder)
{
	for (size_t i = 0; i < builder->info->n; i++) {
		const struct info_entry *entry = &builder->info->entries[i];

		if (entry->row != NULL || entry->is_left_out || entry->file->is_switched_off ||
		    !migration_is_versioned(entry->file) ||
		    !migration_type_is_baseline(entry->file->type))
			continue;
		if (builder->info->has_picks && is_above_target(builder, &entry->file->version))
			continue;
		/* files ascend, so the last one is the highest */
		builder->has_pending_baseline = true;
		builder->pending_baseline = entry->file->version;
	}
}

/* --- target -------------------------------------------------------------------------------- */

static bool version_exists(const struct info *info, const struct version *version)
{
	for (size_t i = 0; i < info->n; i++)
		if (version_compare(info_entry_version(&info->entries[i]), version) == 0)
			return true;
	return false;
}

bool info_parse_target(struct arena *arena, const char *text, struct version *target,
                       bool *may_be_missing, struct error *err)
{
	static const char *const words[] = {"latest", "current", "next"};
	struct str version = str_of(text);

	*may_be_missing = str_ends(version, STR("?"));
	if (*may_be_missing)
		version.len--;
	if (version_parse(arena, str_dup(arena, version), target, err))
		return true;
	nearest_note_of(words, COUNT(words), version, err);
	return false;
}

bool info_check_target(struct arena *arena, const char *target, struct error *err)
{
	struct version version;
	bool may_be_missing;

	return info_parse_target(arena, target, &version, &may_be_missing, err);
}

static bool set_target(struct builder *builder, struct error *err)
{
	bool may_be_missing;
	struct version target;

	if (!info_parse_target(builder->arena, builder->options->target, &target, &may_be_missing,
	                       err))
		return false;
	builder->info->target_is_next = target.kind == VERSION_NEXT;
	if (target.kind == VERSION_NUMBER)
		builder->info->target_version = target;
	if (target.kind == VERSION_CURRENT)
		target = builder->info->last_applied;
	else if (target.kind == VERSION_NUMBER && !may_be_missing &&
	         !builder->options->target_may_be_missing &&
	         !version_exists(builder->info, &target))
		return error_set(
			err, ERROR_GENERAL,
			"No migration with a target version %s could be found. Ensure target "
			"is specified correctly and the migration exists.",
			target.text);
	builder->target = target;
	builder->has_target = target.kind != VERSION_NEXT && target.kind != VERSION_LATEST;
	return true;
}

/* target=next means the version of the first pending migration, once that is known. */
static void narrow_to_next(struct builder *builder)
{
	if (!builder->info->target_is_next)
		return;
	for (size_t i = 0; i < builder->info->n; i++) {
		const struct info_entry *entry = &builder->info->entries[i];

		if (entry->state != STATE_PENDING)
			continue;
		builder->target = entry->file->version;
		builder->has_target = version_is_set(&builder->target);
		info_set_states(builder);
		return;
	}
}

struct info_options info_options_from(struct arena *arena, const struct settings *settings)
{
	return (struct info_options){
		.target = settings->target,
		.target_may_be_missing = !settings->fail_on_missing_target,
		.out_of_order = settings->out_of_order,
		.picks = cherry_pick_parse(arena, &settings->cherry_pick),
	};
}

bool info_make(struct arena *arena, const struct migration_list *migrations,
               const struct history_rows *rows, const struct info_options *options,
               struct info *info, struct error *err)
{
	struct builder builder = {
		.arena = arena,
		.migrations = migrations,
		.options = options,
		.info = info,
		.has_row = arena_array(arena, migrations->n, sizeof(bool)),
	};

	*info = (struct info){0};
	info->entries = arena_array(arena, rows->n + migrations->n, sizeof(*info->entries));
	info->last_resolved = info->target_version = version_empty();
	for (size_t i = 0; i < migrations->n && migration_is_versioned(migrations->items[i]); i++)
		info->last_resolved = migrations->items[i]->version;
	if (!add_rows(&builder, rows, err))
		return false;
	mark_out_of_order(info);
	find_latest_runs(&builder);
	pair_rows_with_files(&builder);
	add_files(&builder);
	info_find_undos(&builder);
	if (!set_target(&builder, err))
		return false;
	info_find_picks(&builder);
	find_pending_baseline(&builder);
	info_set_states(&builder);
	info_sort(&builder);
	narrow_to_next(&builder);
	return true;
}
