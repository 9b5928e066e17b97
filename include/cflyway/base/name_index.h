/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name_index.h - finds the position of a name in a list without walking the list
 *
 * Lists with fewer than NAME_INDEX_MIN names need none: walking them is faster. Lives in the arena.
 */
#ifndef CFLYWAY_BASE_NAME_INDEX_H
#define CFLYWAY_BASE_NAME_INDEX_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { NAME_INDEX_MIN = 32 };

struct name_slot {
	struct str name; /* borrowed; ptr NULL: the slot is free */
	size_t position;
};

/* {0} is the empty index. */
struct name_index {
	bool ignores_case; /* of ASCII letters */
	struct name_slot *slots;
	size_t size; /* of slots: a power of two, or 0 */
	size_t n;    /* names */
};

/* Sets the position of a name; a later one replaces an earlier one. */
void name_index_put(struct arena *arena, struct name_index *index, struct str name,
                    size_t position);

/* Returns the position of the name, or SIZE_MAX if it is not there. */
size_t name_index_find(const struct name_index *index, struct str name);

#endif
