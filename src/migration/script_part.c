/* SPDX-License-Identifier: Apache-2.0 */
/* script_part.c - scripts that are parts of a file: what goose, dbmate and tern write */
#include "cflyway/migration/script_part.h"

#include <stdarg.h>

/* --- the reader ---------------------------------------------------------------------------- */

enum { MESSAGE_MAX = 2 * COMMENT_LINE_MAX };

static bool fail_at(const struct part_reader *reader, size_t line, struct error *err,
                    const char *format, ...) PRINTF(4, 5);

/* Always returns false. */
static bool fail_at(const struct part_reader *reader, size_t line, struct error *err,
                    const char *format, ...)
{
	struct buf message = BUF_EMPTY(MESSAGE_MAX);
	va_list args;

	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	error_set(err, ERROR_GENERAL, "%s, line %zu: %s", reader->path, line,
	          message.ptr != NULL ? message.ptr : "the line is too long");
	buf_release(&message);
	return false;
}

/* The line ends stay, so that lines keep their numbers. */
static void keep_text(struct part_reader *reader, struct str text, bool is_marker)
{
	bool is_wanted = reader->now == reader->wanted && !is_marker;

	if (reader->text == NULL)
		return;
	if (is_wanted)
		buf_append(reader->text, text.ptr, text.len);
	else
		buf_repeat(reader->text, '\n', str_count_char(text, '\n'));
}

/* Only comments and empty lines may stand before the first marker. */
static bool check_beginning(const struct part_reader *reader, struct str text, struct error *err)
{
	size_t line = reader->line + 1;

	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] > ' ')
			return fail_at(reader, line, err, "SQL before '%s'", reader->syntax->up);
		line += text.ptr[i] == '\n';
	}
	return true;
}

static bool read_text(void *ctx, struct str text, struct error *err)
{
	struct part_reader *reader = ctx;

	if (reader->now == PART_NONE && !check_beginning(reader, text, err))
		return false;
	keep_text(reader, text, false);
	reader->line += str_count_char(text, '\n');
	return true;
}

static bool begin_up(struct part_reader *reader, size_t line, struct error *err)
{
	if (reader->now != PART_NONE)
		return fail_at(reader, line, err, "a second '%s': the file must be divided",
		               reader->syntax->up);
	reader->now = PART_UP;
	return true;
}

static bool fail_open_statement(const struct part_reader *reader, struct error *err)
{
	return fail_at(reader, reader->statement_line, err, "StatementBegin without StatementEnd");
}

static bool begin_down(struct part_reader *reader, size_t line, struct error *err)
{
	if (reader->now == PART_NONE)
		return fail_at(reader, line, err, "'%s' without '%s' before it",
		               reader->syntax->down, reader->syntax->up);
	if (reader->now == PART_DOWN)
		return fail_at(reader, line, err, "a second '%s'", reader->syntax->down);
	if (reader->statement_line != 0)
		return fail_open_statement(reader, err);
	reader->now = PART_DOWN;
	return true;
}

/* What is between StatementBegin and StatementEnd needs no help: the splitter knows the grammar. */
static bool begin_statement(struct part_reader *reader, size_t line, struct error *err)
{
	if (reader->now == PART_NONE)
		return fail_at(reader, line, err, "StatementBegin before '%s'", reader->syntax->up);
	if (reader->statement_line != 0)
		return fail_open_statement(reader, err);
	reader->statement_line = line;
	return true;
}

static bool end_statement(struct part_reader *reader, size_t line, struct error *err)
{
	if (reader->statement_line == 0)
		return fail_at(reader, line, err, "StatementEnd without StatementBegin");
	reader->statement_line = 0;
	return true;
}

static bool obey(struct part_reader *reader, enum part_mark mark, struct str text,
                 struct error *err)
{
	size_t line = reader->line + 1;

