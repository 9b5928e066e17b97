/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password_literal.h - hides the passwords that a statement sets
 */
#ifndef CFLYWAY_SQL_PASSWORD_LITERAL_H
#define CFLYWAY_SQL_PASSWORD_LITERAL_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns the statement as messages may show it: each literal after the word PASSWORD has
 * "********" in it, as in ALTER ROLE app PASSWORD '********' and (password '********'). The
 * statement itself is returned if it has none.
 */
const char *password_literal_mask(struct arena *arena, const char *statement);

/* Sets *from and *to to the offsets of the next such literal at or after start; false: none. */
bool password_literal_find(struct str statement, size_t start, size_t *from, size_t *to);

#endif
