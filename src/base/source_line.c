/* SPDX-License-Identifier: Apache-2.0 */
/* source_line.c - shows a line of a script with a caret below the character that matters */
#include "cflyway/base/source_line.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/display.h"

#include <string.h>

enum {
	AFTER_CARET = 30, /* columns that stay visible after the caret, at least */
	MAX_BYTES = 1 << 20,
};

static const struct str mask = {"'********'", 10};

static bool is_blank(struct str text)
{
	return str_trim(text).len == 0;
}

static void drop_after(struct source_line *line, size_t at)
{
	if (at >= line->text.len)
		return;
	struct str rest = str_trim(str_sub(line->text, at, line->text.len));

	if (str_eq(rest, STR(";")) || rest.len == 0)
		return;
	line->is_cut_after = true;
	line->text = str_sub(line->text, 0, at + (line->text.ptr[at] == ';' ? 1 : 0));
}

static void drop_before(struct source_line *line, size_t at)
{
	if (at > line->caret)
		at = line->caret;
	if (is_blank(str_sub(line->text, 0, at)))
		return;
	line->is_cut_before = true;
	line->text = str_sub(line->text, at, line->text.len);
	line->begin += at;
	line->caret -= at;
}

void source_line_clip(struct source_line *line, size_t from, size_t to)
{
	size_t last = line->begin + line->caret;

	drop_after(line, (to > last ? to : last) - line->begin);
	if (from > line->begin)
		drop_before(line, from - line->begin);
}

void source_line_mask(struct arena *arena, struct source_line *line, size_t from, size_t to)
{
	size_t end = line->begin + line->text.len;

	from = from > line->begin ? from - line->begin : 0;
	if (to <= line->begin || from >= line->text.len)
		return;
	to = (to < end ? to : end) - line->begin;
	if (line->caret >= to)
		line->caret = line->caret - (to - from) + mask.len;
	else if (line->caret > from)
		line->caret = from;
	size_t len = from + mask.len + (line->text.len - to);
	char *text = arena_alloc(arena, len + 1);

	/* A line may hold a NUL. */
	memcpy(text, line->text.ptr, from);
	memcpy(text + from, mask.ptr, mask.len);
	memcpy(text + from + mask.len, line->text.ptr + to, line->text.len - to);
	line->text = (struct str){text, len};
}

void source_line_hide(struct arena *arena, struct source_line *line, struct str what)
{
	size_t from = 0, at;

	while ((at = str_find(str_sub(line->text, from, line->text.len), what)) + from <
	       line->text.len) {
		from += at + line->begin;
		source_line_mask(arena, line, from, from + what.len);
		from = from - line->begin + mask.len;
	}
}

/* --- what is shown ------------------------------------------------------------------------- */

/* The line as it is shown, and which columns of it. */
struct shown {
	struct buf text;
	size_t caret;    /* column, from 0 */
	size_t from, to; /* columns */
};

/* Appends the characters that lie in the columns, or counts columns if out is NULL. */
static size_t append(struct buf *out, struct str text, size_t from, size_t to)
{
	size_t column = 0;

	while (text.len > 0) {
		struct display_char c = display_next(&text, column);

		if (out != NULL && column >= from && column + c.width <= to)
			buf_append(out, c.text, c.len);
		column += c.width;
	}
	return column;
}

/* Which columns of a long line are shown: the caret and some after it. */
static void choose_columns(struct shown *shown, size_t width)
{
	shown->from = 0;
	shown->to = width;
	if (width <= SOURCE_LINE_WIDTH)
		return;
	if (shown->caret + AFTER_CARET > SOURCE_LINE_WIDTH)
		shown->from = shown->caret + AFTER_CARET - SOURCE_LINE_WIDTH;
	if (shown->from + SOURCE_LINE_WIDTH > width)
		shown->from = width - SOURCE_LINE_WIDTH;
	shown->to = shown->from + SOURCE_LINE_WIDTH;
}

static void append_caret(struct shown *shown, bool is_cut_before, size_t digits)
{
	buf_putc(&shown->text, '\n');
	buf_repeat(&shown->text, ' ', digits + 2);
	buf_add(&shown->text, "| ");
	buf_repeat(&shown->text, ' ', shown->caret - shown->from + (is_cut_before ? 1 : 0));
	buf_putc(&shown->text, '^');
}

const char *source_line_show(struct arena *arena, const struct source_line *line)
{
	struct shown shown = {.text = BUF_EMPTY(MAX_BYTES)};
	size_t caret = line->caret < line->text.len ? line->caret : line->text.len;
	struct str text = str_sub(line->text, 0, str_trim_right(line->text).len);
	bool is_cut_before;

	size_t width = append(NULL, text, 0, 0);
	shown.caret = append(NULL, str_sub(line->text, 0, caret), 0, 0);
	choose_columns(&shown, width);
	buf_printf(&shown.text, " %zu", line->line);
	size_t digits = shown.text.len - 1;
	buf_add(&shown.text, " | ");
	is_cut_before = line->is_cut_before || shown.from > 0;
	if (is_cut_before)
		buf_add(&shown.text, "\xE2\x80\xA6");
	append(&shown.text, text, shown.from, shown.to);
	if (line->is_cut_after || shown.to < width)
		buf_add(&shown.text, "\xE2\x80\xA6");
	if (line->column > 0)
		append_caret(&shown, is_cut_before, digits);
	const char *result = str_dup(arena, str_trim_right(buf_str(&shown.text)));
	buf_release(&shown.text);
	return result;
}
