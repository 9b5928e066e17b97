/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.c - cuts a script into statements
 *
 * The lexer finds the ends and the dialect sets the flags; this file makes the text of a statement,
 * which is a view of the window, and the errors.
 */
#include "cflyway/sql/split.h"

#include "copy_data.h"
#include "dialect_private.h"
#include "lexer.h"

#include "cflyway/base/excerpt.h"

#include <stdint.h>
#include <string.h>

struct splitter {
	struct arena arena; /* holds the splitter too */
	struct split_options options;
	struct lexer lexer;
	struct error source_error;
	size_t failed_at;              /* see split_failed_at */
	bool is_cut;                   /* a statement has been returned */
	size_t cut;                    /* offset in the window of the NUL after it */
	char cut_byte;                 /* the byte that the NUL replaced */
	struct position copy_position; /* of the statement whose rows are read */
	enum copy_state copy;
};

struct splitter *split_open(const struct dialect *dialect, struct text_source *source,
                            const struct split_options *options)
{
	struct arena arena = ARENA_EMPTY;
	struct splitter *splitter = arena_alloc(&arena, sizeof(*splitter));

	*splitter = (struct splitter){
		.arena = arena, .options = *options, .copy = COPY_DONE, .failed_at = SIZE_MAX};
	error_init(&splitter->source_error, &splitter->arena);
	lexer_open(&splitter->lexer, dialect, source, options->max_statement_size,
	           &splitter->source_error);
	return splitter;
}

void split_close(struct splitter *splitter)
{
	if (splitter == NULL)
		return;
	struct arena arena = splitter->arena;
	lexer_close(&splitter->lexer);
	arena_release(&arena);
}

size_t split_failed_at(const struct splitter *splitter)
{
	return splitter->failed_at;
}

size_t split_open_comment(const struct splitter *splitter)
{
	return splitter->lexer.unbalanced ? splitter->lexer.comment_line : 0;
}

size_t split_position(const struct splitter *splitter)
{
	const struct window *window = &splitter->lexer.window;

	return window->dropped + window->pos;
}

/* Puts the position in front of the error that is set. */
static enum split_result fail_at(const struct splitter *splitter, struct position position,
                                 struct error *err)
{
	error_wrap(err,
	           "Unable to parse statement in %s at line %zu col %zu. See "
	           "https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic="
	           "learn-more-about-flyway/troubleshooting/known-parser-limitations"
	           " for more information. %s",
	           splitter->options.path, position.line, position.column,
	           error_without_class(err->message));
	return SPLIT_FAILED;
}

static enum split_result fail_source(const struct splitter *splitter, struct position position,
                                     struct error *err)
{
	error_set(err, splitter->source_error.code, "%s", splitter->source_error.message);
	note_list_join(err->arena, &err->notes, &splitter->source_error.notes);
	return fail_at(splitter, position, err);
}

static enum split_result fail_incomplete(const struct splitter *splitter, struct position position,
                                         struct str text, struct error *err)
{
	/* DIFFERS: Flyway shows the whole rest of the script. */
	error_set(err, ERROR_GENERAL, "Incomplete statement at line %zu col %zu: %s", position.line,
	          position.column, excerpt(err->arena, text));
	return fail_at(splitter, position, err);
}

static enum split_result fail_too_long(const struct splitter *splitter, struct position position,
                                       struct error *err)
{
	error_set(err, ERROR_GENERAL,
	          "The statement in %s at line %zu is longer than %zu bytes. "
	          "Set cflyway.maxStatementSize to allow longer statements.",
	          splitter->options.path, position.line, splitter->options.max_statement_size);
	return SPLIT_FAILED;
}

static bool fail_copy(struct splitter *splitter, enum copy_result result, struct error *err)
{
	struct position position = splitter->copy_position;

	if (result == COPY_FAILED) {
		fail_source(splitter, position, err);
		return false;
	}
	/* DIFFERS: 12.4.0 never ends on such a script. */
	return error_set(err, ERROR_GENERAL,
	                 "The rows of the COPY statement in %s at line %zu do not end: "
	                 "there is no line \"\\.\" behind them.",
	                 splitter->options.path, position.line);
}

/* Restores the byte after the returned statement, which is no longer needed. */
static void restore_cut_byte(struct splitter *splitter)
{
	if (splitter->is_cut)
		splitter->lexer.window.text.ptr[splitter->cut] = splitter->cut_byte;
	splitter->is_cut = false;
}

