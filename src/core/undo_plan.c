/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo_plan.c - which migrations an undo takes back, and in which order
 *
 * Migrations are undone in the reverse order of their application, not of their versions: the last
 * one may build on those that ran before it.
 */
#include "cflyway/core/undo_plan.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A versioned migration that is there. A failed one too: what it did may have to go. */
static bool can_be_undone(const struct info_entry *entry)
{
	const struct history_row *row = entry->row;

	return row != NULL && version_is_set(&row->version) && !entry->is_deleted &&
	       !entry->is_undone && !migration_type_is_synthetic(row->type) &&
	       !migration_type_is_undo(row->type) && !migration_type_is_baseline(row->type);
}

/* Which rows of the history the first n steps take back. */
static bool *mark_undone(struct arena *arena, const struct undo_plan *plan, size_t n)
{
	bool *is_undone = arena_array(arena, plan->rows->n, sizeof(*is_undone));

	for (size_t i = 0; i < n; i++)
		is_undone[plan->steps[i].undoes - plan->rows->items] = true;
	return is_undone;
}

const char *undo_plan_version_after(struct arena *arena, const struct undo_plan *plan, size_t n)
{
	const bool *is_undone = mark_undone(arena, plan, n);
	const struct version *highest = NULL;

	for (size_t i = 0; i < plan->info->n; i++) {
		const struct info_entry *entry = &plan->info->entries[i];

		if (info_entry_gives_version(entry) && info_entry_is_versioned(entry) &&
		    !is_undone[entry->row - plan->rows->items] &&
		    (highest == NULL || version_compare(&entry->row->version, highest) > 0))
			highest = &entry->row->version;
	}
	return highest != NULL ? highest->text : NULL;
}

/* For each step: which rank is the highest when what it and those before it delete is gone? */
static void set_ranks(struct arena *arena, struct undo_plan *plan)
{
	const struct history_rows *rows = plan->rows;
	bool *is_gone = mark_undone(arena, plan, 0);
	size_t left = rows->n;

	for (size_t i = 0; i < plan->n; i++) {
		is_gone[plan->steps[i].undoes - rows->items] = plan->steps[i].deletes_row;
		while (left > 0 && is_gone[left - 1])
			left--;
		plan->steps[i].rank_without = left > 0 ? rows->items[left - 1].installed_rank : -1;
	}
}

/* Is there another run of the version that is still there? */
static bool has_other(const struct info *info, const struct info_entry *failed)
{
	for (size_t i = 0; i < info->n; i++)
		if (&info->entries[i] != failed && can_be_undone(&info->entries[i]) &&
		    version_compare(&info->entries[i].row->version, &failed->row->version) == 0)
			return true;
	return false;
}

/* What a failed undo has left is for a human to look at, and its row is for repair to remove. */
static bool refuse_failed_undo(const struct info *info, struct error *err)
{
	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if (entry->row == NULL || entry->row->success ||
		    !version_is_set(&entry->row->version))
			continue;
		if (info_entry_is_undo(entry) || (can_be_undone(entry) && has_other(info, entry)))
			return error_set(err, ERROR_FAILED_VERSIONED_MIGRATION,
			                 "Detected failed undo of version %s (%s).\nPlease remove "
			                 "any half-completed changes then run repair to fix the "
			                 "schema history.",
			                 entry->row->version.text, entry->row->description);
	}
	return true;
}

/* A DELETE row means the last run before it: has this version another one after the given one? */
static bool has_later_run(const struct history_rows *rows, const struct history_row *run)
{
	for (const struct history_row *row = run + 1; row < rows->items + rows->n; row++)
		if (!migration_type_is_synthetic(row->type) && version_is_set(&row->version) &&
		    version_compare(&row->version, &run->version) == 0)
			return true;
	return false;
}

/*
 * The row of a failed run goes, as repair would have it: a row that takes it back would mean
 * another run as soon as repair has removed the failed one.
 */
static bool deletes_row(const struct undo_plan *plan, const struct history_row *run)
{
	switch (plan->options.history) {
	case UNDO_HISTORY_DELETE:
		return true;
	case UNDO_HISTORY_MARKER:
		return !run->success || has_later_run(plan->rows, run);
	case UNDO_HISTORY_UNDO:
		return !run->success;
	}
	return true;
}

static bool fail_without_undo(const struct history_row *run, struct error *err)
{
	return error_set(err, ERROR_GENERAL,
	                 "Unable to undo migration to version %s as no corresponding undo "
	                 "migration has been found.",
	                 run->version.text);
}

/* A file among those of its number has been added or removed since: the undo file is another's. */
static bool is_another_file(const struct info_entry *entry)
{
	const struct migration *file = entry->file;
	const struct history_row *row = entry->row;

	return file != NULL && file->is_counted && strcmp(file->script, row->script) != 0 &&
	       !(row->has_checksum && migration_checksum_matches(file, row->checksum));
}

