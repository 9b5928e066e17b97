/* SPDX-License-Identifier: Apache-2.0 */
/* failure_function.c - which line of a function, or of the query that it was running, has failed */
#include "failure_function.h"

#include "cflyway/sql/token.h"

#include <stdint.h>

/* --- the body ------------------------------------------------------------------------------ */

/* Finds the literal that is the body: the first of DO, or the one after AS of a function. */
static bool find_body(struct str statement, enum frame_kind kind, struct str *body)
{
	size_t at = 0;
	struct token token = token_next(statement, &at);
	bool is_next = kind == FRAME_BLOCK;

	if (!token_is(token, is_next ? "do" : "create"))
		return false; /* the block was run by a function, and is not written there */
	for (; token.kind != TOKEN_END; token = token_next(statement, &at)) {
		if (is_next && token.kind == TOKEN_STRING) {
			*body = token.content;
			return true;
		}
		is_next |= token_is(token, "as");
	}
	return false;
}

/* Skips lines, and blanks at the beginning of the last one. */
static size_t find_line(struct str text, size_t line)
{
	size_t at = 0;

	for (; line > 1; line--)
		at += str_find_char(str_sub(text, at, text.len), '\n') + 1;
	while (at < text.len && strchr(" \t\r", text.ptr[at]) != NULL)
		at++;
	return at;
}

static bool is_innermost(const struct error_frame *frame, const struct sql_place *place)
{
	struct str rest = str_of(place->context);
	struct error_frame first;

	return error_context_next(&rest, &first) && first.kind == frame->kind &&
	       first.line == frame->line && str_eq(first.name, frame->name);
}

/*
 * Finds a query in the text, but for *from bytes of it: PERFORM is run as SELECT. Returns the
 * length of the text if it is not there.
 */
static size_t find_written(struct str text, struct str query, size_t *from)
{
	const struct str select = STR("SELECT ");
	size_t at = query.len > 0 ? str_find(text, query) : text.len;

	*from = 0;
	if (at < text.len || !str_starts(query, select))
		return at;
	*from = select.len;
	return str_find(text, str_sub(query, select.len, query.len));
}

/* Where the query that the place tells is written, at or after the line; or the line. */
static size_t find_query(struct str body, size_t line, const struct sql_place *place)
{
	struct str query = str_of(place->internal_query);
	struct str rest = str_sub(body, line, body.len);
	size_t from, at = find_written(rest, query, &from);
	size_t position = script_place_of_character(query, place->internal_position);

	if (at == rest.len || place->internal_position == 0 || position < from)
		return line;
	return line + at + position - from;
}

bool failure_function_line(struct str statement, const struct error_frame *frame,
                           const struct sql_place *place, size_t *at)
{
	struct str body;
	size_t line;

	if (!find_body(statement, frame->kind, &body))
		return false;
	line = frame->kind == FRAME_SQL ? 0 : find_line(body, frame->line);
	if (line >= body.len)
		return false;
	if (is_innermost(frame, place))
		line = find_query(body, line, place);
	*at = (size_t)(body.ptr - statement.ptr) + line;
	return true;
}

/* --- functions of the script --------------------------------------------------------------- */

