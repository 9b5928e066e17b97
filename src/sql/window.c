/* SPDX-License-Identifier: Apache-2.0 */
/* window.c - holds the part of a script that the splitter examines */
#include "window.h"

#include "byte_order_mark.h"

#include <stdint.h>
#include <string.h>

void window_open(struct window *window, struct text_source *source, size_t max,
                 struct error *source_error)
{
	*window = (struct window){
		.source = source,
		.source_error = source_error,
		.text = BUF_EMPTY(SIZE_MAX / 4),
		.max = max,
		.keep = SIZE_MAX,
		.position = {1, 1},
	};
	buf_append(&window->text, "", 0); /* makes the text NUL-terminated from the beginning */
}

void window_close(struct window *window)
{
	buf_release(&window->text);
}

static void append_without_marks(struct window *window, struct str piece)
{
	while (piece.len > 0) {
		struct str text = byte_order_mark_cut(&window->after_mark, &piece);

		buf_append(&window->text, text.ptr, text.len);
	}
}

static void forget(struct window *window)
{
	window_position(window, window->start);
	buf_consume(&window->text, window->start);
	window->dropped += window->start;
	window->counted -= window->start;
	window->pos -= window->start;
	window->start = 0;
}

bool window_is_too_long(struct window *window)
{
	size_t len = window->pos - window->start;

	if (len > window->leading && len - window->leading > window->max)
		window->too_long = true;
	return window->too_long;
}

bool window_more(struct window *window)
{
	if (window_is_too_long(window) || window->ended || window->failed)
		return false;
	if (window->pos - window->start > window->keep)
		window->start = window->pos;
	if (window->start > 0)
		forget(window);

	size_t before = window->text.len;
	while (window->text.len == before) {
		struct str piece;
		if (!window->source->next(window->source, &piece, window->source_error)) {
			window->failed = true;
			return false;
		}
		if (piece.len == 0) {
			window->ended = true;
			return false;
		}
		append_without_marks(window, piece);
	}
	return true;
}

static size_t utf16_units(const char *text, size_t len)
{
	size_t units = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];
		units += (size_t)((byte & 0xC0) != 0x80) + (size_t)(byte >= 0xF0);
	}
	return units;
}

/* Lines end at LF; CR only resets the column to 1. */
struct position window_position(struct window *window, size_t offset)
{
	if (offset <= window->counted)
		return window->position;

	const char *from = window->text.ptr + window->counted;
	const char *end = window->text.ptr + offset;
	size_t lines = str_count_char((struct str){from, (size_t)(end - from)}, '\n');
	const char *start = end;
	while (start > from && start[-1] != '\n' && start[-1] != '\r')
		start--;
	window->position.line += lines;
	if (start > from || lines > 0) {
		window->position.column = 1;
		from = start;
	}
	window->position.column += utf16_units(from, (size_t)(end - from));
	window->counted = offset;
	return window->position;
}

enum { FLYWAY_AHEAD = 256, FLYWAY_STEP = 254 }; /* Flyway needs two characters for a token */

bool window_failed_before_pos(struct window *window)
{
	while (window->text.len - window->pos < FLYWAY_AHEAD && window_more(window))
		;
	size_t failed_at = window->dropped + window->text.len, met_at = 0;
	if (failed_at >= FLYWAY_AHEAD)
		met_at = (failed_at - FLYWAY_AHEAD + FLYWAY_STEP) / FLYWAY_STEP * FLYWAY_STEP;
	return window->failed && window->dropped + window->pos >= met_at;
}
