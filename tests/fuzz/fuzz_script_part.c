/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_script_part.c - parts of a file: equal in pieces of any size, with the lines of the file */
#include "cflyway/migration/script_part.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* False: the markers are not as they should be. */
static bool read_part(struct arena *arena, struct str text, const struct part_of_file *part,
                      size_t piece_size, struct buf *all)
{
	struct error err = ERROR_INIT(arena);
	struct text_memory memory;
	struct part_source source;
	struct str piece;
	bool ok;

	text_memory_init(&memory, text, piece_size);
	struct text_source *input = part_source_open(&source, part, "f.sql", &memory.source);
	buf_clear(all);
	do {
		ok = input->next(input, &piece, &err);
		if (ok)
			buf_append(all, piece.ptr, piece.len);
	} while (ok && piece.len > 0);
	check(ok != err.is_set);
	part_source_close(&source);
	return ok;
}

static void check_part(struct arena *arena, struct str text, const struct part_of_file *part)
{
	struct buf whole = BUF_EMPTY(SIZE_MAX / 4), pieces = BUF_EMPTY(SIZE_MAX / 4);
	bool ok = read_part(arena, text, part, 0, &whole);

	check(ok == read_part(arena, text, part, 1, &pieces));
	if (ok) {
		check(str_eq(buf_str(&whole), buf_str(&pieces)));
		check(whole.len <= text.len);
		check(str_count_char(buf_str(&whole), '\n') == str_count_char(text, '\n'));
	}
	check(ok == read_part(arena, text, part, 7, &pieces));
	check(!ok || str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_release(&whole);
	buf_release(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct part_of_file parts[] = {
		{&part_syntax_goose, PART_UP},  {&part_syntax_goose, PART_DOWN},
		{&part_syntax_dbmate, PART_UP}, {&part_syntax_dbmate, PART_DOWN},
		{&part_syntax_tern, PART_UP},   {&part_syntax_tern, PART_DOWN},
	};
	struct str text = {(const char *)data, size};
	struct arena arena;

	/* An empty piece is the end of a text. */
	if (size == 0)
		return 0;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(parts); i++)
		check_part(&arena, text, &parts[i]);
	arena_release(&arena);
	return 0;
}
