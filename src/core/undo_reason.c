/* SPDX-License-Identifier: Apache-2.0 */
/* undo_reason.c - why a migration was taken back, as its row in the history says it */
#include "cflyway/core/undo_reason.h"

#include <string.h>

#define UNDONE "Undone: "

/* A reason is one line. */
static char *in_one_line(struct arena *arena, struct str text)
{
	char *line = str_dup(arena, text);

	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return line;
}

const char *undo_reason_describe(struct arena *arena, const char *reason, const char *description)
{
	struct str text = str_trim(str_of(reason));

	return text.len == 0 ? description
	                     : arena_concat(arena, UNDONE, in_one_line(arena, text), "");
}

const char *undo_reason_of(const struct history_row *row)
{
	bool takes_back = row->type == MIGRATION_DELETE || row->type == MIGRATION_UNDO_SQL;

	return takes_back && str_starts(str_of(row->description), STR(UNDONE))
	               ? row->description + strlen(UNDONE)
	               : NULL;
}
