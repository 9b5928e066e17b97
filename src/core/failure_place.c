/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure_place.c - notes which line and column of its file a failed statement has failed at
 *
 * Nothing is kept for this while a script runs, but the offset of each statement in flight. The
 * text is read again once for each question; that costs only who fails.
 */
#include "failure_place.h"

#include "cflyway/core/session.h"
#include "cflyway/sql/client_command_remedy.h"
#include "cflyway/sql/password_literal.h"
#include "cflyway/sql/script_place.h"

#include <stdlib.h>

enum { MAX_STATEMENT = 1 << 30, MAX_MASKS = 1000 };

struct failure {
	struct script *script;
	const struct run *run;
	const struct migration *migration;
	const struct script_text *text;
	const struct in_flight *statement;
	struct script_again again;
	struct arena arena; /* of what follows */
	struct str sent;    /* the statement */
	/* Offsets in sent of literals to hide, and in the script: two for each. */
	size_t *masks, masks_n;
};

/* --- the script once more ------------------------------------------------------------------ */

/* Rewinds the file, which is still open: a file that was put in its place is another one. */
static struct text_source *rewind_file(const struct failure *failure, struct error *err)
{
	struct script *script = failure->script;
	const struct migration *migration = failure->migration;

	part_source_close(&script->part);
	if (!text_file_again(&script->file, migration->encoding, err))
		return NULL;
	return part_source_open(&script->part, &migration->part, migration->path,
	                        &script->file.source);
}

static struct text_source *read_again(void *ctx, struct error *err)
{
	const struct failure *failure = ctx;

	if (failure->text == NULL || !failure->text->is_known)
		return rewind_file(failure, err);
	text_memory_init(&failure->script->memory, buf_str(&failure->text->text), 0);
	return &failure->script->memory.source;
}

/* What has run is a copy: is the file still what was copied? */
static bool is_as_copied(const struct failure *failure, struct error *err)
{
	const struct migration *migration = failure->migration;
	struct script *script = failure->script;
	int32_t sum;

	if (script->copy.file.fd < 0 || !migration->has_checksum)
		return true;
	struct text_source *source = rewind_file(failure, err);
	if (source == NULL)
		return false;
	placeholder_source_close(&script->filter);
	if (!migration_is_versioned(migration))
		source = script_filter(script, failure->run, migration, source, false);
	return checksum_source(source, &sum, err) && sum == migration->checksum;
}

/* --- the offset in the statement ----------------------------------------------------------- */

/* Reads the statement as it was sent. False: there is no such text. */
static bool read_statement(struct failure *failure, struct error *err)
{
	const struct in_flight *statement = failure->statement;
	struct buf text = BUF_EMPTY(MAX_STATEMENT);
	bool ok = script_place_text(&failure->again, statement->offset, statement->len, &text, err);

	ok = ok && text.len == statement->len;
	failure->sent = (struct str){str_dup(&failure->arena, buf_str(&text)), text.len};
	buf_release(&text);
	return ok;
}

/*
 * At its end a server that gets the statement without its semicolon misses something: the place is
 * that of the semicolon, if only blanks are before it.
 */
static bool find_delimiter(const struct failure *failure, size_t *offset, struct error *err)
{
	enum { AHEAD = 1000 };
	struct buf text = BUF_EMPTY(AHEAD);
	bool ok = script_place_text(&failure->again, *offset, AHEAD, &text, err);
	struct str rest = str_trim_left(buf_str(&text));

	if (ok && str_starts(rest, STR(";")))
		*offset += text.len - rest.len;
	buf_release(&text);
	return ok;
}

/* Finds the offset as sent of what the database complains about. */
static bool find_offset(const struct failure *failure, const struct sql_place *place,
                        size_t *offset, struct error *err)
{
	const struct in_flight *statement = failure->statement;
	size_t at = statement->token;

	if (place->position > 0)
		at = script_place_of_character(failure->sent, place->position);
	*offset = statement->offset + at;
	return at < failure->sent.len || find_delimiter(failure, offset, err);
}

/* --- the line ------------------------------------------------------------------------------ */

static void find_masks(struct failure *failure)
{
	size_t from = 0, to = 0;

	failure->masks = arena_array(&failure->arena, 2 * MAX_MASKS, sizeof(*failure->masks));
	while (failure->masks_n < 2 * MAX_MASKS &&
	       password_literal_find(failure->sent, to, &from, &to)) {
		failure->masks[failure->masks_n++] = failure->statement->offset + from;
		failure->masks[failure->masks_n++] = failure->statement->offset + to;
	}
}

