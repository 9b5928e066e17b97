/*
 * pairs.c - a list that is searched from end to end: a configuration has tens of keys only
 */
#include "cflyway/config/pairs.h"

void pairs_init(struct pairs *pairs, struct arena *arena)
{
	*pairs = (struct pairs){.arena = arena};
}

void pairs_set(struct pairs *pairs, struct str key, struct str value, const char *origin)
{
	struct pair *pair = NULL;

	/* A NUL ends a text here as everywhere. */
	key = str_sub(key, 0, str_find_char(key, '\0'));
	for (size_t i = 0; i < pairs->n && pair == NULL; i++)
		if (str_eq(str_of(pairs->items[i].key), key))
			pair = &pairs->items[i];
	if (pair == NULL) {
		pairs->items = arena_grow(pairs->arena, pairs->items, pairs->n, sizeof(*pair));
		pair = &pairs->items[pairs->n++];
		pair->key = str_dup(pairs->arena, key);
	}
	pair->value = str_dup(pairs->arena, value);
	pair->origin = arena_strdup(pairs->arena, origin);
}

const struct pair *pairs_find(const struct pairs *pairs, const char *key)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->items[i].key, key) == 0)
			return &pairs->items[i];
	return NULL;
}
