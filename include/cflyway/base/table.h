/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - prints tables in the frame that Flyway draws
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
	/* Called in the order of the rows, from first to last. A cell may contain NULs. */
	struct str (*cell)(const void *ctx, size_t row, size_t column);
	const void *ctx;
	const char *when_empty; /* printed on the only line if there are no rows */
	/* The width of the widest cell of each column; if NULL, an extra pass over all rows
	 * measures them. */
	const size_t *widths;
};

/* Appends the table; every line ends with LF. False if out reaches its maximum. */
bool table_print(const struct table *table, struct buf *out);

/* Writes the table in pieces of whole rows, so that a long table is never all in memory. */
void table_write(const struct table *table, void (*write)(void *ctx, struct str piece), void *ctx);

#endif
