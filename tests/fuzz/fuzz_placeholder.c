/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_placeholder.c - replaces placeholders in any text
 *
 * The result must not depend on the pieces in which the text comes. Without placeholders in it, the
 * text must come out as it went in.
 */
#include "cflyway/base/utf8.h"
#include "cflyway/sql/placeholder.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replace(const struct placeholders *placeholders, struct str script, size_t piece_size,
                    struct buf *out)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct placeholder_source filter;
	struct text_memory memory;
	struct str piece = {0};

	text_memory_init(&memory, script, piece_size);
	placeholder_source_open(&filter, &memory.source, placeholders, "x.sql");
	do {
		if (!filter.source.next(&filter.source, &piece, &err)) {
			buf_clear(out);
			buf_add(out, err.message);
			break;
		}
		buf_append(out, piece.ptr, piece.len);
	} while (piece.len > 0);
	filter.source.close(&filter.source);
	arena_release(&arena);
}

static void check(const struct placeholders *placeholders, struct str script)
{
	size_t pieces[] = {1, 2, 3 + script.len % 61};
	struct buf whole = BUF_EMPTY(SIZE_MAX / 4), parts = BUF_EMPTY(SIZE_MAX / 4);

	replace(placeholders, script, 0, &whole);
	if (str_find(script, str_of(placeholders->prefix)) == script.len &&
	    !str_eq(buf_str(&whole), script))
		abort();
	for (size_t i = 0; i < COUNT(pieces); i++) {
		buf_clear(&parts);
		replace(placeholders, script, pieces[i], &parts);
		if (!str_eq(buf_str(&whole), buf_str(&parts)))
			abort();
	}
	buf_release(&whole);
	buf_release(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const marks[][2] = {
		{"${", "}"}, {"$$", "$$"}, {"é[[", "]é"}, {"#", "#"}};
	struct placeholder items[] = {{"x", "${x}"}, {"flyway:user", "a"}, {"flyway:none", NULL}};
	struct str script = {(const char *)data, size};

	script.len = utf8_valid_prefix(script, NULL);
	for (size_t i = 0; i < COUNT(marks); i++) {
		const struct placeholders placeholders = {
			.prefix = marks[i][0],
			.suffix = marks[i][1],
			.separator = ":",
			.items = items,
			.n = COUNT(items),
		};
		check(&placeholders, script);
	}
	return 0;
}
