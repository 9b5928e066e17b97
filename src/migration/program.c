/* SPDX-License-Identifier: Apache-2.0 */
/* program.c - choose the program that runs a script that is not SQL, by its extension */
#include "cflyway/migration/program.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

#include <string.h>

static const struct program_kind kinds[] = {
	{"", {NULL}, NULL},
	{".sh", {"sh", NULL}, NULL},
	{".bash", {"bash", NULL}, NULL},
	{".py", {"python", NULL}, NULL},
	{".ps1", {"pwsh", "-File", NULL}, NULL},
	{".bat", {"cmd", "/c", NULL}, NULL},
	{".cmd", {"cmd", "/c", NULL}, NULL},
};

const char *program_extension(const char *file_name)
{
	const char *dot = strrchr(file_name, '.');

	return dot != NULL && dot[1] != '\0' ? dot : "";
}

struct program_kinds program_kinds_make(struct arena *arena,
                                        const struct executor_options *executors)
{
	struct program_kind *items = arena_array(arena, executors->n, sizeof(items[0]));

	for (size_t i = 0; i < executors->n; i++)
		items[i] = (struct program_kind){
			.extension = executors->items[i].suffix,
			.executor = &executors->items[i],
		};
	return (struct program_kinds){items, executors->n};
}

static const struct program_kind *find(const struct program_kind *items, size_t n,
                                       struct str extension)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(extension, str_of(items[i].extension)))
			return &items[i];
	return NULL;
}

const struct program_kind *program_kind_of(const struct program_kinds *own, const char *file_name)
{
	struct str extension = str_of(program_extension(file_name));
	const struct program_kind *found = find(own->items, own->n, extension);

	return found != NULL ? found : find(kinds, COUNT(kinds), extension);
}
