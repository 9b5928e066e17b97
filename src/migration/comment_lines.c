/* SPDX-License-Identifier: Apache-2.0 */
/* comment_lines.c - finds the lines of a text that begin with "--", as it streams by */
#include "cflyway/migration/comment_lines.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

void comment_lines_open(struct comment_lines *lines, comment_lines_fn *on_text,
                        comment_lines_fn *on_line, void *ctx)
{
	*lines = (struct comment_lines){
		.on_text = on_text,
		.on_line = on_line,
		.ctx = ctx,
		.held = BUF_EMPTY(COMMENT_LINE_MAX),
	};
}

void comment_lines_close(struct comment_lines *lines)
{
	buf_release(&lines->held);
}

static bool hand_text(struct comment_lines *lines, struct str text, struct error *err)
{
	return text.len == 0 || lines->on_text == NULL || lines->on_text(lines->ctx, text, err);
}

/* The length of the text up to and with the next line end; 0 without one. */
static size_t line_length(struct str text)
{
	const char *end = memchr(text.ptr, '\n', text.len);

	return end != NULL ? (size_t)(end - text.ptr) + 1 : 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* May the line that begins here be a comment? */
static bool may_be_comment(const struct comment_lines *lines, char first)
{
	return first == '-' || (lines->indented && is_blank(first));
}

static bool hand_line(struct comment_lines *lines, struct str line, struct error *err)
{
	struct str rest = lines->indented ? str_trim_left(line) : line;

	return str_starts(rest, STR("--")) ? lines->on_line(lines->ctx, line, err)
	                                   : hand_text(lines, line, err);
}

/* Gives up on a line that is too long to be a marker. */
static bool hand_held_as_text(struct comment_lines *lines, struct error *err)
{
	bool ok = hand_text(lines, buf_str(&lines->held), err);

	buf_clear(&lines->held);
	lines->in_line = true;
	return ok;
}

/* Adds the beginning of *rest to the line that is held. */
static bool continue_held(struct comment_lines *lines, struct str *rest, struct error *err)
{
	size_t len = line_length(*rest);
	struct str part = str_sub(*rest, 0, len > 0 ? len : rest->len);

	if (!buf_append(&lines->held, part.ptr, part.len))
		return hand_held_as_text(lines, err);
	*rest = str_sub(*rest, part.len, rest->len);
	if (len == 0)
		return true;
	bool ok = hand_line(lines, buf_str(&lines->held), err);
	buf_clear(&lines->held);
	return ok;
}

/* The length of the text up to the next line that may be a comment. */
static size_t text_length(struct comment_lines *lines, struct str text)
{
	size_t at = 0;

	while (at < text.len && (lines->in_line || !may_be_comment(lines, text.ptr[at]))) {
		size_t len = line_length(str_sub(text, at, text.len));

		lines->in_line = len == 0;
		at = len == 0 ? text.len : at + len;
	}
	return at;
}

bool comment_lines_feed(struct comment_lines *lines, struct str piece, struct error *err)
{
	if (!lines->has_begun && str_starts(piece, STR(BYTE_ORDER_MARK)))
		piece = str_sub(piece, strlen(BYTE_ORDER_MARK), piece.len);
	lines->has_begun = true;
	while (piece.len > 0) {
		size_t len;

		if (lines->held.len > 0) {
			if (!continue_held(lines, &piece, err))
				return false;
			continue;
		}
		len = text_length(lines, piece);
		if (!hand_text(lines, str_sub(piece, 0, len), err))
			return false;
		piece = str_sub(piece, len, piece.len);
		len = piece.len > 0 ? line_length(piece) : 0;
		if (len > 0 && !hand_line(lines, str_sub(piece, 0, len), err))
			return false;
		piece = str_sub(piece, len, piece.len);
		if (len == 0 && piece.len > 0 && !continue_held(lines, &piece, err))
			return false;
	}
	return true;
}

bool comment_lines_finish(struct comment_lines *lines, struct error *err)
{
	bool ok = lines->held.len == 0 || hand_line(lines, buf_str(&lines->held), err);

	buf_clear(&lines->held);
	return ok;
}
