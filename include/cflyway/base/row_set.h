/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row_set.h - collects any number of result rows, which are then read once in order
 *
 * A table can be drawn only when the widths of its columns are known, that is, after its last row.
 * The rows wait in a spool (spool.h).
 */
#ifndef CFLYWAY_BASE_ROW_SET_H
#define CFLYWAY_BASE_ROW_SET_H

#include "cflyway/base/attr.h"
#include "cflyway/base/spool.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct row_set {
	struct arena arena; /* holds titles, widths and the error */
	struct spool spool;
	size_t columns;
	size_t rows;         /* number of rows added and not read yet */
	const char **titles; /* an item is NULL if the column has no title */
	size_t *widths;      /* width of the widest cell, not of the title, in UTF-16 units */
	const char **values; /* of the row that was read last; an item may be NULL */
	size_t *lengths;     /* lengths of the values */
	struct buf text;
	struct error err; /* set by a failure to collect or to read */
	bool has_failed;
};

void row_set_open(struct row_set *set, size_t columns, size_t memory_limit);
void row_set_close(struct row_set *set);
void row_set_title(struct row_set *set, size_t column, const char *title);

/* Adds a row: values holds columns items, NULL for NULL. A failure sets has_failed and err. */
void row_set_add(struct row_set *set, const char *const *values);

/*
 * Adds a row whose values may contain NUL characters. A value whose ptr is NULL is NULL; every
 * other value must be followed by a NUL.
 */
void row_set_add_texts(struct row_set *set, const struct str *values);

/* Ends collecting; row_set_next gives the first row. */
void row_set_rewind(struct row_set *set);

/* Reads the next row into set->values. False after the last row, and if reading fails. */
MUST_USE bool row_set_next(struct row_set *set);

#endif