/* The last part of a name with schema; NULL: it is no name. Moves *at to after it. */
static const char *read_name(struct arena *arena, struct str text, size_t *at)
{
	const char *name = NULL;

	for (;;) {
		struct token token = token_next(text, at);
		size_t after = *at;

		if (token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
			return name;
		name = token_identifier(arena, token);
		if (!token_is(token_next(text, &after), "."))
			return name;
		*at = after;
	}
}

/* How many arguments (…) has: commas outside of inner parentheses. */
static size_t count_arguments(struct str text, size_t at)
{
	size_t depth = 0, n = 0;

	for (;;) {
		struct token token = token_next(text, &at);

		if (token.kind == TOKEN_END)
			return n;
		if (token_is(token, "("))
			depth++;
		else if (token_is(token, ")") && --depth == 0)
			return n;
		else if (n == 0 || (depth == 1 && token_is(token, ",")))
			n++;
	}
}

static bool is_definition(struct arena *arena, struct str statement,
                          const struct error_frame *frame)
{
	size_t at = 0, in_frame = 0;
	struct token token = token_next(statement, &at);

	if (!token_is(token, "create"))
		return false;
	token = token_next(statement, &at);
	if (token_is(token, "or")) {
		(void)token_next(statement, &at);
		token = token_next(statement, &at);
	}
	if (!token_is(token, "function") && !token_is(token, "procedure"))
		return false;

	const char *name = read_name(arena, statement, &at);
	if (frame->kind == FRAME_SQL) /* its name is not quoted, and has no arguments */
		return name != NULL && str_eq(frame->name, str_of(name));
	return str_same(read_name(arena, frame->name, &in_frame), name) &&
	       count_arguments(frame->name, in_frame) == count_arguments(statement, at);
}

/* Finds the last definition before a statement. */
static bool find_definition(struct failure_text *text, const struct error_frame *frame,
                            size_t before, struct failure_statement *found)
{
	const struct split_options options = {
		.path = text->migration->path,
		.max_statement_size = text->run->settings->max_statement_size,
		.context = {.server_version = text->run->db->server_version},
	};
	struct error ignored = ERROR_INIT(&text->arena);
	struct placeholder_source filter;
	struct statement statement;
	bool is_found = false;
	struct text_source *source = text->again.read(text->again.ctx, &ignored);

	if (source == NULL)
		return false;
	if (text->again.placeholders != NULL) {
		placeholder_source_open(&filter, source, text->again.placeholders,
		                        text->again.file_name);
		source = &filter.source;
	}
	struct splitter *splitter = split_open(db_dialect(text->run->db), source, &options);
	while (split_next(splitter, &statement, &ignored) == SPLIT_STATEMENT &&
	       statement.offset < before) {
		struct str sent = {statement.text, statement.len};

		if (!is_definition(&text->arena, sent, frame))
			continue;
		is_found = true;
		*found = (struct failure_statement){statement.offset,
		                                    {str_dup(&text->arena, sent), sent.len}};
	}
	split_close(splitter);
	if (text->again.placeholders != NULL)
		placeholder_source_close(&filter);
	return is_found;
}

/* --- notes --------------------------------------------------------------------------------- */

static void note_function(struct failure_text *text, const struct failure_statement *statement,
                          const struct error_frame *frame, const struct sql_place *place,
                          struct error *err)
{
	const char *name = str_dup(&text->arena, frame->name);
	struct failure_statement definition;
	struct source_line line;
	size_t at;

	if (find_definition(text, frame, statement->offset, &definition) &&
	    failure_function_line(definition.sent, frame, place, &at) &&
	    failure_text_line(text, &definition, definition.offset + at, &line)) {
		const struct note_place where = {text->migration->path, line.line, line.column};

		error_locate(err, NOTE_CAUSE, &where, "in function %s: %s:%zu:%zu\n%s", name,
		             where.path, where.line, where.column,
		             source_line_show(err->arena, &line));
	} else if (frame->kind == FRAME_SQL && frame->statement > 0) {
		error_explain(err, NOTE_CAUSE, "in statement %zu of function %s", frame->statement,
		              name);
	} else if (frame->line > 0) {
		error_explain(err, NOTE_CAUSE, "in line %zu of function %s", frame->line, name);
	}
}

struct query {
	struct str text;
	struct text_memory memory;
};

static struct text_source *read_query(void *ctx, struct error *err)
{
	struct query *query = ctx;

	(void)err;
	text_memory_init(&query->memory, query->text, 0);
	return &query->memory.source;
}

/* Shows the query that a function has put together, with a caret of its own. */
static void note_query(struct failure_text *text, const struct sql_place *place, struct error *err)
{
	struct error ignored = ERROR_INIT(&text->arena);
	struct query query = {.text = str_of(place->internal_query)};
	const struct script_again script = {.read = read_query, .ctx = &query};
	struct source_line line;
	size_t at = script_place_of_character(query.text, place->internal_position);

	if (query.text.len == 0 || place->internal_position == 0 ||
	    !script_place_line(&script, at, &text->arena, &line, &ignored))
		return;
	failure_text_hide(text, query.text, &line);
	error_explain(err, NOTE_CAUSE, "in the query that was run there:\n%s",
	              source_line_show(err->arena, &line));
}

/* Is the query written in the function or the block itself? Then its place has been noted. */
static bool is_query_written(struct failure_text *text, const struct failure_statement *statement,
                             const struct error_frame *frame, const struct sql_place *place)
{
	struct failure_statement definition = *statement;
	struct str body;
	size_t from;

	if (place->internal_query == NULL)
		return true;
	if (frame->kind != FRAME_BLOCK &&
	    !find_definition(text, frame, statement->offset, &definition))
		return false;
	return find_body(definition.sent, frame->kind, &body) &&
	       find_written(body, str_of(place->internal_query), &from) < body.len;
}

/* The innermost function; a block that a function has run is written nowhere. */
static bool find_function(struct str statement, struct str rest, struct error_frame *frame)
{
	struct str body;

	while (error_context_next(&rest, frame)) {
		if (frame->kind == FRAME_FUNCTION || frame->kind == FRAME_SQL)
			return true;
		if (frame->kind == FRAME_BLOCK && find_body(statement, FRAME_BLOCK, &body))
			return false;
	}
	return false;
}

void failure_function_note(struct failure_text *text, const struct failure_statement *statement,
                           const struct sql_place *place, struct error *err)
{
	struct str rest = str_of(place->context);
	struct error_frame innermost, function;

	if (place->position > 0 || !error_context_next(&rest, &innermost))
		return;
	if (find_function(statement->sent, str_of(place->context), &function))
		note_function(text, statement, &function, place, err);
	if (!is_query_written(text, statement, &innermost, place))
		note_query(text, place, err);
}
