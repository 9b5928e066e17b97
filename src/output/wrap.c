/* SPDX-License-Identifier: Apache-2.0 */
/* wrap.c - wraps text to lines of at most 80 columns */
#include "cflyway/output/wrap.h"

#include "cflyway/base/str.h"

#include <assert.h>
#include <string.h>

/* The end of a line, and the blanks that may begin the next one. */
static const char blanks[] =
	"\n                                                                                ";

static_assert(sizeof(blanks) == sizeof("\n") + WRAP_WIDTH, "a whole line of blanks");

static void add_blanks(struct buf *out, size_t n)
{
	buf_append(out, blanks + 1, n);
}

/* Begins a line with n blanks. */
static void add_line(struct buf *out, size_t n)
{
	buf_append(out, blanks, n + 1);
}

/* The length of the first line: as many words as fit, but at least one. */
static size_t line_length(struct str text, size_t room)
{
	size_t len = room;

	if (text.len <= room)
		return text.len;
	while (len > 0 && text.ptr[len] != ' ')
		len--;
	return len > 0 ? len : str_find_char(text, ' ');
}

size_t wrap_add(struct buf *out, size_t column, size_t indent, const char *text)
{
	struct str rest = str_of(text);

	while (true) {
		size_t len = line_length(rest, column < WRAP_WIDTH ? WRAP_WIDTH - column : 0);

		buf_append(out, rest.ptr, len);
		if (len == rest.len)
			return column + len;
		rest = str_sub(rest, len + 1, rest.len);
		add_line(out, indent);
		column = indent;
	}
}

void wrap_add_item(struct buf *out, const char *name, size_t indent, const char *text)
{
	enum { MARGIN = 4 };
	size_t width = MARGIN + strlen(name);

	add_blanks(out, MARGIN);
	buf_add(out, name);
	/* A name that is too wide for its column gets its own line. */
	if (width >= indent)
		add_line(out, indent);
	else
		add_blanks(out, indent - width);
	wrap_add(out, indent, indent, text);
	buf_putc(out, '\n');
}
