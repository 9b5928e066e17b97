/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_terminal.c - nothing that a terminal obeys is left, and pieces give the same as the whole */
#include "cflyway/base/terminal.h"
#include "cflyway/base/utf8.h"

#include <stdint.h>
#include <stdlib.h>

enum { LONGEST_PIECE = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool is_obeyed(uint32_t code_point)
{
	return (code_point < ' ' && code_point != '\n' && code_point != '\t' &&
	        code_point != '\r') ||
	       (code_point >= 0x7F && code_point < 0xA0) ||
	       (code_point >= 0x202A && code_point <= 0x202E) ||
	       (code_point >= 0x2066 && code_point <= 0x2069);
}

static void check_shown(struct str shown)
{
	check(utf8_valid_prefix(shown, NULL) == shown.len);
	while (shown.len > 0) {
		const struct str before = shown;
		const uint32_t code_point = utf8_next(&shown);

		check(!is_obeyed(code_point));
		check(code_point != '\r' || str_starts(before, STR("\r\n")));
	}
}

/* As copies of a file are written: what is unfinished waits for the next piece. */
static void escape_in_pieces(struct buf *out, struct str text, size_t piece)
{
	size_t from = 0, to = 0;

	while (to < text.len) {
		to = to + piece < text.len ? to + piece : text.len;
		const struct str part = str_sub(text, from, to);
		const size_t len = part.len - terminal_unfinished(part);

		terminal_escape(out, str_sub(part, 0, len));
		from += len;
	}
	terminal_escape(out, str_sub(text, from, text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_EMPTY(SIZE_MAX / 4), pieces = BUF_EMPTY(SIZE_MAX / 4);
	struct arena arena;

	arena_init(&arena);
	/* a copy of its own: what is read beyond it is found */
	const struct str text = {arena_strndup(&arena, (const char *)data, size), size};

	terminal_escape(&whole, text);
	check_shown(buf_str(&whole));
	for (size_t piece = 1; piece <= LONGEST_PIECE; piece++) {
		buf_clear(&pieces);
		escape_in_pieces(&pieces, text, piece);
		check(str_eq(buf_str(&pieces), buf_str(&whole)));
	}
	buf_release(&whole);
	buf_release(&pieces);
	arena_release(&arena);
	return 0;
}
