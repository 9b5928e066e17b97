/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values_row.h - finds the row of an INSERT that a constraint has refused
 */
#ifndef CFLYWAY_SQL_VALUES_ROW_H
#define CFLYWAY_SQL_VALUES_ROW_H

#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Sets *offset to that of the row, in INSERT … VALUES (…), (…), whose literals are those of the
 * detail of PostgreSQL: "Key (id, name)=(5, x) already exists." or "Failing row contains (5, x).".
 * Two rows with a key that may exist once: the second. False: the statement has one row, the values
 * are not written as the server shows them, or several rows may be meant.
 */
bool values_row_find(struct str statement, struct str detail, size_t *offset);

#endif
