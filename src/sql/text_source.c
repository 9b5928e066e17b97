/* SPDX-License-Identifier: Apache-2.0 */
/* text_source.c - reads the text of a script from a file or from memory */
#include "cflyway/sql/text_source.h"

#include "cflyway/base/utf8.h"
#include "cflyway/sql/text_fault.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

/*
 * Java decodes so many UTF-16 units at once, and gives none of them out if one is wrong: a buffer,
 * or two where its readers ask for single characters.
 */
enum { JAVA_STEP = 4096, JAVA_STEP_BY_CHARACTER = 2 };

/* Fills the block behind the bytes left from the previous one. */
static bool read_block(struct text_file *file, struct error *err)
{
	size_t have = file->left, len;

	do {
		if (!file_read(&file->file, file->path, file->block.ptr + have, BLOCK_SIZE - have,
		               &len, err))
			return false;
		have += len;
	} while (len > 0 && have < BLOCK_SIZE);
	file->at_end = len == 0;
	file->block.len = have;
	file->left = 0;
	return true;
}

/* Uses the block itself as text, up to a character that the end of the block cuts. */
static bool is_text_as_it_is(struct text_file *file, struct str *piece)
{
	struct str block = buf_str(&file->block);
	size_t len = utf8_valid_prefix(block, &file->is_cut);

	if (len < block.len && (!file->is_cut || file->at_end))
		return false;
	*piece = str_sub(block, 0, len);
	file->given = len;
	file->left = block.len - len;
	return true;
}

/*
 * What Java gives out before an error behind the text. All blocks but the last hold whole steps.
 * Reading by character, it already sees a wrong byte when it has filled the step in front of it.
 */
static struct str whole_steps(const struct text_file *file, struct str text)
{
	size_t step = file->by_character ? JAVA_STEP_BY_CHARACTER : JAVA_STEP;
	size_t units = utf8_length_utf16(text);

	if (units > 0 && file->by_character && !file->is_cut)
		units--;
	return utf8_truncate_utf16(text, units / step * step);
}

/* Gives out what comes before an error; the next call reports it. False: nothing does. */
static bool give_before_failure(struct text_file *file, struct str *piece, struct error *err)
{
	*piece = whole_steps(file, buf_str(&file->text));
	if (piece->len == 0)
		return false;
	file->failure = err->message;
	file->failure_code = err->code;
	error_clear(err);
	return true;
}

/* The file is read once more, to find the byte. */
static bool fail_text(const struct text_file *file, struct error *err)
{
	if (charset_is_utf8(file->encoding))
		text_fault_explain(file->path, file->shown, err);
	return false;
}

static bool file_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct text_file *file = (struct text_file *)source;

	if (file->failure != NULL) {
		error_set(err, file->failure_code, "%s", file->failure);
		return fail_text(file, err);
	}
	buf_clear(&file->text);
	memmove(file->block.ptr, file->block.ptr + file->given, file->left);
	*piece = STR("");
	while (piece->len == 0 && !file->at_end) {
		if (!read_block(file, err))
			return false;
		if (file->is_utf8 && is_text_as_it_is(file, piece))
			continue;
		file->is_utf8 = false; /* the decoder makes the error message */
		if (!decoder_feed(&file->decoder, file->block.ptr, file->block.len, file->at_end,
		                  &file->text, err))
			return give_before_failure(file, piece, err) || fail_text(file, err);
		*piece = buf_str(&file->text);
	}
	return true;
}

static void file_source_close(struct text_source *source)
{
	text_file_close((struct text_file *)source);
}

static void prepare(struct text_file *file, const char *path)
{
	*file = (struct text_file)TEXT_FILE_CLOSED;
	file->source = (struct text_source){.next = file_next, .close = file_source_close};
	file->path = file->shown = path;
	buf_init(&file->text, SIZE_MAX / 4);
	buf_init(&file->block, BLOCK_SIZE);
}

static bool start(struct text_file *file, const char *encoding, struct error *err)
{
	if (!decoder_open(&file->decoder, encoding, err)) {
		file_close(&file->file);
		return false;
	}
	file->encoding = encoding;
	file->is_utf8 = charset_is_utf8(encoding);
	return buf_reserve(&file->block, BLOCK_SIZE);
}

bool text_file_open(struct text_file *file, const char *path, const char *encoding,
                    struct error *err)
{
	prepare(file, path);
	return file_open(&file->file, path, err) && start(file, encoding, err);
}

bool text_file_again(struct text_file *file, const char *encoding, struct error *err)
{
	struct file again = file->file;
	const char *path = file->path;

	file->file = (struct file)FILE_CLOSED;
	text_file_close(file);
	prepare(file, path);
	file->file = again;
	file_rewind(&file->file);
	return start(file, encoding, err);
}

void text_file_reads_characters(struct text_file *file)
{
	file->by_character = true;
}

static bool copy_all(struct text_source *input, struct file *file, struct error *err)
{
	struct str piece;

	do {
		if (!input->next(input, &piece, err) ||
		    !file_write(file, piece.ptr, piece.len, err))
			return false;
	} while (piece.len > 0);
	return true;
}

bool text_file_spool(struct text_file *file, struct text_source *input, struct error *err)
{
	prepare(file, "a temporary file");
	if (!file_open_temporary(&file->file, err))
		return false;
	if (!copy_all(input, &file->file, err)) {
		file_close(&file->file);
		return false;
	}
	file_rewind(&file->file);
	return start(file, "UTF-8", err);
}

void text_file_close(struct text_file *file)
{
	file_close(&file->file);
	decoder_close(&file->decoder);
	buf_release(&file->text);
	buf_release(&file->block);
}

static bool is_inside_character(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Returns the length of the next piece: at most piece_size, whole characters, at least one. */
static size_t piece_length(const struct text_memory *memory)
{
	struct str rest = memory->rest;
	size_t len = memory->piece_size;

	if (len == 0 || len >= rest.len)
		return rest.len;
	while (len > 0 && is_inside_character(rest.ptr[len]))
		len--;
	if (len > 0)
		return len;
	for (len = 1; len < rest.len && is_inside_character(rest.ptr[len]); len++)
		;
	return len;
}

static bool memory_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct text_memory *memory = (struct text_memory *)source;
	size_t len = piece_length(memory);

	(void)err;
	*piece = str_sub(memory->rest, 0, len);
	memory->rest = str_sub(memory->rest, len, memory->rest.len);
	return true;
}

void text_memory_init(struct text_memory *memory, struct str text, size_t piece_size)
{
	*memory = (struct text_memory){
		.source = {.next = memory_next},
		.rest = text,
		.piece_size = piece_size,
	};
}
