/* SPDX-License-Identifier: Apache-2.0 */
/* excerpt.c - shortens a long string for messages that quote a script */
#include "cflyway/base/excerpt.h"

/* Returns the offset where line EXCERPT_LINES ends, or text.len if there are fewer lines. */
static size_t end_of_lines(struct str text)
{
	struct str rest = text;

	for (int i = 0; i < EXCERPT_LINES; i++)
		(void)str_cut(&rest, '\n');
	return rest.ptr == NULL ? text.len : (size_t)(rest.ptr - text.ptr) - 1;
}

/* Moves back to the beginning of a character. */
static size_t before_character(struct str text, size_t at)
{
	while (at > 0 && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
		at--;
	return at;
}

const char *excerpt(struct arena *arena, struct str text)
{
	size_t end = end_of_lines(text);

	if (end > EXCERPT_BYTES)
		end = before_character(text, EXCERPT_BYTES);
	if (end == text.len)
		return str_dup(arena, text);

	struct str rest = str_sub(text, end, text.len);
	size_t lines = str_count_char(rest, '\n'), n = lines > 0 ? lines : rest.len;

	return arena_printf(arena, "%.*s\n... (%zu more %s%s left out)", (int)end, text.ptr, n,
	                    lines > 0 ? "line" : "byte", n == 1 ? "" : "s");
}
