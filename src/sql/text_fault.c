/* SPDX-License-Identifier: Apache-2.0 */
/* text_fault.c - why a file is not valid UTF-8: the place, the byte, the likely encoding */
#include "cflyway/sql/text_fault.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/utf8.h"

#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

static void count_byte(struct text_fault *fault, unsigned char byte)
{
	if (fault->offset < sizeof(fault->first))
		fault->first[fault->offset] = (char)byte;
	if (byte == 0 && fault->offset % 2 == 0)
		fault->even_nuls++;
	else if (byte == 0)
		fault->odd_nuls++;
	fault->has_controls |= byte >= 0x80 && byte < 0xA0;
	fault->has_undefined |= byte != 0 && strchr("\x81\x8D\x8F\x90\x9D", byte) != NULL;
	fault->offset++;
}

/* Takes text whose characters are whole and valid. */
static void take_valid(struct text_fault *fault, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];

		count_byte(fault, byte);
		fault->characters += byte >= 0xC0;
		if (fault->is_found || (byte & 0xC0) == 0x80)
			continue;
		fault->column++;
		if (byte == '\n') {
			fault->line++;
			fault->column = 1;
		}
	}
}

static void take_wrong(struct text_fault *fault, unsigned char byte)
{
	if (!fault->is_found)
		fault->byte = byte;
	fault->is_found = true;
	fault->faults++;
	count_byte(fault, byte);
}

size_t text_fault_feed(struct text_fault *fault, struct str piece, bool is_last)
{
	struct str rest = piece;

	while (rest.len > 0) {
		bool is_cut;
		size_t len = utf8_valid_prefix(rest, &is_cut);

		take_valid(fault, str_sub(rest, 0, len));
		rest = str_sub(rest, len, rest.len);
		if (rest.len == 0 || (is_cut && !is_last))
			break;
		take_wrong(fault, (unsigned char)rest.ptr[0]);
		rest = str_sub(rest, 1, rest.len);
	}
	return piece.len - rest.len;
}

const char *text_fault_encoding(const struct text_fault *fault)
{
	const size_t nuls = fault->even_nuls + fault->odd_nuls;

	if (!fault->is_found)
		return NULL;
	if (memcmp(fault->first, "\xFF\xFE", 2) == 0 || memcmp(fault->first, "\xFE\xFF", 2) == 0)
		return "UTF-16";
	/* Every other byte of a script in UTF-16 is 0, apart from a few. */
	if (nuls > fault->offset / 4)
		return fault->odd_nuls > fault->even_nuls ? "UTF-16LE" : "UTF-16BE";
	/* A single byte went wrong in a text that is UTF-8, or nobody knows what it is. */
	if (nuls > 0 || fault->characters >= fault->faults)
		return NULL;
	if (!fault->has_controls)
		return "ISO-8859-1";
	return fault->has_undefined ? NULL : "windows-1252";
}

static bool look(struct file *file, const char *path, struct text_fault *fault,
                 struct error *ignored)
{
	struct buf block = BUF_EMPTY(BLOCK_SIZE);
	size_t left = 0, len;
	bool ok = buf_reserve(&block, BLOCK_SIZE);

	do {
		ok = ok &&
		     file_read(file, path, block.ptr + left, BLOCK_SIZE - left, &len, ignored);
		if (!ok)
			break;
		struct str piece = {block.ptr, left + len};
		size_t taken = text_fault_feed(fault, piece, len == 0);

		left = piece.len - taken;
		memmove(block.ptr, block.ptr + taken, left);
	} while (len > 0);
	buf_release(&block);
	return ok;
}

static void note(const struct text_fault *fault, const char *path, struct error *err)
{
	const struct note_place place = {path, fault->line, fault->column};
	const char *encoding = text_fault_encoding(fault);

	/* A text of two bytes per character has its lines elsewhere. */
	if (encoding == NULL || !str_starts(str_of(encoding), STR("UTF-16")))
		error_locate(err, NOTE_PLACE, &place, "%s:%zu:%zu", path, fault->line,
		             fault->column);
	if (encoding == NULL) {
		error_explain(err, NOTE_CAUSE, "the byte %02X is not UTF-8%s", fault->byte,
		              fault->characters >= fault->faults ? ", as the rest of the file is"
		                                                 : "");
		error_explain(err, NOTE_NEXT,
		              "save the file as UTF-8, or name its encoding: "
		              "-encoding=NAME");
		return;
	}
	error_explain(err, NOTE_CAUSE, "the byte %02X is not UTF-8: the file looks like %s",
	              fault->byte, encoding);
	error_explain(err, NOTE_NEXT,
	              "save the file as UTF-8, or write encoding=%s into %s.conf; -encoding=%s "
	              "is for all files",
	              encoding, path, encoding);
}

void text_fault_explain(const char *path, const char *shown, struct error *err)
{
	struct error ignored = ERROR_INIT(err->arena);
	struct text_fault fault = TEXT_FAULT_EMPTY;
	struct file file = FILE_CLOSED;

	if (!file_open(&file, path, &ignored))
		return;
	if (look(&file, path, &fault, &ignored) && fault.is_found)
		note(&fault, shown, err);
	file_close(&file);
}
