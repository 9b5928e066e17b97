/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_place.c - where a part of a statement comes from in the file of its script
 *
 * The text takes the way that it took when it was sent: through the filter of the placeholders,
 * which tells where each part of a piece comes from, and without the marks that the window drops.
 */
#include "cflyway/sql/script_place.h"

#include "byte_order_mark.h"

enum {
	AROUND_BYTES = 4096, /* of a line, before and after an offset: more than is shown */
	MAX_PIECE = 1 << 30,
};

/* The text as sent, run by run. */
struct reader {
	struct text_source *source;
	struct placeholder_source filter;
	struct placeholder_trace trace;
	bool replaces;
	bool after_mark;
	struct str piece;  /* that source returned last */
	struct str rest;   /* of piece */
	size_t input;      /* offset in the script of the end of piece; without a filter */
	size_t run_offset; /* as sent, of the run that was returned last */
	size_t next_offset;
	size_t run_in_piece;
};

static bool reader_open(struct reader *reader, const struct script_again *script, struct error *err)
{
	*reader = (struct reader){.replaces = script->placeholders != NULL};
	reader->source = script->read(script->ctx, err);
	if (reader->source == NULL)
		return false;
	if (!reader->replaces)
		return true;
	placeholder_source_open(&reader->filter, reader->source, script->placeholders,
	                        script->file_name);
	reader->filter.trace = &reader->trace;
	reader->source = &reader->filter.source;
	return true;
}

static void reader_close(struct reader *reader)
{
	if (reader->source == NULL || !reader->replaces)
		return;
	placeholder_source_close(&reader->filter);
	placeholder_trace_release(&reader->trace);
}

/* Sets *run to the next part of the text as sent; an empty one is the end. */
static bool reader_next(struct reader *reader, struct str *run, struct error *err)
{
	*run = STR("");
	while (run->len == 0) {
		if (reader->rest.len == 0) {
			if (!reader->source->next(reader->source, &reader->piece, err))
				return false;
			reader->input += reader->piece.len;
			reader->rest = reader->piece;
			if (reader->rest.len == 0)
				return true;
		}
		*run = byte_order_mark_cut(&reader->after_mark, &reader->rest);
	}
	reader->run_in_piece = (size_t)(run->ptr - reader->piece.ptr);
	reader->run_offset = reader->next_offset;
	reader->next_offset += run->len;
	return true;
}

/* Where a byte of the last run comes from. */
static size_t reader_origin(const struct reader *reader, size_t at)
{
	const struct placeholder_trace *trace = &reader->trace;
	size_t in_piece = reader->run_in_piece + at, i = trace->n;

	if (!reader->replaces)
		return reader->input - reader->piece.len + in_piece;
	while (i > 1 && trace->parts[i - 1].output > in_piece)
		i--;
	if (i == 0)
		return 0;
	const struct placeholder_part *part = &trace->parts[i - 1];
	return part->is_value ? part->input : part->input + (in_piece - part->output);
}

/* After the last run. */
static size_t reader_end(const struct reader *reader)
{
	return reader->replaces ? reader->trace.input : reader->input;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

bool script_place_text(const struct script_again *script, size_t offset, size_t len,
                       struct buf *out, struct error *err)
{
	struct reader reader;
	struct str run = STR("");
	bool ok = reader_open(&reader, script, err);

	while (ok && len > 0 && (ok = reader_next(&reader, &run, err)) && run.len > 0) {
		if (offset >= reader.next_offset)
			continue;
		size_t from = offset - reader.run_offset;
		size_t taken = smaller(run.len - from, len);

		buf_append(out, run.ptr + from, taken);
		offset += taken;
		len -= taken;
	}
	reader_close(&reader);
	return ok;
}

bool script_place_next_line(const struct script_again *script, size_t offset, size_t n,
                            size_t *found, struct error *err)
{
	struct reader reader;
	struct str run = STR("");
	bool ok = reader_open(&reader, script, err);

	while (ok && n > 0 && (ok = reader_next(&reader, &run, err)) && run.len > 0) {
		while (n > 0 && offset < reader.next_offset) {
			struct str rest = str_sub(run, offset - reader.run_offset, run.len);
			size_t at = str_find_char(rest, '\n');

			n -= at < rest.len ? 1 : 0;
			offset += smaller(at + 1, rest.len);
		}
	}
	*found = offset;
	reader_close(&reader);
	return ok;
}

bool script_place_map(const struct script_again *script, size_t *offsets, size_t n,
                      struct error *err)
{
	struct reader reader;
	struct str run = STR("");
	size_t i = 0;
	bool ok = reader_open(&reader, script, err);

	while (ok && i < n && (ok = reader_next(&reader, &run, err)) && run.len > 0)
		for (; i < n && offsets[i] < reader.next_offset; i++)
			offsets[i] = reader_origin(&reader, offsets[i] - reader.run_offset);
	for (; ok && i < n; i++)
		offsets[i] = reader_end(&reader);
	reader_close(&reader);
	return ok;
}

/* --- lines --------------------------------------------------------------------------------- */

static bool is_inside_character(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

static size_t count_characters(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += is_inside_character(text.ptr[i]) ? 0 : 1;
	return n;
}

size_t script_place_of_character(struct str text, size_t number)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_inside_character(text.ptr[i]) && --number == 0)
			return i;
	return text.len;
}

