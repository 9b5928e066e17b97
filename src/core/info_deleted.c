/* SPDX-License-Identifier: Apache-2.0 */
/* info_deleted.c - which run a DELETE row takes back: the last one before it */
#include "info_builder.h"

static bool same_migration(const struct history_row *a, const struct history_row *b)
{
	if (row_is_versioned(a) != row_is_versioned(b))
		return false;
	if (row_is_versioned(a))
		return version_compare(&a->version, &b->version) == 0;
	return strcmp(a->description, b->description) == 0;
}

/* What is the same migration stands together, in the order of the rows. */
static int compare_runs(const void *a, const void *b)
{
	const struct history_row *left = *(const struct history_row *const *)a;
	const struct history_row *right = *(const struct history_row *const *)b;
	int order;

	if (row_is_versioned(left) != row_is_versioned(right))
		return row_is_versioned(left) ? -1 : 1;
	order = row_is_versioned(left) ? version_compare(&left->version, &right->version)
	                               : strcmp(left->description, right->description);
	return order != 0 ? order : (left > right) - (left < right);
}

const struct history_row **info_find_deleted_runs(struct arena *arena,
                                                  const struct history_rows *rows)
{
	const struct history_row **deleted = arena_array(arena, rows->n, sizeof(*deleted));
	const struct history_row **sorted = arena_array(arena, rows->n, sizeof(*sorted));
	const struct history_row *run = NULL;

	for (size_t i = 0; i < rows->n; i++)
		sorted[i] = &rows->items[i];
	qsort(sorted, rows->n, sizeof(*sorted), compare_runs);
	for (size_t i = 0; i < rows->n; i++) {
		if (run != NULL && !same_migration(run, sorted[i]))
			run = NULL;
		if (row_deletes(sorted[i]))
			deleted[sorted[i] - rows->items] = run;
		if (!migration_type_is_synthetic(sorted[i]->type))
			run = sorted[i];
	}
	return deleted;
}

bool info_has_deletes(const struct history_rows *rows)
{
	size_t i = 0;

	while (i < rows->n && !row_deletes(&rows->items[i]))
		i++;
	return i < rows->n;
}
