/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_filename.c - names, under the usual rules and under odd ones */
#include "cflyway/migration/filename.h"

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
	const char *suffixes[] = {".sql", ""};
	const struct filename_rules rules[] = {
		{"V", "R", "B", "U", "__", {suffixes, 1}, NULL},
		{"", "", "V", "U", "_", {suffixes, 2}, NULL},
		{"VV", "V", "", "", "", {suffixes + 1, 1}, NULL},
		{"V", "V", "V", "V", "--", {NULL, 0}, NULL},
		{"V", "R", "B", "U", "__", {suffixes, 1}, layout_of(LAYOUT_NUMBERED)},
		{"V", "R", "B", "U", "__", {suffixes, 2}, layout_of(LAYOUT_UPDOWN)},
	};
	struct arena arena;

	arena_init(&arena);
	const char *name = arena_strndup(&arena, (const char *)data, size);
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct filename parts;

		filename_parse(&arena, name, &rules[i], &parts);
		check((parts.kind == FILENAME_INVALID) == (parts.message != NULL));
		check(parts.kind == FILENAME_INVALID || parts.prefix != NULL);
		check(version_is_set(&parts.version) ==
		      (parts.kind == FILENAME_VERSIONED || parts.kind == FILENAME_BASELINE ||
		       parts.kind == FILENAME_UNDO));
		check(strlen(parts.placeholder) <= strlen(name));
	}
	arena_release(&arena);
	return 0;
}
