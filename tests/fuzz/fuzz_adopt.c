/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_adopt.c - what an old history and its scripts say finds a file, or nothing
 *
 * The first line of the input is a key, the second one a checksum; all of it is a script.
 */
#include "cflyway/adopt/digest.h"
#include "cflyway/adopt/match.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void add(struct arena *arena, const char *version, const char *name,
                struct migration_list *list)
{
	struct migration *file = arena_alloc(arena, sizeof(*file));
	struct error err = ERROR_INIT(arena);

	file->type = MIGRATION_SQL;
	check(version_parse(arena, version, &file->version, &err));
	file->description = "a b";
	file->file_name = file->path = name;
	file->is_counted = true;
	list->items = arena_grow(arena, list->items, list->n, sizeof(*list->items));
	list->items[list->n++] = file;
}

static void check_match(struct arena *arena, const char *key, const struct migration_list *list)
{
	struct adopt_match match = adopt_match_key(arena, key, list);

	check((match.kind == ADOPT_MATCH_NONE) == (match.file == NULL));
	check(match.kind != ADOPT_MATCH_SEVERAL || match.n > 1);
	/* what is in front of a name never matters; blanks there are trimmed */
	if (match.kind == ADOPT_MATCH_FILE && (unsigned char)key[0] > ' ')
		check(adopt_match_key(arena, arena_concat(arena, "x/", key, ""), list).file ==
		      match.file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_EMPTY;
	struct migration_list list = {0};
	/* a copy of its own: what is read beyond it is found */
	char *copy = arena_strndup(&arena, (const char *)data, size);
	const struct str text = {copy, size};
	struct str rest = text;

	add(&arena, "000", "000_a_b.sql", &list);
	add(&arena, "000.1", "000_c.up.sql", &list);
	add(&arena, "7", "007_c.sql", &list);
	const char *key = str_dup(&arena, str_cut(&rest, '\n'));
	const char *checksum = str_dup(&arena, str_cut(&rest, '\n'));

	check_match(&arena, key, &list);
	check((digest_kind(checksum) == NULL) ==
	      (digest_check(checksum, text) == DIGEST_UNKNOWN_KIND));
	check(adopt_count_parts(text) <= str_count_char(text, '\n') + 1);
	struct str revision = adopt_find_revision(text);
	check(revision.len <= size && str_find_char(revision, ' ') == revision.len);
	arena_release(&arena);
	return 0;
}
