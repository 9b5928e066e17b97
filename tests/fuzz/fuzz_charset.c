/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_charset.c - text in any character set becomes UTF-8 or an error, in pieces as at once
 *
 * The first byte chooses the character set: A is the first one of the list.
 */
#include "cflyway/base/charset.h"
#include "cflyway/base/utf8.h"

#include <stdint.h>
#include <stdlib.h>

enum { LONGEST_PIECE = 9, LONGEST_FAULT = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"UTF-8",        "UTF-16",      "UTF-16BE",     "UTF-16LE",     "x-UTF-16LE-BOM",
	"UTF-32",       "UTF-32BE",    "UTF-32LE",     "US-ASCII",     "ISO-8859-1",
	"windows-1252", "ISO-8859-6",  "windows-1255", "windows-1258", "x-windows-874",
	"KOI8-U",       "IBM864",      "Shift_JIS",    "windows-31j",  "EUC-JP",
	"EUC-KR",       "ms949",       "x-Johab",      "Big5",         "ms950",
	"Big5-HKSCS",   "EUC-TW",      "GB18030",      "GBK",          "GB2312",
	"x-mswin-936",  "ISO-2022-JP",
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* How many bytes the message counts as wrong. */
static size_t fault_length(const struct error *err)
{
	const char *equals = strrchr(err->message, '=');

	check(equals != NULL);
	return (size_t)strtoul(equals + 1, NULL, 10);
}

static bool decode(const char *name, struct str bytes, size_t piece, struct buf *out,
                   struct error *err)
{
	struct decoder decoder;
	size_t at = 0;
	bool ok = true;

	check(decoder_open(&decoder, name, err));
	do {
		const struct str part = str_sub(bytes, at, at + piece);

		at += part.len;
		ok = decoder_feed(&decoder, part.ptr, part.len, at == bytes.len, out, err);
	} while (ok && at < bytes.len);
	decoder_close(&decoder);
	check(utf8_valid_prefix(buf_str(out), NULL) == out->len);
	if (!ok)
		check(fault_length(err) > 0 && fault_length(err) <= LONGEST_FAULT &&
		      fault_length(err) <= bytes.len);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_EMPTY(SIZE_MAX / 4), pieces = BUF_EMPTY(SIZE_MAX / 4);
	struct arena arena;
	struct error err, other;

	if (size == 0)
		return 0;
	arena_init(&arena);
	error_init(&err, &arena);
	const char *name = names[(uint8_t)(data[0] - 'A') % COUNT(names)];
	/* a copy of its own: what is read beyond it is found */
	const struct str bytes = {arena_strndup(&arena, (const char *)data + 1, size - 1),
	                          size - 1};
	const bool ok = decode(name, bytes, bytes.len, &whole, &err);

	for (size_t piece = 1; piece <= LONGEST_PIECE; piece++) {
		error_init(&other, &arena);
		buf_clear(&pieces);
		check(decode(name, bytes, piece, &pieces, &other) == ok);
		check(str_eq(buf_str(&pieces), buf_str(&whole)));
		check(ok || strcmp(err.message, other.message) == 0);
	}
	buf_release(&whole);
	buf_release(&pieces);
	arena_release(&arena);
	return 0;
}
