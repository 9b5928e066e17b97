/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_alembic.c - revisions are one after the other, and their SQL is a part of what was printed
 *
 * The input is the history up to a line "=", and then the SQL.
 */
#include "cflyway/adopt/alembic.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_script(const struct alembic_script *script, size_t size)
{
	if (script->sql == NULL)
		return;
	check(strlen(script->sql) <= size);
	check(script->sql[0] == '\0' || str_trim(str_of(script->sql)).len == strlen(script->sql));
	check(script->sql[0] != '\0' || script->is_empty || script->no_transaction);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (memchr(data, '\0', size) != NULL)
		return 0;
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct alembic_revisions revisions;
	/* a copy of its own: what is read beyond it is found */
	char *copy = arena_strndup(&arena, (const char *)data, size);
	const struct str text = {copy, size};
	size_t end = str_find(text, STR("\n=\n"));
	struct str sql = str_sub(text, end < size ? end + 3 : size, size);

	if (alembic_read_history(&arena, str_sub(text, 0, end), &revisions, &err)) {
		check(revisions.n > 0);
		alembic_divide_upgrade(&arena, sql, &revisions);
		alembic_divide_downgrade(&arena, sql, &revisions);
	} else {
		check(err.is_set);
		revisions.n = 0;
	}
	for (size_t i = 0; i < revisions.n; i++) {
		const struct alembic_revision *revision = &revisions.items[i];
		const char *name = alembic_file_name(&arena, "V", revision, i, revisions.n);

		check(strcmp(revision->parent, i > 0 ? revision[-1].id : "") == 0);
		check_script(&revision->up, size);
		check_script(&revision->down, size);
		check(name[0] == 'V' && str_ends(str_of(name), STR(".sql")));
	}
	arena_release(&arena);
	return 0;
}
