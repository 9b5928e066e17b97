/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.c - shows foreign text so that it cannot control a terminal */
#include "cflyway/base/terminal.h"

#include "cflyway/base/utf8.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

enum { DEL = 0x7F, LAST_C1 = 0x9F };

bool terminal_is(FILE *stream)
{
	int before = errno;
	bool is_terminal = isatty(fileno(stream)) != 0;

	errno = before;
	return is_terminal;
}

/* The embeddings, overrides and isolates of the bidirectional algorithm. */
static bool reorders(uint32_t code_point)
{
	return (code_point >= 0x202A && code_point <= 0x202E) ||
	       (code_point >= 0x2066 && code_point <= 0x2069);
}

static bool is_layout(struct str rest)
{
	return rest.ptr[0] == '\n' || rest.ptr[0] == '\t' || str_starts(rest, STR("\r\n"));
}

/* Appends the first character of *rest and removes it. */
static void escape_first(struct buf *out, struct str *rest)
{
	const struct str before = *rest;
	const unsigned char first = (unsigned char)before.ptr[0];
	const bool is_valid = utf8_valid_prefix(str_sub(before, 0, UTF8_MAX), NULL) > 0;
	const uint32_t code_point = utf8_next(rest);

	if (!is_valid || (first < ' ' && !is_layout(before)))
		buf_printf(out, "\\x%02x", first);
	else if ((code_point >= DEL && code_point <= LAST_C1) || reorders(code_point))
		buf_printf(out, "\\u%04x", (unsigned)code_point);
	else
		buf_append(out, before.ptr, before.len - rest->len);
}

/* The printable ASCII characters at the beginning, and layout. */
static size_t plain_length(struct str text)
{
	size_t len = 0;

	while (len < text.len && (unsigned char)text.ptr[len] < DEL &&
	       (text.ptr[len] >= ' ' || text.ptr[len] == '\n' || text.ptr[len] == '\t'))
		len++;
	return len;
}

void terminal_escape(struct buf *out, struct str text)
{
	while (text.len > 0) {
		size_t plain = plain_length(text);

		buf_append(out, text.ptr, plain);
		text = str_sub(text, plain, text.len);
		if (text.len > 0)
			escape_first(out, &text);
	}
}

size_t terminal_unfinished(struct str text)
{
	if (str_ends(text, STR("\r")))
		return 1;
	for (size_t n = 1; n < UTF8_MAX && n <= text.len; n++) {
		const struct str end = str_sub(text, text.len - n, text.len);
		bool incomplete = false;

		if (utf8_valid_prefix(end, &incomplete) == 0 && incomplete)
			return n;
	}
	return 0;
}

static bool write_all(FILE *stream, struct str text)
{
	return fwrite(text.ptr, 1, text.len, stream) == text.len;
}

bool terminal_write(FILE *stream, bool is_terminal, struct str text)
{
	struct buf escaped = BUF_EMPTY(SIZE_MAX / 4);

	if (!is_terminal || plain_length(text) == text.len)
		return write_all(stream, text);
	terminal_escape(&escaped, text);
	bool ok = write_all(stream, buf_str(&escaped));
	buf_release(&escaped);
	return ok;
}
