/* SPDX-License-Identifier: Apache-2.0 */
/* sql_template.h - puts names into the SQL texts of a catalog */
#ifndef CFLYWAY_DB_SQL_TEMPLATE_H
#define CFLYWAY_DB_SQL_TEMPLATE_H

#include "cflyway/base/arena.h"

#include <stddef.h>

/* What stands for "%LETTER". Values are quoted identifiers and clauses, never data. */
struct sql_param {
	char letter;
	const char *value;
};

/* The text with its parameters replaced, without white space at its end. Other "%x" stay. */
const char *sql_template_expand(struct arena *arena, const char *text,
                                const struct sql_param *params, size_t n);

#endif