	text = str_trim(text);
	switch (mark) {
	case MARK_UP:
		return begin_up(reader, line, err);
	case MARK_DOWN:
		return begin_down(reader, line, err);
	case MARK_STATEMENT_BEGIN:
		return begin_statement(reader, line, err);
	case MARK_STATEMENT_END:
		return end_statement(reader, line, err);
	case MARK_NO_TRANSACTION:
		reader->found.without_transaction[PART_UP] = true;
		reader->found.without_transaction[PART_DOWN] = true;
		return true;
	case MARK_VARIABLES:
		return fail_at(reader, line, err,
		               "variables of the environment are not replaced: use placeholders");
	case MARK_UNKNOWN:
		return fail_at(reader, line, err, "unknown marker: %.*s", (int)text.len, text.ptr);
	case MARK_INDENTED:
		return fail_at(reader, line, err, "a marker begins in the first column: %.*s",
		               (int)text.len, text.ptr);
	case MARK_NOTHING:
	case MARK_NONE:
		break;
	}
	return true;
}

static bool read_line(void *ctx, struct str text, struct error *err)
{
	struct part_reader *reader = ctx;
	bool without_transaction;
	enum part_mark mark = part_mark_read(reader->syntax, text, &without_transaction);

	if (!obey(reader, mark, text, err))
		return false;
	keep_text(reader, text, mark != MARK_NONE);
	reader->line += str_count_char(text, '\n');
	reader->found.has[reader->now] = true;
	if (without_transaction)
		reader->found.without_transaction[reader->now] = true;
	return true;
}

static void reader_open(struct part_reader *reader, const struct part_syntax *syntax,
                        const char *path)
{
	*reader = (struct part_reader){.syntax = syntax, .path = path};
	if (syntax->up == NULL) {
		reader->now = PART_UP;
		reader->found.has[PART_UP] = true;
	}
	comment_lines_open(&reader->lines, read_text, read_line, reader);
	reader->lines.indented = true;
}

static bool reader_finish(struct part_reader *reader, struct error *err)
{
	if (!comment_lines_finish(&reader->lines, err))
		return false;
	if (reader->statement_line != 0)
		return fail_open_statement(reader, err);
	return reader->now != PART_NONE || error_set(err, ERROR_GENERAL, "%s has no line '%s'",
	                                             reader->path, reader->syntax->up);
}

static void reader_close(struct part_reader *reader)
{
	comment_lines_close(&reader->lines);
}

/* --- a file -------------------------------------------------------------------------------- */

static bool read_all(struct part_reader *reader, struct text_source *input, struct error *err)
{
	struct str piece;

	do {
		if (!input->next(input, &piece, err) ||
		    !comment_lines_feed(&reader->lines, piece, err))
			return false;
	} while (piece.len > 0);
	return reader_finish(reader, err);
}

bool file_parts_read(const char *path, const char *encoding, const struct part_syntax *syntax,
                     struct file_parts *parts, struct error *err)
{
	struct text_file file = TEXT_FILE_CLOSED;
	struct part_reader reader;

	if (!text_file_open(&file, path, encoding, err))
		return false;
	reader_open(&reader, syntax, path);
	bool ok = read_all(&reader, &file.source, err);
	*parts = reader.found;
	reader_close(&reader);
	text_file_close(&file);
	return ok;
}

/* --- a source ------------------------------------------------------------------------------ */

static bool part_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct part_source *part = (struct part_source *)source;
	struct str text;

	buf_clear(&part->text);
	while (part->text.len == 0 && !part->at_end) {
		if (!part->input->next(part->input, &text, err))
			return false;
		part->at_end = text.len == 0;
		if (!comment_lines_feed(&part->reader.lines, text, err) ||
		    (part->at_end && !reader_finish(&part->reader, err)))
			return false;
	}
	*piece = buf_str(&part->text);
	return true;
}

static void source_close(struct text_source *source)
{
	part_source_close((struct part_source *)source);
}

struct text_source *part_source_open(struct part_source *source, const struct part_of_file *part,
                                     const char *path, struct text_source *input)
{
	*source = (struct part_source){.source = {.next = part_next, .close = source_close}};
	if (part->syntax == NULL)
		return input;
	source->input = input;
	buf_init(&source->text, SIZE_MAX / 4);
	reader_open(&source->reader, part->syntax, path);
	source->reader.text = &source->text;
	source->reader.wanted = part->part;
	return &source->source;
}

void part_source_close(struct part_source *source)
{
	if (source->input == NULL)
		return;
	source->input = NULL;
	reader_close(&source->reader);
	buf_release(&source->text);
}
