/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - tables of text in the frame that Flyway draws
 *
 * Widths are counted in UTF-16 units; cells are never cut.
 */
#ifndef CFLYWAY_BASE_TABLE_H
#define CFLYWAY_BASE_TABLE_H

#include "cflyway/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct table {
	size_t columns, rows;
	const char *(*title)(const void *ctx, size_t column);
	/* Rows are asked for in order, from the first to the last. A text may hold NULs. */
	struct str (*cell)(const void *ctx, size_t row, size_t column);
	const void *ctx;
	const char *when_empty; /* the text of the only line when there are no rows */
	/* Of the widest cell of each column; NULL: all rows are asked for once more to know. */
	const size_t *widths;
};

/* Appends the table; every line ends with LF. False when out's maximum is reached. */
bool table_print(const struct table *table, struct buf *out);

/* The same in pieces of whole rows, so that a long table does not lie in memory. */
void table_write(const struct table *table, void (*write)(void *ctx, struct str piece), void *ctx);

#endif
