/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checksum.c - compute the CRC32 that identifies the contents of a migration
 *
 * The code removes the line ends of a whole block first, which leaves one call of crc32 per block.
 * UTF-8 files are checked and summed in the block that they are read into. Files with invalid UTF-8
 * or another encoding take the general way through text_source.
 */
#include "cflyway/migration/checksum.h"

#include "cflyway/base/charset.h"
#include "cflyway/base/swar.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/utf8.h"
#include "cflyway/migration/script_origin.h"

#include <string.h>

enum { FILE_BLOCK = 64 * 1024, TEXT_BLOCK = 4 * 1024 };

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static size_t squeeze_bytes(char *to, const char *from, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		to[kept] = from[i];
		kept += to[kept] != '\n' && to[kept] != '\r';
	}
	return kept;
}

/* Copies from to to without CR and LF; both may be the same place. Returns the new length. */
static size_t squeeze(char *to, const char *from, size_t len)
{
	size_t at = 0, kept = 0;

	for (; len - at >= SWAR_BYTES; at += SWAR_BYTES) {
		uint64_t word = swar_load(from + at);

		if ((swar_marks(word, '\n') | swar_marks(word, '\r')) == 0) {
			swar_store(to + kept, word);
			kept += SWAR_BYTES;
		} else {
			kept += squeeze_bytes(to + kept, from + at, SWAR_BYTES);
		}
	}
	return kept + squeeze_bytes(to + kept, from + at, len - at);
}

static struct str skip_mark(struct checksum *checksum, struct str text)
{
	bool has_mark = !checksum->past_start && str_starts(text, STR(BYTE_ORDER_MARK));

	checksum->past_start = checksum->past_start || text.len > 0;
	return has_mark ? str_sub(text, strlen(BYTE_ORDER_MARK), text.len) : text;
}

void checksum_update(struct checksum *checksum, struct str text)
{
	char block[TEXT_BLOCK];
	struct str rest = skip_mark(checksum, text);

	while (rest.len > 0) {
		size_t len = rest.len < sizeof(block) ? rest.len : sizeof(block);

		crc32_update(&checksum->crc, block, squeeze(block, rest.ptr, len));
		rest = str_sub(rest, len, rest.len);
	}
}

/* Does the same for text that it may change. */
static void update_in_place(struct checksum *checksum, char *bytes, size_t len)
{
	struct str text = skip_mark(checksum, (struct str){bytes, len});
	char *start = bytes + (len - text.len);

	crc32_update(&checksum->crc, start, squeeze(start, text.ptr, text.len));
}

int32_t checksum_value(const struct checksum *checksum)
{
	return crc32_signed(&checksum->crc);
}

bool checksum_source(struct text_source *source, int32_t *sum, struct error *err)
{
	struct checksum checksum = {0};
	struct str piece;

	do {
		if (!source->next(source, &piece, err))
			return false;
		checksum_update(&checksum, piece);
	} while (piece.len > 0);
	*sum = checksum_value(&checksum);
	return true;
}

static bool unable(const char *path, struct error *err)
{
	return error_wrap(err,
	                  "Unable to calculate checksum of %s\nPlease ensure you have configured "
	                  "the correct file encoding with 'flyway.encoding' or enable "
	                  "'flyway.detectEncoding' to let Flyway detect it for you",
	                  fs_base_name(path));
}

enum outcome {
	SUMMED,
	IS_LARGE,   /* if a large file ends the sum */
	NOT_UTF8,   /* err is not set yet */
	UNREADABLE, /* err is set */
};

