/* SPDX-License-Identifier: Apache-2.0 */
/* lexer_begin.c - finds where a statement begins */
#include "lexer.h"

#include "scan.h"

#include "cflyway/base/utf8.h"

#include <stdint.h>

enum {
	BLANK_LINE = 2,        /* line breaks in one run of white space */
	MAX_LEADING = 1 << 20, /* bytes of comments and blank lines that stay with a statement */
};

/* Discards everything before pos: the statement has not begun yet. */
static void restart(struct lexer *lexer)
{
	lexer->window.start = lexer->window.pos;
	lexer->token = 0;
	lexer->before = 0;
}

/* DIFFERS: Flyway keeps comments of any length in front of a statement, and needs the memory. */
static size_t max_leading(const struct window *window)
{
	return window->max < MAX_LEADING ? window->max : MAX_LEADING;
}

static void drop_if_long(struct lexer *lexer, size_t max)
{
	if (lexer->window.pos - lexer->window.start > max)
		restart(lexer);
}

/* Tells whether c is non-ASCII white space: Java's Character.isWhitespace or no-break space. */
static bool is_wide_blank(uint32_t c)
{
	return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A && c != 0x2007) ||
	       c == 0x2028 || c == 0x2029 || c == 0x205F || c == 0x3000;
}

/* Returns the length of the white space character at pos, or 0 if there is none. */
static size_t blank_length(struct window *window)
{
	int byte = window_byte(window, 0);

	if (byte < 0x80)
		return byte >= 0 && byte <= ' ' ? 1 : 0;
	struct str rest = str_sub(buf_str(&window->text), window->pos, window->text.len);
	size_t before = rest.len;
	return is_wide_blank(utf8_next(&rest)) ? before - rest.len : 0;
}

/*
 * Skips white space before a statement and discards it, except runs with blank lines: Flyway shows
 * these at the beginning of an incomplete statement. A no-break space ends a run. Stops where
 * Flyway meets an error of the source, which it reports at this place.
 */
static void drop_blanks(struct lexer *lexer)
{
	struct window *window = &lexer->window;
	size_t lines = 0, len;
	bool in_run = false;

	while ((len = blank_length(window)) > 0) {
		char c = window->text.ptr[window->pos];
		bool is_no_break = c == '\xC2'; /* no other white space begins with this byte */

		if (window_failed_before_pos(window))
			return;
		if (is_no_break && lines < BLANK_LINE) {
			lines = 0;
			in_run = false;
		}
		lines += c == '\n' ? 1 : 0;
		in_run = in_run || (c != ' ' && c != '\r' && !is_no_break);
		window->pos += len;
		drop_if_long(lexer, in_run ? max_leading(window) : 0);
	}
	if (lines < BLANK_LINE)
		restart(lexer);
}

/* Skips white space after a comment. Blank lines are a token of Flyway's. */
static void skip_blanks(struct lexer *lexer)
{
	struct window *window = &lexer->window;
	size_t lines = 0, len, before = window->dropped + window->pos;

	while ((len = blank_length(window)) > 0) {
		lines += window->text.ptr[window->pos] == '\n' ? 1 : 0;
		window->pos += len;
		drop_if_long(lexer, max_leading(window));
	}
	size_t start = window->dropped + window->start;
	if (lines >= BLANK_LINE)
		lexer->before = before > start ? before - start : 0;
}

/* Makes the token at an offset from start the one that messages name. */
static void mark_token(struct lexer *lexer, size_t token)
{
	if (!window_failed_before_pos(&lexer->window))
		lexer->token = token;
}

/*
 * Notes the place of the comment that begins here. What the window has counted stays as it is: it
 * is asked later for a place before this one, if the text ends with an error. From one comment to
 * the next only what is between them is counted.
 */
static void mark_comment(struct lexer *lexer)
{
	struct window *window = &lexer->window;
	const size_t offset = window->dropped + window->pos;
	const size_t last = lexer->comment_offset;

	if (lexer->comment_line > 0 && last >= window->dropped + window->counted) {
		struct str between =
			str_sub(buf_str(&window->text), last - window->dropped, window->pos);
		lexer->comment_line += str_count_char(between, '\n');
	} else {
		const struct window before = *window;

		lexer->comment_line = window_position(window, window->pos).line;
		window->counted = before.counted;
		window->position = before.position;
	}
	lexer->comment_offset = offset;
}

/*
 * Skips a comment. An unclosed comment is the rest of the script: no statement follows. What is too
 * long to be kept goes: the comments before this one, or all; the window never holds it as a whole.
 */
static void pass_comment(struct lexer *lexer)
{
	struct window *window = &lexer->window;
	const size_t max = max_leading(window);

	drop_if_long(lexer, max / 2);
	const size_t token = window->pos - window->start, start = window->dropped + window->start;
	lexer->before = token;
	mark_comment(lexer);
	window->keep = max;
	lexer->unbalanced = !scan_comment(window, lexer->dialect->comments_nest);
	window->keep = SIZE_MAX;
	if (window->dropped + window->pos - start > max)
		restart(lexer);
	else
		mark_token(lexer, token);
}

/*
 * Skips a line "\restrict KEY" or "\unrestrict KEY". DIFFERS: pg_dump has written these for psql
 * since August 2025, and Flyway sends them to the server, which refuses them.
 */
static bool skip_restrict_line(struct lexer *lexer)
{
	static const char *const commands[] = {"\\restrict", "\\unrestrict"};
	struct window *window = &lexer->window;

	if (window_byte(window, 0) != '\\' || window_position(window, window->pos).column != 1)
		return false;
	for (size_t i = 0; i < COUNT(commands); i++) {
		size_t len = 0;
		while (commands[i][len] != '\0' && window_byte(window, len) == commands[i][len])
			len++;
		int next = window_byte(window, len);
		if (commands[i][len] == '\0' && next <= ' ') {
			window->keep = 0;
			scan_line(window);
			window->keep = SIZE_MAX;
			return true;
		}
	}
	return false;
}

bool lexer_begin(struct lexer *lexer)
{
	struct window *window = &lexer->window;
	bool is_bare = true; /* no comment yet */

	words_reset(&lexer->words);
	lexer->adjacent = 0;
	lexer->parens = 0;
	lexer->unbalanced = false;
	window->leading = SIZE_MAX;
	restart(lexer);
	for (;;) {
		if (is_bare)
			drop_blanks(lexer);
		else
			skip_blanks(lexer);
		if (scan_at_comment(window)) {
			pass_comment(lexer);
			is_bare = false;
			continue;
		}
		int byte = window_byte(window, 0);
		if (byte == ';')
			window->pos++;
		else if (!lexer->dialect->restrict_lines || !skip_restrict_line(lexer))
			break;
		restart(lexer);
		is_bare = true;
	}
	window->leading = window->pos - window->start;
	mark_token(lexer, window->leading);
	return window->pos < window->text.len;
}
