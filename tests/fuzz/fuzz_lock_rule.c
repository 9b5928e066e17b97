/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_lock_rule.c - the names of a rule are parts of any statement, and none is empty */
#include "cflyway/sql/lock_rule.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct lock_rule rule;

	arena_init(&arena);
	/* a copy of its own: what is read beyond it is found */
	char *copy = arena_strndup(&arena, (const char *)data, size);
	const struct str text = {copy, size};
	const bool found = lock_rule_find(text, &rule);

	check(found == (rule.n > 0) && rule.n <= LOCK_RULE_NAMES_MAX);
	for (size_t i = 0; i < rule.n; i++) {
		const struct str name = rule.names[i].name;

		check(name.len > 0 && name.ptr >= text.ptr &&
		      name.ptr + name.len <= text.ptr + text.len);
		check(rule.names[i].level >= LOCK_RULE_SHARE_UPDATE_EXCLUSIVE &&
		      rule.names[i].level <= LOCK_RULE_ACCESS_EXCLUSIVE);
	}
	arena_release(&arena);
	return 0;
}