static enum outcome sum_utf8(struct file *file, const char *path, struct checksum *checksum,
                             bool stops_if_large, struct error *err)
{
	char block[FILE_BLOCK], tail[UTF8_MAX];
	size_t kept = 0, len;

	for (;;) {
		if (!file_read(file, path, block + kept, sizeof(block) - kept, &len, err))
			return UNREADABLE;
		if (len == 0)
			return kept == 0 ? SUMMED : NOT_UTF8;
		if (len == sizeof(block) && stops_if_large)
			return IS_LARGE;
		struct str text = {block, kept + len};
		bool incomplete = false;
		size_t valid = utf8_valid_prefix(text, &incomplete);
		kept = text.len - valid;
		if (kept > 0 && !incomplete)
			return NOT_UTF8;
		memcpy(tail, block + valid, kept);
		update_in_place(checksum, block, valid);
		memcpy(block, tail, kept);
	}
}

static bool sum_decoded(const char *path, const char *encoding, int32_t *sum, struct error *err)
{
	struct text_file file = TEXT_FILE_CLOSED;

	if (!text_file_open(&file, path, encoding, err))
		return false;
	bool ok = checksum_source(&file.source, sum, err) || unable(path, err);
	text_file_close(&file);
	return ok;
}

static bool sum_file(const char *path, const char *encoding, bool stops_if_large, int32_t *sum,
                     bool *is_large, struct error *err)
{
	struct file file = FILE_CLOSED;
	struct checksum checksum = {0};

	*is_large = false;
	if (!charset_is_utf8(encoding))
		return sum_decoded(path, encoding, sum, err);
	if (!file_open(&file, path, err))
		return false;
	enum outcome outcome = sum_utf8(&file, path, &checksum, stops_if_large, err);
	file_close(&file);
	switch (outcome) {
	case UNREADABLE:
		return unable(path, err);
	case NOT_UTF8:
		return sum_decoded(path, encoding, sum, err); /* sets the error */
	case IS_LARGE:
		*is_large = true;
		return true;
	default:
		*sum = checksum_value(&checksum);
		return true;
	}
}

bool checksum_file(const char *path, const char *encoding, int32_t *sum, struct error *err)
{
	bool is_large;

	return sum_file(path, encoding, false, sum, &is_large, err);
}

bool checksum_small_file(const char *path, const char *encoding, int32_t *sum, bool *is_large,
                         struct error *err)
{
	return sum_file(path, encoding, true, sum, is_large, err);
}

/* Sums the text that passes through it, and reports a failure to decode. */
struct summing_source {
	struct text_source source;
	struct text_file *input;
	struct checksum checksum;
};

static bool summing_next(struct text_source *source, struct str *piece, struct error *err)
{
	struct summing_source *summing = (struct summing_source *)source;
	struct text_source *input = &summing->input->source;

	if (!input->next(input, piece, err))
		return unable(summing->input->path, err);
	checksum_update(&summing->checksum, *piece);
	return true;
}

bool checksum_file_replaced(const char *path, const char *encoding,
                            const struct placeholders *placeholders, const char *file_name,
                            int32_t *raw, int32_t *sum, struct error *err)
{
	struct text_file file = TEXT_FILE_CLOSED;
	struct summing_source summing = {.source = {.next = summing_next}, .input = &file};
	struct placeholder_source filter;
	struct script_origin origin;

	if (!text_file_open(&file, path, encoding, err))
		return false;
	/* Java looks for placeholders character by character. */
	text_file_reads_characters(&file);
	placeholder_source_open(&filter, &summing.source, placeholders, file_name);
	script_origin_open(&origin, path, path, encoding, NULL);
	filter.origin = &origin.origin;
	bool ok = checksum_source(&filter.source, sum, err);
	*raw = checksum_value(&summing.checksum);
	placeholder_source_close(&filter);
	text_file_close(&file);
	return ok;
}

bool checksum_part(const char *path, const char *encoding, const struct part_of_file *part,
                   int32_t *sum, struct error *err)
{
	struct text_file file = TEXT_FILE_CLOSED;
	struct part_source source;

	if (!text_file_open(&file, path, encoding, err))
		return false;
	bool ok = checksum_source(part_source_open(&source, part, path, &file.source), sum, err);
	part_source_close(&source);
	text_file_close(&file);
	return ok;
}
