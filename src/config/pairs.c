/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairs.c - keep keys and values in a list
 *
 * A search walks the list while it is short: most configurations have only tens of keys.
 */
#include "cflyway/config/pairs.h"

#include <stdint.h>

void pairs_init(struct pairs *pairs, struct arena *arena)
{
	*pairs = (struct pairs){.arena = arena};
}

/* Returns the position of the key, or SIZE_MAX. */
static size_t find(const struct pairs *pairs, struct str key)
{
	if (pairs->index.n > 0)
		return name_index_find(&pairs->index, key);
	for (size_t i = 0; i < pairs->n; i++)
		if (str_eq(str_of(pairs->items[i].key), key))
			return i;
	return SIZE_MAX;
}

/* Adds the last key, or all of them once there are so many. */
static void add_to_index(struct pairs *pairs)
{
	size_t first = pairs->index.n > 0 ? pairs->n - 1 : 0;

	for (size_t i = first; i < pairs->n && pairs->n >= NAME_INDEX_MIN; i++)
		name_index_put(pairs->arena, &pairs->index, str_of(pairs->items[i].key), i);
}

static struct pair *find_or_add(struct pairs *pairs, struct str key)
{
	/* A NUL ends a string here as everywhere. */
	key = str_sub(key, 0, str_find_char(key, '\0'));
	size_t found = find(pairs, key);
	if (found != SIZE_MAX)
		return &pairs->items[found];
	pairs->items = arena_grow(pairs->arena, pairs->items, pairs->n, sizeof(*pairs->items));
	struct pair *pair = &pairs->items[pairs->n++];
	pair->key = str_dup(pairs->arena, key);
	add_to_index(pairs);
	return pair;
}

void pairs_set(struct pairs *pairs, struct str key, struct str value, const char *origin)
{
	struct pair *pair = find_or_add(pairs, key);

	pair->value = str_dup(pairs->arena, value);
	pair->origin = arena_strdup(pairs->arena, origin);
	pair->items = NULL;
}

void pairs_set_list(struct pairs *pairs, struct str key, const struct str_list *items,
                    const char *origin)
{
	struct pair *pair = find_or_add(pairs, key);
	struct str_list *copy = arena_alloc(pairs->arena, sizeof(*copy));

	for (size_t i = 0; i < items->n; i++)
		str_list_add(pairs->arena, copy, arena_strdup(pairs->arena, items->items[i]));
	pair->value = str_list_join(pairs->arena, copy, ",");
	pair->origin = arena_strdup(pairs->arena, origin);
	pair->items = copy;
}

void pairs_copy(struct pairs *pairs, const char *key, const struct pair *from)
{
	if (from->items != NULL)
		pairs_set_list(pairs, str_of(key), from->items, from->origin);
	else
		pairs_set(pairs, str_of(key), str_of(from->value), from->origin);
}

void pairs_remove(struct pairs *pairs, struct str prefix)
{
	size_t kept = 0;

	for (size_t i = 0; i < pairs->n; i++)
		if (!str_starts(str_of(pairs->items[i].key), prefix))
			pairs->items[kept++] = pairs->items[i];
	pairs->n = kept;
	pairs->index = (struct name_index){0};
	add_to_index(pairs);
}

const struct pair *pairs_find(const struct pairs *pairs, const char *key)
{
	size_t found = find(pairs, str_of(key));

	return found != SIZE_MAX ? &pairs->items[found] : NULL;
}
