/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy_row.h - finds the row of a COPY … FROM STDIN that a constraint has refused
 */
#ifndef CFLYWAY_SQL_COPY_ROW_H
#define CFLYWAY_SQL_COPY_ROW_H

#include "cflyway/base/arena.h"
#include "cflyway/sql/values_row.h"

#include <stdbool.h>

/* How the rows of a COPY are written. */
struct copy_format {
	const char *table;        /* without its schema */
	struct str_array columns; /* none: not given */
	char delimiter;
	bool is_csv;
};

/* Reads the statement; strings live in the arena. False: it is none that has rows as text. */
bool copy_format_read(struct copy_format *format, struct arena *arena, struct str statement);

/* Has the line of the script, without its line break, the key? Escapes are not looked into. */
bool copy_row_has(const struct copy_format *format, const struct row_key *key, struct str line);

#endif