size_t script_place_character(struct str text, size_t offset)
{
	return count_characters(str_sub(text, 0, offset)) + 1;
}

/* Counts the lines of text that lies before the offset, and the characters of the last one. */
static void count(struct source_line *line, struct str text)
{
	line->line += str_count_char(text, '\n');
	for (size_t i = text.len; i > 0; i--)
		if (text.ptr[i - 1] == '\n') {
			line->column = 1;
			text = str_sub(text, i, text.len);
			break;
		}
	line->column += count_characters(text);
}

/* Appends the bytes of a piece that lie near the offset; begin is the offset of the piece. */
static void keep_near(struct buf *near, struct str piece, size_t begin, size_t offset)
{
	size_t from = offset > AROUND_BYTES ? offset - AROUND_BYTES : 0;
	size_t to = offset + AROUND_BYTES;

	if (begin + piece.len <= from || begin >= to)
		return;
	from = from > begin ? from - begin : 0;
	to = smaller(to - begin, piece.len);
	buf_append(near, piece.ptr + from, to - from);
}

static const struct str mark = {"\xEF\xBB\xBF", 3};

/* Makes the line of what is near: caret is its offset there. */
static void cut_line(struct str near, size_t caret, struct arena *arena, struct source_line *line)
{
	size_t from = caret, to = caret + str_find_char(str_sub(near, caret, near.len), '\n');

	line->is_cut_after = to == near.len && near.len - caret == AROUND_BYTES;
	while (from > 0 && near.ptr[from - 1] != '\n')
		from--;
	if (line->begin == caret && caret >= mark.len && str_starts(near, mark) && from == 0)
		from = mark.len;
	line->is_cut_before = from == 0 && caret == AROUND_BYTES;
	while (line->is_cut_before && from < caret && is_inside_character(near.ptr[from]))
		from++;
	while (line->is_cut_after && to > caret && is_inside_character(near.ptr[to - 1]))
		to--;
	if (line->is_cut_after && to > caret)
		to--; /* the first byte of a character, or a whole one */
	if (to > from && to > caret && near.ptr[to - 1] == '\r' && !line->is_cut_after)
		to--;
	line->text = (struct str){str_dup(arena, str_sub(near, from, to)), to - from};
	line->caret = caret - from;
	line->begin -= line->caret;
}

bool script_place_line(const struct script_again *script, size_t offset, struct arena *arena,
                       struct source_line *line, struct error *err)
{
	struct text_source *source = script->read(script->ctx, err);
	struct buf near = BUF_EMPTY(MAX_PIECE);
	struct str piece = STR("");
	size_t begin = 0;
	bool ok = source != NULL;

	*line = (struct source_line){.line = 1, .column = 1};
	while (ok && begin < offset + AROUND_BYTES && (ok = source->next(source, &piece, err)) &&
	       piece.len > 0) {
		keep_near(&near, piece, begin, offset);
		begin += piece.len;
		if (begin == piece.len && str_starts(piece, mark) && offset >= mark.len)
			line->column = 0; /* the mark counts as one */
		count(line, str_sub(piece, 0,
		                    offset + piece.len > begin ? offset + piece.len - begin : 0));
	}
	size_t kept_from = offset > AROUND_BYTES ? offset - AROUND_BYTES : 0;

	line->begin = smaller(offset, begin);
	cut_line(buf_str(&near), smaller(offset - kept_from, near.len), arena, line);
	buf_release(&near);
	return ok;
}
