/* SPDX-License-Identifier: Apache-2.0 */
/* info_undoable.c - finds the undo migration and the undo row of each versioned migration */
#include "info_builder.h"

#include <stdlib.h>

static int compare_versions(const void *a, const void *b)
{
	const struct info_entry *left = *(const struct info_entry *const *)a;
	const struct info_entry *right = *(const struct info_entry *const *)b;

	return version_compare(info_entry_version(left), info_entry_version(right));
}

static int rank_of(const struct info_entry *entry)
{
	return entry->row != NULL ? entry->row->installed_rank : -1;
}

/* Of one version the newest row comes last. */
static int compare_undos(const void *a, const void *b)
{
	int order = compare_versions(a, b);
	int left = rank_of(*(const struct info_entry *const *)a);
	int right = rank_of(*(const struct info_entry *const *)b);

	return order != 0 ? order : (left > right) - (left < right);
}

static size_t count_undos(const struct info *info)
{
	size_t n = 0;

	for (size_t i = 0; i < info->n; i++)
		n += info_entry_is_undo(&info->entries[i]);
	return n;
}

/* The undo migrations and undo rows, sorted. */
static const struct info_entry **sort_undos(struct arena *arena, const struct info *info, size_t n)
{
	const struct info_entry **undos = arena_array(arena, n, sizeof(const struct info_entry *));
	size_t found = 0;

	for (size_t i = 0; i < info->n; i++)
		if (info_entry_is_undo(&info->entries[i]))
			undos[found++] = &info->entries[i];
	qsort(undos, n, sizeof(undos[0]), compare_undos);
	return undos;
}

/* The first of the undos that has the entry's version or a higher one, n if there is none. */
static size_t lower_bound(const struct info_entry *const *undos, size_t n,
                          const struct info_entry *entry)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_versions(&undos[middle], &entry) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find_undo_of(struct info_entry *entry, const struct info_entry *const *undos, size_t n)
{
	for (size_t i = lower_bound(undos, n, entry);
	     i < n && compare_versions(&undos[i], &entry) == 0; i++) {
		if (undos[i]->file != NULL && !undos[i]->file->is_switched_off)
			entry->undo_file = undos[i]->file;
		if (undos[i]->row != NULL)
			entry->undo_row = undos[i]->row;
	}
}

void info_find_undos(struct builder *builder)
{
	struct info *info = builder->info;
	size_t n = count_undos(info);

	if (n == 0)
		return;
	const struct info_entry **undos = sort_undos(builder->arena, info, n);
	for (size_t i = 0; i < info->n; i++)
		if (info_entry_is_versioned(&info->entries[i]) &&
		    !info_entry_is_undo(&info->entries[i]))
			find_undo_of(&info->entries[i], undos, n);
}
