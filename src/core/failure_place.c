/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure_place.c - notes which line and column of its file a failed statement has failed at
 *
 * Nothing is kept for this while a script runs, but the offset of each statement in flight. The
 * text is read again once for each question; that costs only who fails.
 */
#include "failure_place.h"

#include "failure_function.h"
#include "failure_text.h"

#include "cflyway/sql/client_command_remedy.h"
#include "cflyway/sql/error_context.h"
#include "cflyway/sql/values_row.h"

#include <stdint.h>

/*
 * At its end a server that gets the statement without its semicolon misses something: the place is
 * that of the semicolon, if only blanks are before it.
 */
static size_t find_delimiter(struct failure_text *text, size_t offset)
{
	enum { AHEAD = 1000 };
	struct error ignored = ERROR_INIT(&text->arena);
	struct buf after = BUF_EMPTY(AHEAD);
	bool ok = script_place_text(&text->again, offset, AHEAD, &after, &ignored);
	struct str rest = str_trim_left(buf_str(&after));

	if (ok && str_starts(rest, STR(";")))
		offset += after.len - rest.len;
	buf_release(&after);
	return offset;
}

/* The frame of COPY or of the block of DO itself, which is the outermost. */
static bool find_frame(const struct sql_place *place, enum frame_kind kind,
                       struct error_frame *found)
{
	struct str rest = str_of(place->context);
	struct error_frame frame;
	bool is_there = false;

	while (error_context_next(&rest, &frame))
		if (frame.kind == kind) {
			*found = frame;
			is_there = true;
		}
	return is_there;
}

/* Finds the offset as sent of what the database complains about. */
static size_t find_offset(struct failure_text *text, const struct failure_statement *statement,
                          size_t token, const struct sql_failure *sql)
{
	const struct sql_place *place = &sql->place;
	struct error_frame frame;
	struct row_key key;
	size_t at = token, len = statement->sent.len;

	if (place->position > 0)
		at = script_place_of_character(statement->sent, place->position);
	else if (find_frame(place, FRAME_BLOCK, &frame))
		(void)failure_function_line(statement->sent, &frame, place, &at);
	else if (row_key_read(&key, str_of(place->detail), sql->state))
		(void)values_row_find(statement->sent, &key, &at);
	return at < len ? statement->offset + at : find_delimiter(text, statement->offset + len);
}

static void add_note(const struct failure_text *text, const struct source_line *line,
                     const char *what, struct error *err)
{
	const struct note_place place = {text->migration->path, line->line, line->column};
	const char *column = line->column > 0 ? arena_printf(err->arena, ":%zu", line->column) : "";

	error_locate(err, NOTE_PLACE, &place, "%s:%zu%s%s\n%s", place.path, place.line, column,
	             what, source_line_show(err->arena, line));
}

/* --- COPY ---------------------------------------------------------------------------------- */

static bool is_separator(struct str text, size_t at)
{
	return at >= text.len || strchr("\t,;|\" ", text.ptr[at]) != NULL;
}

/* Points at the value if it occurs once. */
static void find_value(struct source_line *line, struct str value)
{
	size_t at = 0, found = SIZE_MAX;

	line->caret = 0;
	for (; value.len > 0 && at + value.len <= line->text.len; at++)
		if (str_starts(str_sub(line->text, at, line->text.len), value) &&
		    (at == 0 || is_separator(line->text, at - 1)) &&
		    is_separator(line->text, at + value.len)) {
			if (found != SIZE_MAX)
				found = SIZE_MAX - 1;
			else
				found = at;
		}
	if (found < line->text.len && !line->is_cut_before) {
		line->caret = found;
		line->column = script_place_character(line->text, found);
	} else {
		line->column = 0;
	}
}

/* Finds a line of the rows. False: the database names none. */
static bool note_copy(struct failure_text *text, const struct failure_statement *statement,
                      const struct sql_place *place, struct error *err)
{
	struct error ignored = ERROR_INIT(&text->arena);
	size_t end = statement->offset + statement->sent.len, offset;
	struct error_frame frame;
	struct source_line line;
	const char *what = "";

	if (!find_frame(place, FRAME_COPY, &frame) ||
	    !script_place_next_line(&text->again, end, frame.line, &offset, &ignored) ||
	    !failure_text_line(text, statement, offset, &line))
		return false;
	find_value(&line, frame.value);
	if (frame.detail.len > 0)
		what = arena_printf(&text->arena, ": %.*s", (int)frame.detail.len,
		                    frame.detail.ptr);
	add_note(text, &line, failure_text_without_values(text, what), err);
	return true;
}

/* ------------------------------------------------------------------------------------------- */

/*
 * Does the statement fail at a command of psql or sqlite3? Both databases stumble over a backslash,
 * and SQLite over the dot that begins a statement.
 */
static bool find_client_command(const struct failure_statement *statement, size_t token,
                                size_t offset, struct client_command_remedy *remedy)
{
	const size_t at = offset - statement->offset;
	struct str sent = statement->sent;

	return at < sent.len && (sent.ptr[at] == '\\' || at == token) &&
	       client_command_remedy_find(str_sub(sent, at, sent.len), remedy);
}

/* Hides the arguments of "\connect postgres://user:password@host". */
static void hide_arguments(struct failure_text *text, const struct client_command_remedy *remedy,
                           struct source_line *line)
{
	const size_t at = line->begin + line->caret + remedy->command.len + 1; /* the blank stays */

	if (remedy->has_secrets && at < line->begin + line->text.len)
		source_line_mask(&text->arena, line, at, line->begin + line->text.len);
}

static void note_client_command(const struct client_command_remedy *remedy, struct error *err)
{
	error_explain(err, NOTE_CAUSE, "%.*s is a command of %s, not SQL", (int)remedy->command.len,
	              remedy->command.ptr, remedy->client);
	error_explain(err, NOTE_NEXT, "in place of %.*s: %s", (int)remedy->command.len,
	              remedy->command.ptr, remedy->instead);
}

/* Notes the character of the statement that the database complains about. */
static void note_statement(struct failure_text *text, const struct failure_statement *statement,
                           size_t token, struct error *err)
{
	const struct sql_place *place = &err->sql->place;
	const size_t offset = find_offset(text, statement, token, err->sql);
	struct client_command_remedy remedy;
	struct source_line line;

	if (!failure_text_line(text, statement, offset, &line))
		return;
	if (find_client_command(statement, token, offset, &remedy)) {
		hide_arguments(text, &remedy, &line);
		note_client_command(&remedy, err);
	}
	add_note(text, &line, "", err);
	failure_function_note(text, statement, place, err);
}

void failure_place_note(struct script *script, const struct run *run,
                        const struct migration *migration, const struct script_text *kept,
                        const struct in_flight *in_flight, struct error *err)
{
	struct failure_statement statement;
	struct failure_text text;

	if (failure_text_open(&text, script, run, migration, kept) &&
	    failure_text_read(&text, in_flight->offset, in_flight->len, &statement) &&
	    !(in_flight->is_copy && note_copy(&text, &statement, &err->sql->place, err)))
		note_statement(&text, &statement, in_flight->token, err);
	failure_text_close(&text);
}

void failure_place_note_unparsed(struct script *script, const struct run *run,
                                 const struct migration *migration, size_t offset,
                                 struct error *err)
{
	struct failure_statement statement;
	struct failure_text text;
	struct source_line line;

	if (failure_text_open(&text, script, run, migration, NULL) &&
	    failure_text_read(&text, offset, SIZE_MAX, &statement) &&
	    failure_text_line(&text, &statement, offset, &line))
		add_note(&text, &line, "", err);
	failure_text_close(&text);
}