/*
 * Does the statement fail at a command of psql or sqlite3? Both databases stumble over a backslash,
 * and SQLite over the dot that begins a statement.
 */
static bool find_client_command(const struct failure *failure, size_t offset,
                                struct client_command_remedy *remedy)
{
	const size_t at = offset - failure->statement->offset;
	struct str sent = failure->sent;

	return at < sent.len && (sent.ptr[at] == '\\' || at == failure->statement->token) &&
	       client_command_remedy_find(str_sub(sent, at, sent.len), remedy);
}

/* "\connect postgres://user:password@host" */
static void mask_arguments(struct failure *failure, size_t offset)
{
	struct client_command_remedy remedy;
	struct str rest;

	if (!find_client_command(failure, offset, &remedy) || !remedy.has_secrets)
		return;
	rest = str_sub(failure->sent, offset - failure->statement->offset, failure->sent.len);
	const size_t line = str_find_char(rest, '\n');
	const size_t begin = offset + remedy.command.len + 1; /* the blank stays */

	/* Masks ascend, and do not overlap. */
	while (failure->masks_n > 0 && failure->masks[failure->masks_n - 1] > begin)
		failure->masks_n -= 2;
	if (begin >= offset + line || failure->masks_n == 2 * MAX_MASKS)
		return;
	failure->masks[failure->masks_n++] = begin;
	failure->masks[failure->masks_n++] = offset + line;
}

static bool read_line(struct failure *failure, size_t offset, struct source_line *line,
                      struct error *err)
{
	size_t ends[] = {failure->statement->offset,
	                 failure->statement->offset + failure->statement->len};
	size_t at = offset;

	find_masks(failure);
	mask_arguments(failure, offset);
	if (!script_place_map(&failure->again, &at, 1, err) ||
	    !script_place_map(&failure->again, ends, COUNT(ends), err) ||
	    !script_place_map(&failure->again, failure->masks, failure->masks_n, err) ||
	    !script_place_line(&failure->again, at, &failure->arena, line, err))
		return false;
	source_line_clip(line, ends[0], ends[1]);
	for (size_t i = failure->masks_n; i > 0; i -= 2)
		source_line_mask(&failure->arena, line, failure->masks[i - 2],
		                 failure->masks[i - 1]);
	return true;
}

static void add_note(const struct failure *failure, const struct source_line *line,
                     struct error *err)
{
	const struct note_place place = {failure->migration->path, line->line, line->column};

	error_locate(err, NOTE_PLACE, &place, "%s:%zu:%zu\n%s", place.path, place.line,
	             place.column, source_line_show(err->arena, line));
}

static void note_client_command(const struct failure *failure, size_t offset, struct error *err)
{
	struct client_command_remedy remedy;

	if (!find_client_command(failure, offset, &remedy))
		return;
	error_explain(err, NOTE_CAUSE, "%.*s is a command of %s, not SQL", (int)remedy.command.len,
	              remedy.command.ptr, remedy.client);
	error_explain(err, NOTE_NEXT, "in place of %.*s: %s", (int)remedy.command.len,
	              remedy.command.ptr, remedy.instead);
}

void failure_place_note(struct script *script, const struct run *run,
                        const struct migration *migration, const struct script_text *text,
                        const struct in_flight *statement, struct error *err)
{
	struct failure failure = {
		.script = script,
		.run = run,
		.migration = migration,
		.text = text,
		.statement = statement,
	};
	struct error ignored = ERROR_INIT(err->arena);
	struct source_line line;
	size_t offset;

	failure.again = (struct script_again){
		.read = read_again,
		.ctx = &failure,
		.placeholders =
			migration->replace_placeholders ? &run->session->placeholders : NULL,
		.file_name = migration->placeholder_name,
	};
	arena_init(&failure.arena);
	if (is_as_copied(&failure, &ignored) && read_statement(&failure, &ignored) &&
	    find_offset(&failure, &err->sql->place, &offset, &ignored) &&
	    read_line(&failure, offset, &line, &ignored)) {
		add_note(&failure, &line, err);
		note_client_command(&failure, offset, err);
	}
	arena_release(&failure.arena);
}
