/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairs.h - untyped configuration: keys and values with their origin
 *
 * Every source (file, environment, argument) feeds the same list. Keys are full names
 * ("flyway.url"). A later pair with the same key replaces the value of an earlier one.
 */
#ifndef CFLYWAY_CONFIG_PAIRS_H
#define CFLYWAY_CONFIG_PAIRS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/name_index.h"
#include "cflyway/base/str.h"

#include <stddef.h>

struct pair {
	const char *key;
	const char *value;
	const char
		*origin; /* "conf/flyway.conf:3", "-url", "FLYWAY_URL": for messages of our own */
	/* Items of an array of flyway.toml, which may have commas; value joins them. Else NULL. */
	const struct str_list *items;
};

struct pairs {
	struct arena *arena;
	struct pair *items; /* in the order of first appearance */
	size_t n;
	struct name_index index; /* of the keys, if there are many; made by pairs.c */
};

void pairs_init(struct pairs *pairs, struct arena *arena);
void pairs_set(struct pairs *pairs, struct str key, struct str value, const char *origin);
void pairs_set_list(struct pairs *pairs, struct str key, const struct str_list *items,
                    const char *origin);
void pairs_copy(struct pairs *pairs, const char *key, const struct pair *from);
void pairs_remove(struct pairs *pairs, struct str prefix); /* all keys that begin with it */
const struct pair *pairs_find(const struct pairs *pairs, const char *key); /* NULL if absent */

#endif
