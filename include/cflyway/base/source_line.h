/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_line.h - shows a line of a script with a caret below the character that matters
 */
#ifndef CFLYWAY_BASE_SOURCE_LINE_H
#define CFLYWAY_BASE_SOURCE_LINE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { SOURCE_LINE_WIDTH = 100 }; /* columns of a longer line that are shown */

struct source_line {
	size_t line, column; /* from 1; column counts characters, 0: the line as a whole */
	struct str text;     /* the line without its line break, or the part around the caret */
	size_t begin;        /* offset in the script of the first byte of text */
	size_t caret;        /* offset in text */
	bool is_cut_before, is_cut_after; /* the line has more */
};

/*
 * Leaves out what is not between from and to, offsets in the script, but for blanks before it and a
 * semicolon after it: other statements in the line.
 */
void source_line_clip(struct source_line *line, size_t from, size_t to);

/* Shows '********' instead of the bytes from from to to, offsets in the script. */
void source_line_mask(struct arena *arena, struct source_line *line, size_t from, size_t to);

/* Does so with each occurrence of a text, which is not empty. */
void source_line_hide(struct arena *arena, struct source_line *line, struct str what);

/*
 * Returns " 12 |   selct 1" and, unless column is 0, "    |   ^" as a second line. Tabs become
 * blanks, a wide character takes two columns, and what could not be seen is escaped.
 */
const char *source_line_show(struct arena *arena, const struct source_line *line);

#endif
