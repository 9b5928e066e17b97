/* SPDX-License-Identifier: Apache-2.0 */
/* info_taken_back.c - which run a DELETE or undo row takes back */
#include "info_builder.h"

static int compare_migrations(const struct history_row *a, const struct history_row *b)
{
	if (row_is_versioned(a) != row_is_versioned(b))
		return row_is_versioned(a) ? -1 : 1;
	return row_is_versioned(a) ? version_compare(&a->version, &b->version)
	                           : strcmp(a->description, b->description);
}

/* Puts the rows of one migration side by side, in the order of the rows. */
static int compare_runs(const void *a, const void *b)
{
	const struct history_row *left = *(const struct history_row *const *)a;
	const struct history_row *right = *(const struct history_row *const *)b;
	int order = compare_migrations(left, right);

	return order != 0 ? order : (left > right) - (left < right);
}

static bool is_run(const struct history_row *row)
{
	return !migration_type_is_synthetic(row->type) && !migration_type_is_undo(row->type);
}

/* The runs of one migration that no row has taken back yet, as a stack. */
struct runs {
	const struct history_row **items;
	size_t n;
	const struct history_row *last; /* taken back or not */
};

static const struct history_row *take_back(struct runs *runs, const struct history_row *row)
{
	if (row_deletes(row)) {
		if (runs->n > 0 && runs->items[runs->n - 1] == runs->last)
			runs->n--;
		return runs->last;
	}
	return row_undoes(row) && runs->n > 0 ? runs->items[--runs->n] : NULL;
}

const struct history_row **info_find_taken_back(struct arena *arena,
                                                const struct history_rows *rows)
{
	const struct history_row **taken_back = arena_array(arena, rows->n, sizeof(*taken_back));
	const struct history_row **sorted = arena_array(arena, rows->n, sizeof(*sorted));
	struct runs runs = {.items = arena_array(arena, rows->n, sizeof(*runs.items))};

	for (size_t i = 0; i < rows->n; i++)
		sorted[i] = &rows->items[i];
	qsort(sorted, rows->n, sizeof(*sorted), compare_runs);
	for (size_t i = 0; i < rows->n; i++) {
		if (i > 0 && compare_migrations(sorted[i - 1], sorted[i]) != 0) {
			runs.n = 0;
			runs.last = NULL;
		}
		taken_back[sorted[i] - rows->items] = take_back(&runs, sorted[i]);
		if (is_run(sorted[i]))
			runs.items[runs.n++] = runs.last = sorted[i];
	}
	return taken_back;
}

bool info_has_taken_back(const struct history_rows *rows)
{
	size_t i = 0;

	while (i < rows->n && !row_takes_back(&rows->items[i]))
		i++;
	return i < rows->n;
}
