/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy_data.c - reads the rows that follow a COPY … FROM STDIN in a script
 *
 * Each piece is all the text of the window, except a last line that may still become "\.". The
 * search looks only for a backslash with a full stop, not for lines.
 */
#include "copy_data.h"

#include "cflyway/base/swar.h"

#include <stdint.h>
#include <string.h>

/* Skips the rest of the line with its line break; false if there is no line break. */
static bool skip_line(struct window *window)
{
	for (;;) {
		const char *from = window->text.ptr + window->pos;
		const char *end = memchr(from, '\n', window->text.len - window->pos);
		if (end != NULL) {
			window->pos += (size_t)(end - from) + 1;
			window->start = window->pos;
			return true;
		}
		window->pos = window->start = window->text.len;
		if (!window_more(window))
			return false;
	}
}

static size_t skip_blanks(struct str text, size_t at)
{
	while (at < text.len && text.ptr[at] != '\n' && (unsigned char)text.ptr[at] <= ' ')
		at++;
	return at;
}

/* Tells whether "\." begins in one of VECTOR_LOOP bytes. Also reads the byte after them. */
static bool has_mark(const char *bytes)
{
	uint8_t found = 0;

	for (size_t i = 0; i < VECTOR_LOOP; i++)
		found |= (uint8_t)((bytes[i] == '\\') & (bytes[i + 1] == '.'));
	return found != 0;
}

/* Returns the offset of the first "\." at or after at, or text.len. */
static size_t find_mark(struct str text, size_t at)
{
	while (text.len - at > VECTOR_LOOP && !has_mark(text.ptr + at))
		at += VECTOR_LOOP;
	while (at + 1 < text.len && (text.ptr[at] != '\\' || text.ptr[at + 1] != '.'))
		at++;
	return at + 1 < text.len ? at : text.len;
}

/*
 * Returns the offset of the beginning of the line "\.", or text.len. Without a line break after it,
 * the line counts only if is_last is set. line_start says that text begins at a line.
 */
static size_t find_end(struct str text, bool line_start, bool is_last)
{
	for (size_t at = 0; (at = find_mark(text, at)) < text.len; at++) {
		size_t start = at;
		while (start > 0 && text.ptr[start - 1] != '\n' &&
		       (unsigned char)text.ptr[start - 1] <= ' ')
			start--;
		if (start == 0 ? !line_start : text.ptr[start - 1] != '\n')
			continue;
		size_t end = skip_blanks(text, at + 2);
		if (end < text.len ? text.ptr[end] == '\n' : is_last)
			return start;
	}
	return text.len;
}

/* Returns the offset of a last line that may still become "\.", or text.len. */
static size_t find_doubtful(struct str text, bool line_start)
{
	size_t start = text.len;

	while (start > 0 && text.ptr[start - 1] != '\n') {
		unsigned char c = (unsigned char)text.ptr[start - 1];
		if (c > ' ' && c != '\\' && c != '.')
			return text.len;
		start--;
	}
	if (start == 0 && !line_start)
		return text.len;

	size_t at = skip_blanks(text, start);
	if (at < text.len && text.ptr[at] == '\\')
		at++;
	if (at < text.len && at > start && text.ptr[at - 1] == '\\' && text.ptr[at] == '.')
		at = skip_blanks(text, at + 1);
	return at == text.len ? start : text.len;
}

/* Returns the length of the certain rows, up to the line that is or may be the end. */
static size_t count_rows(struct str text, bool line_start, bool is_last)
{
	size_t end = find_end(text, line_start, is_last);

	return end < text.len ? end : find_doubtful(text, line_start);
}

enum copy_result copy_data_next(struct window *window, enum copy_state *state, struct str *piece)
{
	window->start = window->pos;
	if (*state == COPY_DONE)
		return COPY_END;
	if (*state == COPY_HEAD) {
		if (!skip_line(window))
			return window->failed ? COPY_FAILED : COPY_UNTERMINATED;
		*state = COPY_ROWS;
	}
	for (;;) {
		struct str text = str_sub(buf_str(&window->text), window->pos, window->text.len);
		bool line_start = *state == COPY_ROWS;
		size_t len = count_rows(text, line_start, window->ended);
		if (len > 0) {
			*piece = str_sub(text, 0, len);
			*state = text.ptr[len - 1] == '\n' ? COPY_ROWS : COPY_LINE;
			window->pos += len;
			return COPY_PIECE;
		}
		if (text.len > 0 && find_end(text, line_start, window->ended) == 0)
			break;
		if (window->ended)
			return COPY_UNTERMINATED;
		if (!window_more(window) && window->failed)
			return COPY_FAILED;
	}
	*state = COPY_DONE;
	skip_line(window);
	return COPY_END;
}
