/* SPDX-License-Identifier: Apache-2.0 */
/* name_index.c - finds the position of a name in a list without walking the list */
#include "cflyway/base/name_index.h"

#include "cflyway/base/ascii.h"

#include <stdint.h>

enum { FIRST_SIZE = 2 * NAME_INDEX_MIN };

/* FNV-1a */
static size_t hash_of(const struct name_index *index, struct str name)
{
	uint64_t hash = 0xCBF29CE484222325u;

	for (size_t i = 0; i < name.len; i++) {
		char c = index->ignores_case ? ascii_upper(name.ptr[i]) : name.ptr[i];

		hash = (hash ^ (unsigned char)c) * 0x100000001B3u;
	}
	return (size_t)(hash ^ hash >> 32);
}

/* Returns the slot of the name, or the free one where it belongs. There is always a free one. */
static struct name_slot *slot_of(const struct name_index *index, struct str name)
{
	size_t at = hash_of(index, name) & (index->size - 1);

	while (index->slots[at].name.ptr != NULL &&
	       !(index->ignores_case ? str_eq_nocase(index->slots[at].name, name)
	                             : str_eq(index->slots[at].name, name)))
		at = (at + 1) & (index->size - 1);
	return &index->slots[at];
}

static void grow(struct arena *arena, struct name_index *index)
{
	const struct name_index old = *index;

	index->size = old.size == 0 ? FIRST_SIZE : 2 * old.size;
	index->slots = arena_array(arena, index->size, sizeof(index->slots[0]));
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].name.ptr != NULL)
			*slot_of(index, old.slots[i].name) = old.slots[i];
}

void name_index_put(struct arena *arena, struct name_index *index, struct str name, size_t position)
{
	if (2 * (index->n + 1) > index->size)
		grow(arena, index);
	struct name_slot *slot = slot_of(index, name);
	index->n += slot->name.ptr == NULL;
	*slot = (struct name_slot){name, position};
}

size_t name_index_find(const struct name_index *index, struct str name)
{
	if (index->n == 0)
		return SIZE_MAX;
	const struct name_slot *slot = slot_of(index, name);
	return slot->name.ptr != NULL ? slot->position : SIZE_MAX;
}
