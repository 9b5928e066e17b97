/* SPDX-License-Identifier: Apache-2.0 */
/* program.c - choose the program that runs a script that is not SQL, by its extension */
#include "cflyway/migration/program.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

#include <string.h>

static const struct program_kind kinds[] = {
	{"", {NULL}},
	{".sh", {"sh", NULL}},
	{".bash", {"bash", NULL}},
	{".py", {"python", NULL}},
	{".ps1", {"pwsh", "-File", NULL}},
	{".bat", {"cmd", "/c", NULL}},
	{".cmd", {"cmd", "/c", NULL}},
};

const char *program_extension(const char *file_name)
{
	const char *dot = strrchr(file_name, '.');

	return dot != NULL && dot[1] != '\0' ? dot : "";
}

const struct program_kind *program_kind_of(const char *file_name)
{
	struct str extension = str_of(program_extension(file_name));

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq_nocase(extension, str_of(kinds[i].extension)))
			return &kinds[i];
	return NULL;
}
