/* SPDX-License-Identifier: Apache-2.0 */
/* info_order.c - the order in which migrations are shown, validated and run */
#include "info_builder.h"

#include "cflyway/base/utf8.h"

#include <stdlib.h>

int info_compare_text(const char *a, const char *b)
{
	return utf8_compare_utf16(str_of(a), str_of(b));
}

static bool is_below_baseline(const struct info_entry *entry)
{
	return entry->state == STATE_BELOW_BASELINE || entry->state == STATE_BASELINE_IGNORED;
}

static int compare_files(const struct migration *a, const struct migration *b)
{
	if (migration_is_versioned(a) != migration_is_versioned(b))
		return migration_is_versioned(a) ? -1 : 1;
	if (a->seed != b->seed)
		return a->seed < b->seed ? -1 : 1; /* after all others, which have 0 */
	if (!migration_is_versioned(a))
		return info_compare_text(a->description, b->description);
	int order = version_compare(&a->version, &b->version);
	if (order != 0)
		return order;
	order = (int)migration_type_is_baseline(a->type) - (int)migration_type_is_baseline(b->type);
	return order != 0 ? order : (int)migration_is_undo(a) - (int)migration_is_undo(b);
}

static int compare_entries(const void *left, const void *right)
{
	const struct info_entry *a = left, *b = right;

	if (a->row != NULL && b->row != NULL)
		return (a->row->installed_rank > b->row->installed_rank) -
		       (a->row->installed_rank < b->row->installed_rank);
	if (is_below_baseline(a) && state_spec(b->state)->is_applied)
		return -1;
	if (is_below_baseline(b) && state_spec(a->state)->is_applied)
		return 1;
	if (a->row != NULL || b->row != NULL)
		return a->row != NULL ? -1 : 1;
	return compare_files(a->file, b->file);
}

static int compare_picks(const void *left, const void *right)
{
	const struct info_entry *a = left, *b = right;

	if (a->pick != b->pick)
		return a->pick < b->pick ? -1 : 1;
	return compare_entries(a, b);
}

/*
 * Among themselves, picked migrations are in the order of cherryPick, in the places that they have
 * anyway: so the others stay where they are.
 */
static void sort_picks(const struct builder *builder)
{
	struct info *info = builder->info;
	struct info_entry *picked = arena_array(builder->arena, info->n, sizeof(*picked));
	size_t n = 0, next = 0;

	for (size_t i = 0; i < info->n; i++)
		if (!info->entries[i].is_left_out)
			picked[n++] = info->entries[i];
	qsort(picked, n, sizeof(*picked), compare_picks);
	for (size_t i = 0; i < info->n; i++)
		if (!info->entries[i].is_left_out)
			info->entries[i] = picked[next++];
}

void info_sort(const struct builder *builder)
{
	struct info *info = builder->info;

	if (info->n == 0)
		return;
	qsort(info->entries, info->n, sizeof(*info->entries), compare_entries);
	if (builder->options->picks.n > 0)
		sort_picks(builder);
}
