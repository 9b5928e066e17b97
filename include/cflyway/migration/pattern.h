/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h - type:state patterns such as "*:missing" (ignoreMigrationPatterns)
 */
#ifndef CFLYWAY_MIGRATION_PATTERN_H
#define CFLYWAY_MIGRATION_PATTERN_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum pattern_type {
	PATTERN_ANY_TYPE,
	PATTERN_REPEATABLE,
	PATTERN_VERSIONED,
};

enum pattern_state {
	PATTERN_ANY_STATE,
	PATTERN_MISSING,
	PATTERN_PENDING,
	PATTERN_IGNORED,
	PATTERN_FUTURE,
};

struct migration_pattern {
	enum pattern_type type;
	enum pattern_state state;
};

struct pattern_list {
	struct migration_pattern *items;
	size_t n;
};

/*
 * An empty list, or a single empty string, gives no patterns. Errors: Flyway's three messages,
 * ERROR_GENERAL.
 */
MUST_USE bool pattern_list_parse(struct arena *arena, const struct str_list *texts,
                                 struct pattern_list *list, struct error *err);

/* Returns a copy with one more pattern. */
struct pattern_list pattern_list_with(struct arena *arena, const struct pattern_list *list,
                                      enum pattern_type type, enum pattern_state state);

/*
 * Does a pattern match a migration? state is the pattern name of its state. PATTERN_ANY_STATE says
 * that the state has no such name: only patterns for any state match then.
 */
bool pattern_list_matches(const struct pattern_list *list, bool is_versioned,
                          enum pattern_state state);

/* Is the state ignored for all types, by "*:state" or by patterns for both types? */
bool pattern_list_ignores(const struct pattern_list *list, enum pattern_state state);

#endif