static bool refuse_another_file(const struct info_entry *entry, struct error *err)
{
	return error_set(
		err, ERROR_GENERAL,
		"Version %s was applied as %s, but is %s now: other files of the same number "
		"have been added or removed",
		entry->row->version.text, entry->row->script, entry->file->script);
}

static bool append_step(struct undo_plan *plan, const struct info_entry *entry, struct error *err)
{
	if (entry->undo_file == NULL)
		return fail_without_undo(entry->row, err);
	if (is_another_file(entry))
		return refuse_another_file(entry, err);
	plan->steps[plan->n++] = (struct step){
		.migration = entry->undo_file,
		.undoes = entry->row,
		.deletes_row = deletes_row(plan, entry->row),
	};
	return true;
}

static bool is_below_target(const struct info *info, const struct history_row *run)
{
	return version_is_set(&info->target_version) &&
	       version_compare(&run->version, &info->target_version) < 0;
}

/* Adds the run, or ends the plan (*has_ended) where a target allows that. */
static bool add_step(struct undo_plan *plan, const struct info_entry *entry, bool *has_ended,
                     struct error *err)
{
	bool has_target = version_is_set(&plan->info->target_version);
	bool has_undone = plan->n > 0 || plan->options.has_undone;
	bool is_below = is_below_target(plan->info, entry->row);

	*has_ended = is_below || (has_target && entry->undo_file == NULL && has_undone);
	if (is_below)
		plan->below_target = entry->row;
	return *has_ended || append_step(plan, entry, err);
}

/* Adds the last runs, up to the limit. */
static bool add_last(struct undo_plan *plan, struct error *err)
{
	const struct info *info = plan->info;
	bool has_ended = false;

	for (size_t i = info->n; i > 0 && plan->n < plan->options.limit && !has_ended; i--)
		if (can_be_undone(&info->entries[i - 1]) &&
		    !add_step(plan, &info->entries[i - 1], &has_ended, err))
			return false;
	return true;
}

const struct history_row **undo_plan_last(struct arena *arena, const struct info *info,
                                          size_t limit, size_t *n)
{
	const struct history_row **rows =
		arena_array(arena, info->n, sizeof(const struct history_row *));

	*n = 0;
	for (size_t i = info->n; i > 0 && *n < limit; i--)
		if (can_be_undone(&info->entries[i - 1]))
			rows[(*n)++] = info->entries[i - 1].row;
	return rows;
}

bool undo_steps_parse(const char *text, size_t *steps, struct error *err)
{
	char *end;

	*steps = SIZE_MAX;
	if (strcmp(text, "all") == 0)
		return true;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n == 0)
		return error_set(err, ERROR_CONFIGURATION,
		                 "Invalid value for steps: %s (it must be a number from 1)", text);
	*steps = n;
	return true;
}

/* In the reverse order of the picks; of one pick the last run comes first. */
static int compare_picked(const void *a, const void *b)
{
	const struct info_entry *left = *(const struct info_entry *const *)a;
	const struct info_entry *right = *(const struct info_entry *const *)b;

	if (left->pick != right->pick)
		return left->pick > right->pick ? -1 : 1;
	return left->row->installed_rank > right->row->installed_rank ? -1 : 1;
}

/*
 * Adds the picked runs. All of them are undone, or none: there is no place at which such a list
 * could end.
 */
static bool add_picked(struct arena *arena, struct undo_plan *plan, struct error *err)
{
	const struct info *info = plan->info;
	const struct info_entry **picked =
		arena_array(arena, info->n, sizeof(const struct info_entry *));
	size_t n = 0;

	for (size_t i = 0; i < info->n; i++)
		if (!info->entries[i].is_left_out && can_be_undone(&info->entries[i]) &&
		    !is_below_target(info, info->entries[i].row))
			picked[n++] = &info->entries[i];
	if (n > 0)
		qsort(picked, n, sizeof(*picked), compare_picked);
	for (size_t i = 0; i < n; i++)
		if (!append_step(plan, picked[i], err))
			return false;
	return true;
}

bool undo_plan_make(struct arena *arena, const struct info *info, const struct history_rows *rows,
                    const struct undo_options *options, struct undo_plan *plan, struct error *err)
{
	*plan = (struct undo_plan){
		.options = *options,
		.info = info,
		.rows = rows,
		.steps = arena_array(arena, rows->n, sizeof(*plan->steps)),
	};
	if (!refuse_failed_undo(info, err))
		return false;
	if (info->has_picks ? !add_picked(arena, plan, err) : !add_last(plan, err))
		return false;
	set_ranks(arena, plan);
	return true;
}
