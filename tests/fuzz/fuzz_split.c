/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_split.c - cuts any text as a script for each database
 *
 * The result must not depend on the pieces in which the text comes.
 */
#include "cflyway/base/crc32.h"
#include "cflyway/base/utf8.h"
#include "cflyway/sql/placeholder.h"
#include "cflyway/sql/split.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct digest {
	struct crc32 crc;
	struct str script;
};

static void note(struct digest *digest, const void *bytes, size_t len)
{
	crc32_update(&digest->crc, bytes, len);
}

static bool note_rows(struct digest *digest, struct splitter *splitter, struct error *err)
{
	struct str piece;

	do {
		if (!split_copy_data(splitter, &piece, err))
			return false;
		note(digest, piece.ptr, piece.len);
	} while (piece.len > 0);
	return true;
}

static void note_statement(struct digest *digest, const struct statement *statement)
{
	const size_t numbers[] = {statement->len, statement->line, statement->column,
	                          statement->flags, statement->batchable};

	if (strlen(statement->text) != statement->len || statement->len == 0 ||
	    statement->len > digest->script.len)
		abort();
	note(digest, numbers, sizeof(numbers));
	note(digest, statement->text, statement->len);
}

static void split(struct digest *digest, const struct dialect *dialect, struct text_source *source,
                  size_t max)
{
	const struct split_options options = {
		.path = "x.sql",
		.max_statement_size = max,
		.context = {.server_version = 15},
	};
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct splitter *splitter = split_open(dialect, source, &options);
	struct statement statement;

	while (split_next(splitter, &statement, &err) == SPLIT_STATEMENT) {
		note_statement(digest, &statement);
		if (statement.flags & STATEMENT_COPY_IN && !note_rows(digest, splitter, &err))
			break;
	}
	if (err.is_set)
		note(digest, err.message, strlen(err.message));
	split_close(splitter);
	arena_release(&arena);
}

static int32_t split_in_pieces(const struct dialect *dialect, struct str script, size_t max,
                               size_t piece_size)
{
	struct placeholder items[] = {{"x", "'a;"}, {"y", "$$"}};
	const struct placeholders placeholders = {
		.prefix = "${", .suffix = "}", .separator = ":", .items = items, .n = COUNT(items)};
	struct digest digest = {.script = {script.ptr, 4 * script.len + 8}};
	struct placeholder_source filter;
	struct text_memory memory;

	text_memory_init(&memory, script, piece_size);
	placeholder_source_open(&filter, &memory.source, &placeholders, "x.sql");
	split(&digest, dialect, &filter.source, max);
	placeholder_source_close(&filter);
	return crc32_signed(&digest.crc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dialect *const dialects[] = {&dialect_postgres, &dialect_sqlite};
	static const size_t limits[] = {SIZE_MAX, 40};
	struct str script = {(const char *)data, size};
	size_t pieces[] = {1, 2 + size % 299};

	script.len = utf8_valid_prefix(script, NULL);
	for (size_t i = 0; i < COUNT(dialects); i++)
		for (size_t j = 0; j < COUNT(limits); j++) {
			int32_t whole = split_in_pieces(dialects[i], script, limits[j], 0);
			for (size_t k = 0; k < COUNT(pieces); k++)
				if (split_in_pieces(dialects[i], script, limits[j], pieces[k]) !=
				    whole)
					abort();
		}
	return 0;
}
