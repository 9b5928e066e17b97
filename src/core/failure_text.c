/* SPDX-License-Identifier: Apache-2.0 */
/* failure_text.c - the text of a script that has failed, read once more */
#include "failure_text.h"

#include "cflyway/core/session.h"
#include "cflyway/sql/password_literal.h"
#include "cflyway/sql/token.h"

#include <stdint.h>

enum {
	MAX_STATEMENT = 1 << 30,
	MAX_REST = 1 << 16,
	MAX_MASKS = 2000, /* offsets: two for each literal */
	MIN_VALUE = 3,    /* bytes of a value that is looked for */
};

/* Rewinds the file, which is still open: a file that was put in its place is another one. */
static struct text_source *rewind_file(const struct failure_text *text, struct error *err)
{
	struct script *script = text->script;
	const struct migration *migration = text->migration;

	part_source_close(&script->part);
	if (script->file.file.fd < 0 || !text_file_again(&script->file, migration->encoding, err))
		return NULL;
	return part_source_open(&script->part, &migration->part, migration->path,
	                        &script->file.source);
}

static struct text_source *read_again(void *ctx, struct error *err)
{
	const struct failure_text *text = ctx;

	if (text->text == NULL || !text->text->is_known)
		return rewind_file(text, err);
	text_memory_init(&text->script->memory, buf_str(&text->text->text), 0);
	return &text->script->memory.source;
}

/* What has run is a copy: is the file still what was copied? */
static bool is_as_copied(const struct failure_text *text)
{
	const struct migration *migration = text->migration;
	struct script *script = text->script;
	struct error ignored = ERROR_INIT(text->run->arena);
	int32_t sum;

	if (script->copy.file.fd < 0 || !migration->has_checksum)
		return true;
	struct text_source *source = rewind_file(text, &ignored);
	if (source == NULL)
		return false;
	placeholder_source_close(&script->filter);
	if (!migration_is_versioned(migration))
		source = script_filter(script, text->run, migration, source, false);
	return checksum_source(source, &sum, &ignored) && sum == migration->checksum;
}

bool failure_text_open(struct failure_text *text, struct script *script, const struct run *run,
                       const struct migration *migration, const struct script_text *kept)
{
	*text = (struct failure_text){
		.script = script,
		.run = run,
		.migration = migration,
		.text = kept,
		.again =
			{
				.read = read_again,
				.ctx = text,
				.placeholders = migration->replace_placeholders
	                                                ? &run->session->placeholders
	                                                : NULL,
				.file_name = migration->placeholder_name,
			},
	};
	arena_init(&text->arena);
	return is_as_copied(text);
}

void failure_text_close(struct failure_text *text)
{
	arena_release(&text->arena);
}

bool failure_text_read(struct failure_text *text, size_t offset, size_t len,
                       struct failure_statement *statement)
{
	struct error ignored = ERROR_INIT(&text->arena);
	struct buf sent = BUF_EMPTY(MAX_STATEMENT);
	bool is_rest = len == SIZE_MAX;
	bool ok =
		script_place_text(&text->again, offset, is_rest ? MAX_REST : len, &sent, &ignored);

	statement->offset = offset;
	statement->sent = (struct str){str_dup(&text->arena, buf_str(&sent)), sent.len};
	ok = ok && (is_rest || sent.len == len);
	buf_release(&sent);
	return ok;
}

/* --- what is hidden ------------------------------------------------------------------------ */

/* Does the statement define who may log in? Then a password may stand behind a misspelt word. */
static bool defines_login(struct str statement)
{
	static const char *const words[] = {"role",   "user",         "group",
	                                    "server", "subscription", "foreign"};
	size_t at = 0;
	struct token first = token_next(statement, &at), second = token_next(statement, &at);

	if (!token_is(first, "create") && !token_is(first, "alter"))
		return false;
	for (size_t i = 0; i < COUNT(words); i++)
		if (token_is(second, words[i]))
			return true;
	return false;
}

static bool next_literal(struct str statement, size_t *from, size_t *to)
{
	for (;;) {
		struct token token = token_next(statement, to);

		if (token.kind == TOKEN_END)
			return false;
		*from = (size_t)(token.text.ptr - statement.ptr);
		if (token.kind == TOKEN_STRING)
			return true;
	}
}

/* Offsets in the statement of what is hidden: from, to, from, to, … */
static size_t find_masks(struct str statement, size_t *masks)
{
	const bool hides_all = defines_login(statement);
	size_t n = 0, from = 0, to = 0;

	while (n < MAX_MASKS && (hides_all ? next_literal(statement, &from, &to)
	                                   : password_literal_find(statement, to, &from, &to))) {
		masks[n++] = from;
		masks[n++] = to;
	}
	return n;
}

/* A value of the user's: Flyway's own are no secrets. */
static bool is_hidden(const struct failure_text *text, const struct placeholder *placeholder)
{
	const struct placeholders *placeholders = &text->run->session->placeholders;
	struct str name = str_of(placeholder->name), own = STR("flyway");
	bool is_own = str_starts(name, own) &&
	              str_starts(str_sub(name, own.len, name.len), str_of(placeholders->separator));

	return !is_own && placeholder->value != NULL && strlen(placeholder->value) >= MIN_VALUE;
}

const char *failure_text_without_values(struct failure_text *text, const char *shown)
{
	const struct placeholders *placeholders = &text->run->session->placeholders;

	for (size_t i = 0; i < placeholders->n; i++)
		if (is_hidden(text, &placeholders->items[i]))
			shown = str_replace(&text->arena, str_of(shown),
			                    str_of(placeholders->items[i].value), STR("********"));
	return shown;
}

void failure_text_hide(struct failure_text *text, struct str query, struct source_line *line)
{
	const struct placeholders *placeholders = &text->run->session->placeholders;
	size_t *masks = arena_array(&text->arena, MAX_MASKS, sizeof(*masks));

	for (size_t i = find_masks(query, masks); i > 0; i -= 2)
		source_line_mask(&text->arena, line, masks[i - 2], masks[i - 1]);
	for (size_t i = 0; i < placeholders->n; i++)
		if (is_hidden(text, &placeholders->items[i]))
			source_line_hide(&text->arena, line, str_of(placeholders->items[i].value));
}

bool failure_text_line(struct failure_text *text, const struct failure_statement *statement,
                       size_t offset, struct source_line *line)
{
	struct error ignored = ERROR_INIT(&text->arena);
	size_t *masks = arena_array(&text->arena, MAX_MASKS, sizeof(*masks));
	size_t end = statement->offset + statement->sent.len, at = offset;
	size_t ends[] = {statement->offset, offset > end ? SIZE_MAX : end};
	size_t n = find_masks(statement->sent, masks);

	for (size_t i = 0; i < n; i++)
		masks[i] += statement->offset;
	if (!script_place_map(&text->again, &at, 1, &ignored) ||
	    !script_place_map(&text->again, ends, COUNT(ends), &ignored) ||
	    !script_place_map(&text->again, masks, n, &ignored) ||
	    !script_place_line(&text->again, at, &text->arena, line, &ignored))
		return false;
	source_line_clip(line, ends[0], ends[1]);
	for (size_t i = n; i > 0; i -= 2)
		source_line_mask(&text->arena, line, masks[i - 2], masks[i - 1]);
	return true;
}
