/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit_failure.c - which script, and which row of it, has made a COMMIT fail
 *
 * The server checks what is deferred in the order in which the rows came. So of several rows with
 * the wrong key the first has failed; of several with a key that may exist once, the second. Rows
 * are found by their literals, so no row is named if a statement may change them, or add others.
 */
#include "commit_failure.h"

#include "failure_function.h"
#include "failure_text.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/sql/copy_row.h"
#include "cflyway/sql/token.h"

#include <stdint.h>

enum {
	LINE_MAX_BYTES = 1 << 20, /* a longer row of a COPY is not looked at */
	SQLITE_CONSTRAINT_CODE = 19,
};

/* --- the row ------------------------------------------------------------------------------- */

/* A row that has the key. */
struct found_row {
	const struct step *step;
	size_t statement, len; /* offset as sent, and length of the statement */
	size_t offset;         /* as sent, of a row of INSERT */
	size_t line;           /* of a row of COPY, from 1; otherwise 0 */
};

struct row_search {
	const struct run *run;
	const char *table;
	struct row_key key;
	struct found_row rows[2]; /* the first ones */
	size_t n;
	bool is_vague;
	bool may_differ; /* a statement may have changed rows, or added some without literals */
	struct arena arena;
};

static void add_row(struct row_search *search, const struct found_row *row)
{
	if (search->n < COUNT(search->rows))
		search->rows[search->n] = *row;
	search->n++;
}

/*
 * What a function or a rule does is not known, nor which rows ON UPDATE CASCADE reaches. A view or
 * a plain SELECT changes nothing, and a function that a SELECT calls is assumed to change nothing;
 * nor are triggers of earlier migrations known.
 */
static bool may_change_rows(const struct statement *statement)
{
	/* A statement that begins so, and has one of these words; NULL: it need not have one. */
	static const struct {
		const char *first, *words[5];
	} changing[] = {
		{"alter", {"using", "type", "rename", "attach"}},
		{"call", {NULL}},
		{"create", {"function", "procedure", "rule", "trigger"}},
		{"delete", {NULL}},
		{"do", {NULL}},
		{"drop", {NULL}},
		{"execute", {NULL}},
		{"explain", {NULL}},
		{"insert", {"select", "update"}},
		{"merge", {NULL}},
		{"rollback", {NULL}},
		{"truncate", {NULL}},
		{"update", {NULL}},
		{"with", {NULL}},
	};
	const struct str text = {statement->text, statement->len};
	size_t at = 0, row = 0;
	struct token token = token_next(text, &at);

	/* From a file of the server, or from a program. */
	if (token_is(token, "copy"))
		return (statement->flags & STATEMENT_COPY_IN) == 0;
	while (row < COUNT(changing) && !token_is(token, changing[row].first))
		row++;
	if (row == COUNT(changing) || changing[row].words[0] == NULL)
		return row < COUNT(changing);
	for (; token.kind != TOKEN_END; token = token_next(text, &at))
		for (size_t i = 0; changing[row].words[i] != NULL; i++)
			if (token_is(token, changing[row].words[i]))
				return true;
	return false;
}

static void look_at_insert(struct row_search *search, const struct step *step,
                           const struct statement *statement)
{
	struct row_matches matches;

	values_row_matches((struct str){statement->text, statement->len}, &search->key,
	                   search->table, &matches);
	search->is_vague |= matches.is_vague;
	search->may_differ |= matches.is_computed || matches.may_be_computed;
	for (size_t i = 0; i < matches.n; i++) {
		const struct found_row row = {
			.step = step,
			.statement = statement->offset,
			.len = statement->len,
			.offset = statement->offset +
		                  matches.offsets[i < COUNT(matches.offsets) ? i : 0],
		};

		add_row(search, &row);
	}
}

static void look_at_line(struct row_search *search, const struct copy_format *format,
                         const struct found_row *row, struct str line)
{
	if (!copy_row_has(format, &search->key, line))
		return;
	search->is_vague |= format->columns.n == 0;
	add_row(search, row);
}

/* Reads the rows in pieces; a line may begin in one and end in another. False: unreadable. */
static bool look_at_copy(struct row_search *search, struct found_row row,
                         const struct copy_format *format, struct splitter *splitter,
                         struct error *err)
{
	struct buf line = BUF_EMPTY(LINE_MAX_BYTES);
	struct str piece;
	bool ok;

	while ((ok = split_copy_data(splitter, &piece, err)) && piece.len > 0) {
		while (piece.ptr != NULL && piece.len > 0) {
			const bool has_end = str_find_char(piece, '\n') < piece.len;

			const struct str part = str_cut(&piece, '\n');

			buf_append(&line, part.ptr, part.len);
			if (!has_end)
				break;
			row.line++;
			look_at_line(search, format, &row, buf_str(&line));
			line.len = 0;
		}
	}
	buf_release(&line);
	return ok;
}