bool split_copy_data(struct splitter *splitter, struct str *piece, struct error *err)
{
	restore_cut_byte(splitter);
	enum copy_result result = copy_data_next(&splitter->lexer.window, &splitter->copy, piece);

	if (result == COPY_PIECE)
		return true;
	*piece = STR("");
	return result == COPY_END ? true : fail_copy(splitter, result, err);
}

static bool skip_copy_data(struct splitter *splitter, struct error *err)
{
	struct str piece;

	do {
		if (!split_copy_data(splitter, &piece, err))
			return false;
	} while (piece.len > 0);
	return true;
}

/*
 * Fills in the statement in the window from start to end; place is that of its first token. Its
 * text is NUL-terminated in place until restore_cut_byte. False: the text contains a NUL.
 */
static bool describe(struct splitter *splitter, size_t end, size_t place, struct position position,
                     struct statement *statement)
{
	struct lexer *lexer = &splitter->lexer;
	struct window *window = &lexer->window;
	struct str text = str_trim(str_sub(buf_str(&window->text), window->start, end));

	if (memchr(text.ptr, '\0', text.len) != NULL)
		return false;
	splitter->is_cut = true;
	splitter->cut = (size_t)(text.ptr - window->text.ptr) + text.len;
	splitter->cut_byte = window->text.ptr[splitter->cut];
	window->text.ptr[splitter->cut] = '\0';

	unsigned flags = lexer->dialect->flags(&lexer->words, text, &splitter->options.context);
	if (lexer->unbalanced)
		flags = (flags | STATEMENT_SEVERAL) & ~(unsigned)STATEMENT_COPY_IN;
	*statement = (struct statement){
		.text = text.ptr,
		.len = text.len,
		.offset = window->dropped + splitter->cut - text.len,
		.token = place - (splitter->cut - text.len),
		.line = position.line,
		.column = position.column,
		.flags = flags,
		.batchable = words_batchable(&lexer->words),
	};
	return true;
}

/* Where messages say that the statement is. A first END is not yet a token of it: measured. */
static size_t place_of(const struct lexer *lexer, enum lexer_end ending)
{
	struct str text = str_sub(buf_str(&lexer->window.text), lexer->window.start + lexer->token,
	                          lexer->window.text.len);
	bool is_end = ending == LEXER_BELOW_BLOCK && str_starts_nocase(text, STR("END"));

	return lexer->window.start + (is_end ? lexer->before : lexer->token);
}

static enum split_result finish(struct splitter *splitter, struct statement *statement,
                                struct error *err)
{
	struct lexer *lexer = &splitter->lexer;
	struct window *window = &lexer->window;
	enum lexer_end ending = lexer_finish(lexer);
	bool failed = window_failed_before_pos(window);
	size_t place = place_of(lexer, ending);
	struct position position = window_position(window, place);
	size_t end = window->pos;

	bool is_too_long = window_is_too_long(window);
	window->leading = 0; /* rows of COPY may follow */
	if (failed && !is_too_long)
		return fail_source(splitter, position, err);
	splitter->failed_at = window->dropped + place;
	if (is_too_long)
		return fail_too_long(splitter, position, err);
	if (ending == LEXER_BELOW_BLOCK) {
		error_set(err, ERROR_GENERAL,
		          "Parsing failed: unable to decrease block depth below 0");
		return fail_at(splitter, position, err);
	}
	if (ending == LEXER_SCRIPT_END && lexer->words.blocks > 0 && !lexer->words.may_end)
		return fail_incomplete(splitter, position,
		                       str_sub(buf_str(&window->text), window->start, end), err);
	if (ending == LEXER_DELIMITER)
		window->pos++;
	if (!describe(splitter, end, place, position, statement)) {
		error_set(err, ERROR_GENERAL, "The statement holds a NUL character.");
		return fail_at(splitter, position, err);
	}
	splitter->copy = statement->flags & STATEMENT_COPY_IN ? COPY_HEAD : COPY_DONE;
	splitter->copy_position = position;
	return SPLIT_STATEMENT;
}

enum split_result split_next(struct splitter *splitter, struct statement *statement,
                             struct error *err)
{
	struct window *window = &splitter->lexer.window;

	restore_cut_byte(splitter);
	splitter->failed_at = SIZE_MAX;
	if (!skip_copy_data(splitter, err))
		return SPLIT_FAILED;
	if (lexer_begin(&splitter->lexer))
		return finish(splitter, statement, err);
	if (!window->failed)
		return SPLIT_END;
	return fail_source(splitter, window_position(window, window->start + splitter->lexer.token),
	                   err);
}
