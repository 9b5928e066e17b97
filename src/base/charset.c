/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charset.c - decodes text in any character set to UTF-8, in pieces
 *
 * A piece may end inside a character: the bytes of an incomplete character wait in pending and are
 * decoded together with the first bytes of the next piece.
 */
#include "cflyway/base/charset.h"

#include "cflyway/base/fs.h"
#include "cflyway/base/utf8.h"
#include "charset_decode.h"

#include <iconv.h>
#include <string.h>

#ifndef __clang__
/* gcc's analyser mistakes (iconv_t)-1 for a handle that should be closed. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static decode_fn *const decode_functions[] = {
	[CHARSET_UTF8] = decode_utf8,     [CHARSET_UTF16] = decode_utf16,
	[CHARSET_UTF32] = decode_utf32,   [CHARSET_ASCII] = decode_ascii,
	[CHARSET_SINGLE] = decode_single, [CHARSET_MULTIBYTE] = decode_multibyte,
	[CHARSET_ICONV] = decode_iconv,
};

/*
 * Fills the table by decoding each byte alone. This also keeps iconv from combining letters with
 * accents (windows-1255, windows-1258), which Java does not combine.
 */
static void fill_single(struct decoder *decoder, iconv_t handle)
{
	for (size_t i = 0; i < COUNT(decoder->single); i++) {
		char byte = (char)i, text[32], *from = &byte, *to = text;
		size_t from_len = 1, room = sizeof(text);

		decoder->single[i] = CHARSET_NONE;
		iconv(handle, NULL, NULL, NULL, NULL);
		if (iconv(handle, &from, &from_len, &to, &room) == (size_t)-1)
			continue;
		iconv(handle, NULL, NULL, &to, &room);
		struct str decoded = {text, (size_t)(to - text)};
		if (decoded.len > 0)
			decoder->single[i] = (uint16_t)utf8_next(&decoded);
	}
}

static bool open_charset(struct decoder *decoder, const struct charset *charset)
{
	*decoder = (struct decoder){
		.kind = charset->kind,
		.is_little_endian = charset->is_little_endian,
		.mark = charset->mark,
	};
	if (charset->iconv_name == NULL) {
		for (size_t i = 0; i < COUNT(decoder->single); i++)
			decoder->single[i] = (uint16_t)i; /* ISO-8859-1 is the only one */
		return true;
	}
	iconv_t handle = iconv_open("UTF-8", charset->iconv_name);
	if (handle == (iconv_t)-1)
		return false;
	if (charset->kind == CHARSET_SINGLE) {
		fill_single(decoder, handle);
		iconv_close(handle);
	} else {
		decoder->iconv = handle;
	}
	return true;
}

/* DIFFERS: names that only iconv knows are accepted too. */
static bool open_name(struct decoder *decoder, const char *encoding)
{
	const struct charset other = {.kind = CHARSET_ICONV, .iconv_name = encoding};
	const struct charset *charset = charset_find(encoding);

	return open_charset(decoder, charset != NULL ? charset : &other);
}

bool charset_is_utf8(const char *encoding)
{
	return str_eq_nocase(str_of(encoding), STR("UTF-8")) ||
	       str_eq_nocase(str_of(encoding), STR("UTF8"));
}

bool charset_known(const char *encoding)
{
	struct decoder decoder;

	if (!charset_is_legal_name(encoding) || !open_name(&decoder, encoding))
		return false;
	decoder_close(&decoder);
	return true;
}

const char *charset_complaint(struct arena *arena, const char *encoding)
{
	return arena_printf(arena, "java.nio.charset.%sCharset%sException: %s",
	                    charset_is_legal_name(encoding) ? "Unsupported" : "Illegal",
	                    charset_is_legal_name(encoding) ? "" : "Name", encoding);
}

bool decoder_open(struct decoder *decoder, const char *encoding, struct error *err)
{
	*decoder = (struct decoder)DECODER_CLOSED;
	if (charset_is_legal_name(encoding) && open_name(decoder, encoding))
		return true;
	return error_set(err, ERROR_FAULT, "%s", charset_complaint(err->arena, encoding));
}

void decoder_close(struct decoder *decoder)
{
	if (decoder->iconv != NULL)
		iconv_close(decoder->iconv);
	*decoder = (struct decoder)DECODER_CLOSED;
}

static size_t decode(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                     struct fault *fault)
{
	return decode_functions[decoder->kind](decoder, in, is_last, out, fault);
}

static void keep_pending(struct decoder *decoder, struct str rest, struct fault *fault)
{
	if (rest.len >= sizeof(decoder->pending)) {
		fault->len = 1; /* no character is that long */
		return;
	}
	memmove(decoder->pending, rest.ptr, rest.len);
	decoder->pending_len = rest.len;
}

/*
 * Decodes the pending bytes together with the first bytes of *in, and removes those from *in.
 * False if that needs more bytes or fails.
 */
