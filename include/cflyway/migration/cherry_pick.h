/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cherry_pick.h - the migrations that cherryPick names, in its order
 *
 * An item is a version or a description. "_" stands for "." in a version, so an item that reads as
 * one means the migrations of an equal version (2_1 = 2.1 = 2.1.0). Any other item, and any item
 * before a migration without version, is a description, in which "_" stands for a blank.
 */
#ifndef CFLYWAY_MIGRATION_CHERRY_PICK_H
#define CFLYWAY_MIGRATION_CHERRY_PICK_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"
#include "cflyway/migration/version.h"

#include <stdbool.h>
#include <stddef.h>

struct pick {
	const char *text; /* as given, trimmed */
	bool is_version;
	struct version version;  /* if it is one */
	const char *description; /* with blanks */
};

struct cherry_pick {
	struct pick *items;
	size_t n; /* 0: cherryPick is off */
};

/* Reads the list of the option. Blanks around an item and empty items do not count. */
struct cherry_pick cherry_pick_parse(struct arena *arena, const struct str_list *texts);

/* Does the item name a migration of this version (EMPTY: none) and description? */
bool pick_matches(const struct pick *pick, const struct version *version, const char *description);

/* The index of the first item that names the migration, n if none does. */
size_t cherry_pick_find(const struct cherry_pick *picks, const struct version *version,
                        const char *description);

#endif
