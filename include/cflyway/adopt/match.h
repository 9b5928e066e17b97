/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - finds the file of an entry in the history of another tool
 */
#ifndef CFLYWAY_ADOPT_MATCH_H
#define CFLYWAY_ADOPT_MATCH_H

#include "cflyway/base/arena.h"
#include "cflyway/migration/migration.h"

#include <stddef.h>

enum adopt_match_kind {
	ADOPT_MATCH_FILE,
	ADOPT_MATCH_NONE,
	ADOPT_MATCH_SEVERAL,    /* a number that several files have */
	ADOPT_MATCH_OTHER_NAME, /* a name that no file has; one has its number */
};

struct adopt_match {
	enum adopt_match_kind kind;
	const struct migration *file; /* NULL with ADOPT_MATCH_NONE; else the (first) file */
	size_t n;                     /* with ADOPT_MATCH_SEVERAL: so many */
};

/*
 * Finds the migration that a key names. The first of these that fits decides:
 *
 *     the name of the file, with or without folder, ".sql" and ".up"
 *     number and description, in any form: "001_add_price" and V1__add_price.sql
 *     a number alone
 *     a description alone: "add_price" and V1__add_price.sql
 *
 * Undo migrations and baselines count for nothing.
 */
struct adopt_match adopt_match_key(struct arena *arena, const char *key,
                                   const struct migration_list *files);

/* Is it a migration that an old history can mean: versioned, no undo migration, no baseline? */
bool adopt_can_match(const struct migration *file);

/*
 * Finds the revision that a script of "import alembic" names in a comment of its first lines:
 * "-- Alembic revision 1975ea83b712". Returns the empty view if there is none.
 */
struct str adopt_find_revision(struct str head);

/* Counts the parts of a script in Liquibase's format: lines that begin with "--changeset". */
size_t adopt_count_parts(struct str text);

#endif
