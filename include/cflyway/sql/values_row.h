/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values_row.h - finds the row of an INSERT that a constraint has refused
 */
#ifndef CFLYWAY_SQL_VALUES_ROW_H
#define CFLYWAY_SQL_VALUES_ROW_H

#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { KEY_MAX = 64 }; /* columns */

struct str_array {
	struct str items[KEY_MAX];
	size_t n;
};

/* "a, b" */
const char *str_array_join(struct arena *arena, const struct str_array *items);

/* What the detail of PostgreSQL says about a row. */
struct row_key {
	struct str_array names; /* of the key; none if the values are those of the whole row */
	struct str_array values;
	bool is_duplicate; /* the key may exist once */
};

/*
 * Reads a detail in any language: "Key (id, name)=(5, x) already exists." or "Failing row contains
 * (5, x).". It decides by the brackets, and by the SQLSTATE. The key borrows from the detail.
 */
bool row_key_read(struct row_key *key, struct str detail, const char *state);

/* Has the row the key? Without columns, any value may be that of any column. */
bool row_key_is_of(const struct row_key *key, const struct str_array *columns,
                   const struct str_array *fields);

/*
 * Sets *offset to that of the row, in INSERT … VALUES (…), (…), whose literals are those of the
 * key. Two rows with a key that may exist once: the second. False: the statement has one row, the
 * values are not written as the server shows them, a key is computed, or several rows may be meant.
 */
bool values_row_find(struct str statement, const struct row_key *key, size_t *offset);

/* The rows of a statement that have the key. */
struct row_matches {
	size_t n;
	size_t offsets[2]; /* of the first ones, in their statement */
	bool is_vague;     /* one has no list of columns: any value may be that of the key */
	/* The key of a row, of these or of others, is not written as literals; without a list of
	 * columns it may be so. */
	bool is_computed, may_be_computed;
};

/* Finds them in an INSERT … VALUES into the table, even if it has one row. */
void values_row_matches(struct str statement, const struct row_key *key, const char *table,
                        struct row_matches *matches);

#endif
