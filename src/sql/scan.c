/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.c - steps over one literal, quoted name or comment
 *
 * The closing bytes are rare in the text, so memchr and strcspn do most of the work.
 */
#include "scan.h"

#include <string.h>

/* Moves pos to the next byte c, reading as needed. */
static bool find(struct window *window, char c)
{
	for (;;) {
		const char *from = window->text.ptr + window->pos;
		const char *found = memchr(from, c, window->text.len - window->pos);
		if (found != NULL) {
			window->pos += (size_t)(found - from);
			return true;
		}
		window->pos = window->text.len;
		if (!window_more(window))
			return false;
	}
}

/* Moves pos to the next byte of a set, which does not contain NUL. */
static bool find_any(struct window *window, const char *set)
{
	for (;;) {
		window->pos += strcspn(window->text.ptr + window->pos, set);
		if (window->pos < window->text.len && window->text.ptr[window->pos] != '\0')
			return true;
		if (window->pos < window->text.len)
			window->pos++; /* a NUL in the script, not the one after the text */
		else if (!window_more(window))
			return false;
	}
}

void scan_line(struct window *window)
{
	if (!find_any(window, "\n\r"))
		window->pos = window->text.len;
}

bool scan_quoted(struct window *window, char quote)
{
	do {
		window->pos++;
		if (!find(window, quote))
			return false;
		window->pos++;
	} while (window_byte(window, 0) == quote);
	return true;
}

bool scan_bracket(struct window *window)
{
	if (!find(window, ']'))
		return false;
	window->pos++;
	return true;
}

/* Skips one segment of an escape string, from quote to quote. */
static bool scan_segment(struct window *window)
{
	window->pos++;
	while (find_any(window, "\\'")) {
		char found = window->text.ptr[window->pos++];
		int next = window_byte(window, 0);
		if (found == '\'' && next != '\'')
			return true;
		if (next != -1)
			window->pos++;
	}
	return false;
}

static bool is_white_space(int byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/*
 * Moves to a quote that follows white space and line comments with at least one line break. The
 * server joins such segments, and backslash escapes remain valid in the next one.
 */
static bool find_continuation(struct window *window)
{
	size_t here = window->pos - window->start;
	bool line_ended = false;
	int byte;

	while ((byte = window_byte(window, 0)) != -1) {
		if (is_white_space(byte)) {
			line_ended = line_ended || byte == '\n' || byte == '\r';
			window->pos++;
		} else if (byte == '-' && window_byte(window, 1) == '-') {
			scan_line(window);
		} else {
			break;
		}
	}
	if (line_ended && byte == '\'')
		return true;
	window->pos = window->start + here;
	return false;
}

bool scan_escaped(struct window *window)
{
	do {
		if (!scan_segment(window))
			return false;
	} while (find_continuation(window));
	return true;
}

static bool is_tag_byte(int byte, bool first)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	       byte >= 0x80 || (!first && byte >= '0' && byte <= '9');
}

size_t scan_dollar_tag(struct window *window)
{
	size_t len = 1;

	while (is_tag_byte(window_byte(window, len), len == 1))
		len++;
	return window_byte(window, len) == '$' ? len + 1 : 0;
}

bool scan_dollar_quoted(struct window *window, size_t len)
{
	size_t tag = window->pos - window->start;

	window->pos += len;
	while (find(window, '$') && window_byte(window, len - 1) != -1) {
		const char *at = window->text.ptr + window->pos;
		if (memcmp(at, window->text.ptr + window->start + tag, len) == 0) {
			window->pos += len;
			return true;
		}
		window->pos++;
	}
	window->pos = window->text.len;
	return false;
}

static bool scan_block(struct window *window, bool nests)
{
	size_t depth = 1;

	window->pos += 2;
	while (find_any(window, "*/")) {
		char found = window->text.ptr[window->pos++];
		int next = window_byte(window, 0);
		if (found == '*' && next == '/')
			depth--;
		else if (nests && found == '/' && next == '*')
			depth++;
		else
			continue;
		window->pos++;
		if (depth == 0)
			return true;
	}
	return false;
}

bool scan_at_comment(struct window *window)
{
	int byte = window_byte(window, 0);

	return (byte == '-' && window_byte(window, 1) == '-') ||
	       (byte == '/' && window_byte(window, 1) == '*');
}

bool scan_comment(struct window *window, bool nests)
{
	if (window->text.ptr[window->pos] == '/')
		return scan_block(window, nests);
	scan_line(window);
	return true;
}
