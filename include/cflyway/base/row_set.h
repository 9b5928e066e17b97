/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row_set.h - the rows of a result, however many: they are collected, and then read once in order
 *
 * A table can be drawn only when the widths of its columns are known, so nothing of it can be shown
 * before the last row is there. See spool.h for where they wait.
 */
#ifndef CFLYWAY_BASE_ROW_SET_H
#define CFLYWAY_BASE_ROW_SET_H

#include "cflyway/base/attr.h"
#include "cflyway/base/spool.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct row_set {
	struct arena arena; /* of titles, widths and the error */
	struct spool spool;
	size_t columns;
	size_t rows;         /* that were added and not read yet */
	const char **titles; /* an item may be NULL: no title */
	size_t *widths;      /* of the widest cell without the title, in UTF-16 units */
	const char **values; /* of the row that was read last; an item may be NULL */
	size_t *lengths;     /* theirs */
	struct buf text;
	struct error err; /* of collecting or reading */
	bool has_failed;
};

void row_set_open(struct row_set *set, size_t columns, size_t memory_limit);
void row_set_close(struct row_set *set);
void row_set_title(struct row_set *set, size_t column, const char *title);

/* One row: values holds columns items, NULL for NULL. A failure is kept in has_failed and err. */
void row_set_add(struct row_set *set, const char *const *values);

/*
 * The same with values that may hold NUL characters. One whose ptr is NULL is NULL; behind all
 * others stands a NUL.
 */
void row_set_add_texts(struct row_set *set, const struct str *values);

/* Ends collecting; row_set_next gives the first row. */
void row_set_rewind(struct row_set *set);

/* The next row is in set->values. False behind the last one, and when reading fails. */
MUST_USE bool row_set_next(struct row_set *set);

#endif
