/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairs.c - keep keys and values in a list
 *
 * Each search walks the whole list: a configuration has only tens of keys.
 */
#include "cflyway/config/pairs.h"

void pairs_init(struct pairs *pairs, struct arena *arena)
{
	*pairs = (struct pairs){.arena = arena};
}

static struct pair *find_or_add(struct pairs *pairs, struct str key)
{
	struct pair *pair = NULL;

	/* A NUL ends a string here as everywhere. */
	key = str_sub(key, 0, str_find_char(key, '\0'));
	for (size_t i = 0; i < pairs->n && pair == NULL; i++)
		if (str_eq(str_of(pairs->items[i].key), key))
			pair = &pairs->items[i];
	if (pair == NULL) {
		pairs->items = arena_grow(pairs->arena, pairs->items, pairs->n, sizeof(*pair));
		pair = &pairs->items[pairs->n++];
		pair->key = str_dup(pairs->arena, key);
	}
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

const struct pair *pairs_find(const struct pairs *pairs, const char *key)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->items[i].key, key) == 0)
			return &pairs->items[i];
	return NULL;
}