/* False: no row can be named: the script cannot be read, is not what has run, or changes rows. */
static bool look_at_script(struct row_search *search, const struct step *step)
{
	const struct migration *migration = step->migration;
	struct error ignored = ERROR_INIT(&search->arena);
	struct script script = SCRIPT_CLOSED;
	struct statement statement;
	struct copy_format format;
	bool ok = script_open(&script, search->run, migration, &step->text, &ignored);

	while (ok && split_next(script.splitter, &statement, &ignored) == SPLIT_STATEMENT) {
		const struct found_row row = {
			.step = step, .statement = statement.offset, .len = statement.len};
		const struct str text = {statement.text, statement.len};

		search->may_differ |= may_change_rows(&statement);
		if (search->may_differ)
			break;
		if ((statement.flags & STATEMENT_COPY_IN) == 0)
			look_at_insert(search, step, &statement);
		else if (copy_format_read(&format, &search->arena, text) &&
		         str_same(format.table, search->table))
			ok = look_at_copy(search, row, &format, script.splitter, &ignored);
	}
	ok = ok && !search->may_differ && !ignored.is_set &&
	     script_verify(&script, migration, &ignored);
	script_close(&script);
	return ok;
}

/* NULL: none, or several may be meant. */
static const struct found_row *find_row(struct row_search *search, const struct step *steps,
                                        size_t n)
{
	const size_t enough = search->key.is_duplicate ? 2 : 1;

	if (callbacks_in_migrations(search->run))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (steps[i].migration->program == NULL && !look_at_script(search, &steps[i]))
			return NULL;
	if (search->n == 0 || (search->is_vague && search->n > enough))
		return NULL;
	return &search->rows[(search->n < enough ? search->n : enough) - 1];
}

static void note_row(struct failure_text *text, const struct found_row *row, struct error *err)
{
	struct error ignored = ERROR_INIT(&text->arena);
	struct failure_statement statement;
	struct source_line line;
	size_t offset = row->offset;

	if (!failure_text_read(text, row->statement, row->len, &statement) ||
	    (row->line > 0 && !script_place_next_line(&text->again, row->statement + row->len,
	                                              row->line, &offset, &ignored)) ||
	    !failure_text_line(text, &statement, offset, &line))
		return;
	if (row->line > 0)
		line.column = line.caret = 0;

	const struct note_place place = {text->migration->path, line.line, line.column};
	const char *column = line.column > 0 ? arena_printf(err->arena, ":%zu", line.column) : "";

	error_locate(err, NOTE_PLACE, &place, "%s:%zu%s: this row\n%s", place.path, place.line,
	             column, source_line_show(err->arena, &line));
}

/* --- the script ---------------------------------------------------------------------------- */

/* Calls note with the text of the step's script, if it can be read again. */
static void with_text(const struct run *run, const struct step *step, const void *ctx,
                      void (*note)(struct failure_text *text, const void *ctx, struct error *err),
                      struct error *err)
{
	struct error ignored = ERROR_INIT(run->arena);
	struct script script = SCRIPT_CLOSED;
	struct failure_text text;

	if (script_open(&script, run, step->migration, &step->text, &ignored)) {
		if (failure_text_open(&text, &script, run, step->migration, &step->text))
			note(&text, ctx, err);
		failure_text_close(&text);
	}
	script_close(&script);
}

static void note_row_of(struct failure_text *text, const void *ctx, struct error *err)
{
	note_row(text, ctx, err);
}

/* The trigger runs after the last statement. */
static void note_function_of(struct failure_text *text, const void *ctx, struct error *err)
{
	const struct failure_statement after = {SIZE_MAX, STR("")};

	failure_function_note(text, &after, ctx, err);
}

static bool is_deferred(const struct sql_failure *sql)
{
	if (sql->state == NULL)
		return sql->code == SQLITE_CONSTRAINT_CODE;
	return strncmp(sql->state, "23", 2) == 0 || sql->place.context != NULL;
}

/* "sql/V1__a.sql", or "the group from sql/V1__a.sql to sql/V9__z.sql". */
static const char *name_scripts(struct arena *arena, const struct step *steps, size_t n)
{
	return n == 1 ? steps->migration->path
	              : arena_printf(arena, "the group from %s to %s", steps[0].migration->path,
	                             steps[n - 1].migration->path);
}

static void note_commit(const struct step *steps, size_t n, struct error *err)
{
	const struct sql_failure *sql = err->sql;
	const char *whose = name_scripts(err->arena, steps, n);

	if (!is_deferred(sql))
		error_explain(err, NOTE_CAUSE, "it was the COMMIT of %s that failed", whose);
	else if (sql->object.constraint != NULL)
		error_explain(err, NOTE_CAUSE,
		              "%s is checked at COMMIT: all statements of %s had succeeded",
		              sql->object.constraint, whose);
	else
		error_explain(err, NOTE_CAUSE,
		              "a deferred constraint or trigger has failed at COMMIT: all "
		              "statements of %s had succeeded",
		              whose);
}

const char *commit_failure_note(const struct run *run, const struct step *steps, size_t n,
                                struct error *err)
{
	const struct sql_failure *sql = err->sql;
	struct row_search search = {.run = run, .table = sql->object.table};
	const struct found_row *row = NULL;

	note_commit(steps, n, err);
	arena_init(&search.arena);
	if (search.table != NULL &&
	    row_key_read(&search.key, str_of(sql->place.detail), sql->state))
		row = find_row(&search, steps, n);
	if (row != NULL)
		with_text(run, row->step, row, note_row_of, err);
	else if (n == 1 && sql->place.context != NULL)
		with_text(run, steps, &sql->place, note_function_of, err);
	arena_release(&search.arena);
	if (row != NULL)
		return row->step->migration->path;
	return n == 1 ? steps->migration->path : NULL;
}