static bool complete_pending(struct decoder *decoder, struct str *in, bool is_last, struct buf *out,
                             struct fault *fault)
{
	while (decoder->pending_len > 0) {
		size_t had = decoder->pending_len, room = sizeof(decoder->pending) - had;
		size_t more = in->len < room ? in->len : room;
		struct str both = {decoder->pending, had + more};

		if (more == 0 && !is_last)
			return false;
		memcpy(decoder->pending + had, in->ptr, more);
		size_t taken = decode(decoder, both, is_last && more == in->len, out, fault);
		if (fault->len > 0)
			return false;
		*in = str_sub(*in, taken >= had ? taken - had : more, in->len);
		if (taken >= had) {
			decoder->pending_len = 0;
			return true;
		}
		keep_pending(decoder, str_sub(both, taken, both.len), fault);
		if (fault->len > 0 || in->len == 0)
			return false;
	}
	return true;
}

static void decode_piece(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                         struct fault *fault)
{
	if (complete_pending(decoder, &in, is_last, out, fault)) {
		size_t taken = decode(decoder, in, is_last, out, fault);

		if (fault->len == 0)
			keep_pending(decoder, str_sub(in, taken, in.len), fault);
	}
	if (fault->len == 0 && is_last)
		fault->len = decoder->pending_len;
}

bool decoder_feed(struct decoder *decoder, const char *bytes, size_t len, bool is_last,
                  struct buf *out, struct error *err)
{
	struct str in = len > 0 ? (struct str){bytes, len} : STR("");
	struct fault fault = {0};

	decode_piece(decoder, in, is_last, out, &fault);
	if (fault.len > 0)
		return error_set(err, ERROR_GENERAL, "java.nio.charset.%s: Input length = %zu",
		                 fault.is_unmappable ? "UnmappableCharacterException"
		                                     : "MalformedInputException",
		                 fault.len);
	if (out->overflow)
		return error_set(err, ERROR_GENERAL, "The text is longer than %zu bytes", out->max);
	return true;
}

/* The facts about a file that charset_detect needs. */
struct detection {
	size_t len;
	char first[2];
	bool is_utf8;
	size_t odd_zeros, odd_others; /* among the bytes 1, 3, 5, … */
	char pending[UTF8_MAX];
	size_t pending_len;
};

static void detection_utf8(struct detection *detection, struct str piece)
{
	bool incomplete = false;

	while (detection->pending_len > 0 && piece.len > 0 && detection->is_utf8) {
		detection->pending[detection->pending_len++] = piece.ptr[0];
		piece = str_sub(piece, 1, piece.len);
		struct str character = {detection->pending, detection->pending_len};
		if (utf8_valid_prefix(character, &incomplete) > 0)
			detection->pending_len = 0;
		else
			detection->is_utf8 = incomplete;
	}
	if (detection->pending_len > 0 || !detection->is_utf8)
		return;
	incomplete = false;
	size_t valid = utf8_valid_prefix(piece, &incomplete);
	detection->is_utf8 = valid == piece.len || incomplete;
	if (incomplete) {
		detection->pending_len = piece.len - valid;
		memcpy(detection->pending, piece.ptr + valid, detection->pending_len);
	}
}

static void detection_piece(struct detection *detection, struct str piece)
{
	size_t first_odd = detection->len % 2 == 0 ? 1 : 0;

	for (size_t i = 0; detection->len + i < sizeof(detection->first) && i < piece.len; i++)
		detection->first[detection->len + i] = piece.ptr[i];
	for (size_t i = first_odd; i < piece.len; i += 2) {
		if (piece.ptr[i] == '\0')
			detection->odd_zeros++;
		else
			detection->odd_others++;
	}
	detection_utf8(detection, piece);
	detection->len += piece.len;
}

static const char *detection_result(const struct detection *detection)
{
	bool is_even = detection->len % 2 == 0;

	if (is_even && detection->len > 0 && memcmp(detection->first, "\xFE\xFF", 2) == 0)
		return "UTF-16BE";
	if (is_even && detection->len > 0 && memcmp(detection->first, "\xFF\xFE", 2) == 0)
		return "UTF-16LE";
	if (is_even && detection->odd_zeros > detection->odd_others)
		return "UTF-16";
	return detection->is_utf8 && detection->pending_len == 0 ? "UTF-8" : "ISO-8859-1";
}

bool charset_detect(const char *path, const char **encoding, struct error *err)
{
	struct detection detection = {.is_utf8 = true};
	struct file file;
	char piece[16 * 1024];
	size_t len;

	if (!file_open(&file, path, err))
		return false;
	bool ok;
	while ((ok = file_read(&file, path, piece, sizeof(piece), &len, err)) && len > 0)
		detection_piece(&detection, (struct str){piece, len});
	file_close(&file);
	*encoding = detection_result(&detection);
	return ok;
}
