/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_script_place.c - finds the places of the statements of any text, and reads its parts
 *
 * What is read again must be what was cut, its places must lie in the script and ascend, and
 * nothing may depend on the pieces in which the text comes.
 */
#include "cflyway/base/utf8.h"
#include "cflyway/sql/error_context.h"
#include "cflyway/sql/script_place.h"
#include "cflyway/sql/split.h"
#include "cflyway/sql/token.h"
#include "cflyway/sql/values_row.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzzed {
	struct str script;
	size_t piece_size;
	struct text_memory memory;
};

static struct text_source *again(void *ctx, struct error *err)
{
	struct fuzzed *fuzzed = ctx;

	(void)err;
	text_memory_init(&fuzzed->memory, fuzzed->script, fuzzed->piece_size);
	return &fuzzed->memory.source;
}

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

/* The line of an offset, as it is shown, the same for all pieces. */
static void check_line(struct script_again *script, size_t at, struct arena *arena,
                       struct error *err)
{
	struct fuzzed *fuzzed = script->ctx;
	struct source_line line, same;
	size_t next = 0;

	check(script_place_line(script, at, arena, &line, err));
	check(line.line >= 1 && line.line <= 1 + str_count_char(fuzzed->script, '\n'));
	check(line.column >= 1 && line.column <= fuzzed->script.len + 1);
	check(line.caret <= line.text.len && line.begin + line.caret == at);
	(void)!script_place_next_line(script, at, 1, &next, err); /* a placeholder may be unknown */
	fuzzed->piece_size = 3;
	check(script_place_line(script, at, arena, &same, err));
	fuzzed->piece_size = 0;
	check(line.line == same.line && line.column == same.column);
	check(str_eq(line.text, same.text) && line.caret == same.caret);
	source_line_mask(arena, &line, at, at + 3);
	check(line.caret <= line.text.len);
	source_line_clip(&line, at, at + 9);
	check(line.caret <= line.text.len);
	(void)source_line_show(arena, &line);
}

static void check_statement(struct script_again *script, const struct statement *statement)
{
	struct fuzzed *fuzzed = script->ctx;
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct buf text = BUF_EMPTY(SIZE_MAX / 4);
	struct str sent = {statement->text, statement->len};
	size_t from = statement->offset, middle = script_place_of_character(sent, 1 + sent.len / 3);
	size_t places[] = {from, from + middle, from + sent.len};
	size_t same[] = {places[0], places[1], places[2]};

	check(statement->token <= statement->len);
	check(script_place_text(script, from, sent.len, &text, &err));
	check(str_eq(buf_str(&text), sent));
	buf_release(&text);
	check(script_place_map(script, places, COUNT(places), &err));
	check(places[0] <= places[1] && places[1] <= places[2]);
	check(places[2] <= fuzzed->script.len);
	fuzzed->piece_size = 2;
	check(script_place_map(script, same, COUNT(same), &err));
	fuzzed->piece_size = 0;
	for (size_t i = 0; i < COUNT(places); i++) {
		check(places[i] == same[i]);
		check_line(script, places[i], &arena, &err);
	}
	arena_release(&arena);
}

static void check_key(struct str text, struct str detail)
{
	struct row_key key;
	struct row_matches matches = {0};
	size_t offset = 0;

	if (!row_key_read(&key, detail, "23505"))
		return;
	check(key.names.n <= KEY_MAX && key.values.n <= KEY_MAX);
	check(!values_row_find(text, &key, &offset) || offset < text.len);
	values_row_matches(text, &key, "t", &matches);
	for (size_t i = 0; i < matches.n && i < COUNT(matches.offsets); i++)
		check(matches.offsets[i] < text.len);
}

/* Whatever the text is: what is found lies in it, and the walks end. */
static void check_parts(struct str text)
{
	struct str detail = str_sub(text, text.len / 2, text.len), rest = text;
	struct error_frame frame;
	struct token token;
	size_t at = 0;

	do {
		size_t before = at;

		token = token_next(text, &at);
		check(at <= text.len && (token.kind == TOKEN_END || at > before));
	} while (token.kind != TOKEN_END);
	while (error_context_next(&rest, &frame))
		check(frame.name.len <= text.len && frame.value.len <= text.len);
	check_key(text, detail);
	check_key(text, STR("Key (id)=(1) already exists."));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct placeholder items[] = {{"x", "'a;"}, {"y", ""}, {"z", "\xEF\xBB\xBF$$"}};
	const struct placeholders placeholders = {
		.prefix = "${", .suffix = "}", .separator = ":", .items = items, .n = COUNT(items)};
	const struct split_options options = {.path = "x.sql", .max_statement_size = SIZE_MAX};
	struct fuzzed fuzzed = {.script = {(const char *)data, size < 4000 ? size : 4000}};
	struct script_again script = {
		.read = again,
		.ctx = &fuzzed,
		.placeholders = &placeholders,
		.file_name = "x.sql",
	};
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct placeholder_source filter;
	struct text_memory memory;
	struct statement statement;

	check_parts(fuzzed.script);
	fuzzed.script.len = utf8_valid_prefix(fuzzed.script, NULL);
	text_memory_init(&memory, fuzzed.script, 0);
	placeholder_source_open(&filter, &memory.source, &placeholders, "x.sql");
	struct splitter *splitter = split_open(&dialect_postgres, &filter.source, &options);
	for (int i = 0; i < 20; i++) {
		if (split_next(splitter, &statement, &err) != SPLIT_STATEMENT)
			break;
		check_statement(&script, &statement);
	}
	split_close(splitter);
	placeholder_source_close(&filter);
	arena_release(&arena);
	return 0;
}
