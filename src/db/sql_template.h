/* SPDX-License-Identifier: Apache-2.0 */
/* sql_template.h - inserts names into the SQL templates of a catalog */
#ifndef CFLYWAY_DB_SQL_TEMPLATE_H
#define CFLYWAY_DB_SQL_TEMPLATE_H

#include "cflyway/base/arena.h"

#include <stddef.h>

/* The value of "%LETTER". Values are quoted identifiers and clauses, never data. */
struct sql_param {
	char letter;
	const char *value;
};

/* Replaces the parameters and drops trailing white space. Any other "%x" stays. */
const char *sql_template_expand(struct arena *arena, const char *text,
                                const struct sql_param *params, size_t n);

#endif
