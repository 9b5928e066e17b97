/* SPDX-License-Identifier: Apache-2.0 */
/* comment_strip.c - copies a script without its comments */
#include "cflyway/sql/comment_strip.h"

#include "dialect_private.h"
#include "scan.h"

#include "cflyway/base/ascii.h"

#include <string.h>

/* Does the quote at pos begin a string with backslash escapes: E'…'? */
static bool has_escapes(const struct window *window, const struct dialect *dialect)
{
	const char *text = window->text.ptr;
	size_t at = window->pos;

	return dialect->prefixed_strings && at > 0 && ascii_upper(text[at - 1]) == 'E' &&
	       (at == 1 || !ascii_is_name(text[at - 2]));
}

/* Steps over a token that may contain what looks like a comment, or over one byte. */
static void pass_token(struct window *window, const struct dialect *dialect)
{
	const char byte = window->text.ptr[window->pos];
	size_t tag;

	if (byte == '\'' && has_escapes(window, dialect))
		(void)!scan_escaped(window);
	else if (byte == '\'' || (byte != '\0' && strchr(dialect->name_quotes, byte) != NULL))
		(void)!scan_quoted(window, byte);
	else if (byte == '[' && dialect->bracket_names)
		(void)!scan_bracket(window);
	else if (byte == '$' && dialect->dollar_quotes && (tag = scan_dollar_tag(window)) > 0 &&
	         (window->pos == 0 || !ascii_is_name(window->text.ptr[window->pos - 1])))
		(void)!scan_dollar_quoted(window, tag);
	else
		window->pos++;
	if (window->pos > window->text.len)
		window->pos = window->text.len;
}

/* Steps over a comment or white space. False: there is something else. */
static bool pass_gap(struct window *window, const struct dialect *dialect, bool *is_comment)
{
	*is_comment = scan_at_comment(window);
	if (*is_comment) {
		(void)!scan_comment(window, dialect->comments_nest);
		return true;
	}
	if ((unsigned char)window->text.ptr[window->pos] > ' ')
		return false;
	window->pos++;
	return true;
}

void comment_strip(struct str script, const struct dialect *dialect, enum comment_strip strip,
                   struct buf *out)
{
	struct arena arena = ARENA_EMPTY;
	struct error ignored = ERROR_INIT(&arena); /* memory can always be read */
	struct text_memory memory;
	struct window window;
	const size_t before = out->len;
	bool is_after_gap = false, is_comment;

	text_memory_init(&memory, script, 0);
	window_open(&window, &memory.source, SIZE_MAX / 4, &ignored);
	while (window_byte(&window, 0) != -1) {
		const size_t from = window.pos;
		const bool is_gap = pass_gap(&window, dialect, &is_comment);

		if (!is_gap)
			pass_token(&window, dialect);
		if (is_gap && (is_comment || strip == COMMENT_STRIP_AND_BLANKS)) {
			is_after_gap = strip == COMMENT_STRIP_AND_BLANKS;
			continue;
		}
		if (is_after_gap && out->len > before)
			buf_putc(out, ' ');
		buf_append(out, window.text.ptr + from, window.pos - from);
		is_after_gap = false;
	}
	window_close(&window);
	arena_release(&arena);
}
