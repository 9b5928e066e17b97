/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password_literal.h - hides the passwords that a statement sets
 */
#ifndef CFLYWAY_SQL_PASSWORD_LITERAL_H
#define CFLYWAY_SQL_PASSWORD_LITERAL_H

#include "cflyway/base/arena.h"

/*
 * Returns the statement as messages may show it: each literal after the word PASSWORD has
 * "********" in it, as in ALTER ROLE app PASSWORD '********' and (password '********'). The
 * statement itself is returned if it has none.
 */
const char *password_literal_mask(struct arena *arena, const char *statement);

#endif
