/* SPDX-License-Identifier: Apache-2.0 */
/* adopt_files.c - migrations for the tests of adopt, without any files */
#include "adopt_files.h"

#include <assert.h>

static const struct {
	char prefix;
	enum migration_type type;
} prefixes[] = {
	{'U', MIGRATION_UNDO_SQL},
	{'B', MIGRATION_SQL_BASELINE},
	{'R', MIGRATION_SQL},
};

static struct migration *make_file(struct arena *arena, struct str text, size_t number)
{
	struct migration *file = arena_alloc(arena, sizeof(*file));
	struct str version = str_trim(str_cut(&text, '|'));
	struct str description = str_cut(&text, '|');
	struct error err = ERROR_INIT(arena);
	bool is_repeatable = str_starts(version, STR("R"));

	file->type = MIGRATION_SQL;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		if (version.len == 0 || version.ptr[0] != prefixes[i].prefix)
			continue;
		file->type = prefixes[i].type;
		version = str_sub(version, 1, version.len);
	}
	file->is_counted = str_starts(version, STR("="));
	version = str_sub(version, file->is_counted, version.len);
	file->version = version_empty();
	if (!is_repeatable) {
		bool ok = version_parse(arena, str_dup(arena, version), &file->version, &err);

		assert(ok);
		(void)ok;
	}
	file->description = str_dup(arena, description);
	file->file_name = file->script = str_dup(arena, text);
	file->path = arena_concat(arena, "sql/", file->file_name, "");
	file->checksum = (int32_t)number;
	return file;
}

struct migration_list adopt_files_make(struct arena *arena, const char *text)
{
	struct str rest = str_of(text);
	struct migration_list list = {0};

	while (rest.ptr != NULL && rest.len > 0) {
		list.items = arena_grow(arena, list.items, list.n, sizeof(*list.items));
		list.items[list.n] = make_file(arena, str_cut(&rest, ';'), list.n + 1);
		list.n++;
	}
	return list;
}
