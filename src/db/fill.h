/* fill.h - puts names into the SQL texts of a catalog */
#ifndef CFLYWAY_DB_FILL_H
#define CFLYWAY_DB_FILL_H

#include "cflyway/base/arena.h"

#include <stddef.h>

/* What stands for "%LETTER". Values are quoted identifiers and clauses, never data. */
struct db_blank {
	char letter;
	const char *value;
};

/* The text with its blanks filled, without white space at its end. Other "%x" stay. */
const char *db_fill(struct arena *arena, const char *text, const struct db_blank *blanks, size_t n);

#endif
