/* SPDX-License-Identifier: Apache-2.0 */
/* charset_decode.c - decodes each kind of character set */
#include "charset_decode.h"

#include "cflyway/base/utf8.h"

#include <errno.h>
#include <iconv.h>

enum { LONGEST = 4, BYTE_ORDER_MARK = 0xFEFF };

/* Collects characters, so that not every character costs a call of buf_append. */
struct writer {
	struct buf *out;
	size_t len;
	char piece[1024];
};

static void writer_flush(struct writer *writer)
{
	buf_append(writer->out, writer->piece, writer->len);
	writer->len = 0;
}

static void writer_put(struct writer *writer, uint32_t code_point)
{
	if (writer->len > sizeof(writer->piece) - UTF8_MAX)
		writer_flush(writer);
	writer->len += utf8_encode(code_point, writer->piece + writer->len);
}

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xC0) == 0x80;
}

/*
 * Returns the length that Java reports: the number of bytes that could have formed a character.
 * Java checks for surrogates last, so all three bytes of a surrogate count.
 */
static size_t malformed_utf8(struct str s)
{
	const unsigned char *bytes = (const unsigned char *)s.ptr;
	size_t should = bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : bytes[0] >= 0xC2 ? 2 : 1;
	size_t len = 1;

	if (s.len < 2 || bytes[0] > 0xF4 || (bytes[0] == 0xE0 && bytes[1] < 0xA0) ||
	    (bytes[0] == 0xF0 && bytes[1] < 0x90) || (bytes[0] == 0xF4 && bytes[1] > 0x8F))
		return 1;
	while (len < should && len < s.len && is_continuation(bytes[len]))
		len++;
	return len;
}

size_t decode_utf8(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                   struct fault *fault)
{
	bool incomplete;
	size_t len = utf8_valid_prefix(in, &incomplete);

	(void)decoder;
	buf_append(out, in.ptr, len);
	if (len < in.len && !incomplete && (is_last || in.len - len >= LONGEST))
		fault->len = malformed_utf8(str_sub(in, len, in.len));
	return len;
}

static uint32_t number_at(const struct decoder *decoder, struct str in, size_t at, size_t size)
{
	uint32_t number = 0;

	for (size_t i = 0; i < size; i++) {
		size_t place = decoder->is_little_endian ? size - 1 - i : i;

		number = number << 8 | (unsigned char)in.ptr[at + place];
	}
	return number;
}

/* Tells whether the first number is a byte order mark, and sets the byte order from it. */
static bool is_mark(struct decoder *decoder, uint32_t number, uint32_t reversed_mark)
{
	enum charset_mark mark = decoder->mark;

	decoder->mark = CHARSET_MARK_TEXT;
	if (mark == CHARSET_MARK_DECIDES && number == reversed_mark) {
		decoder->is_little_endian = !decoder->is_little_endian;
		return true;
	}
	return mark != CHARSET_MARK_TEXT && number == BYTE_ORDER_MARK;
}

/* Reads one unit or a surrogate pair. Returns its length, or 0 if a unit is missing. */
static size_t utf16_next(const struct decoder *decoder, struct str in, size_t at,
                         uint32_t *code_point, struct fault *fault)
{
	uint32_t unit = number_at(decoder, in, at, 2);

	*code_point = unit;
	if ((unit & 0xFC00) == 0xDC00)
		fault->len = 2;
	if ((unit & 0xFC00) != 0xD800)
		return 2;
	if (in.len - at < 4)
		return 0;
	uint32_t low = number_at(decoder, in, at + 2, 2);
	if ((low & 0xFC00) != 0xDC00)
		fault->len = 4;
	*code_point = 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
	return 4;
}

size_t decode_utf16(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                    struct fault *fault)
{
	const uint32_t reversed_mark = 0xFFFE;
	struct writer writer = {.out = out};
	size_t at = 0;

	(void)is_last;
	while (in.len - at >= 2) {
		uint32_t code_point;
		size_t len = utf16_next(decoder, in, at, &code_point, fault);

		if (len == 0 || fault->len > 0)
			break;
		if (!is_mark(decoder, code_point, reversed_mark))
			writer_put(&writer, code_point);
		at += len;
	}
	writer_flush(&writer);
	return at;
}

/* DIFFERS: Java accepts surrogates in UTF-32 and writes "?" for them later. */
size_t decode_utf32(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                    struct fault *fault)
{
	const uint32_t reversed_mark = 0xFFFE0000;
	struct writer writer = {.out = out};
	size_t at = 0;

	(void)is_last;
	for (; in.len - at >= 4; at += 4) {
		uint32_t code_point = number_at(decoder, in, at, 4);

		if (is_mark(decoder, code_point, reversed_mark))
			continue;
		if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) {
			fault->len = 4;
			break;
		}
		writer_put(&writer, code_point);
	}
	writer_flush(&writer);
	return at;
}

size_t decode_ascii(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                    struct fault *fault)
{
	size_t len = utf8_ascii_prefix(in);

	(void)decoder;
	(void)is_last;
	buf_append(out, in.ptr, len);
	if (len < in.len)
		fault->len = 1;
	return len;
}

size_t decode_single(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                     struct fault *fault)
{
	struct writer writer = {.out = out};
	size_t at = 0;

	(void)is_last;
	for (; at < in.len; at++) {
		uint16_t code_point = decoder->single[(unsigned char)in.ptr[at]];

		if (code_point == CHARSET_NONE) {
			*fault = (struct fault){.is_unmappable = true, .len = 1};
			break;
		}
		writer_put(&writer, code_point);
	}
	writer_flush(&writer);
	return at;
}

/*
 * Decodes one character by giving iconv more and more bytes. Returns its length, or 0 if the
 * character is wrong or incomplete.
 */
static size_t decode_one(struct decoder *decoder, struct str in, struct buf *out,
                         struct fault *fault)
{
	for (size_t len = 1; len <= in.len; len++) {
		char text[32], *to = text, *from = (char *)(uintptr_t)in.ptr;
		size_t from_len = len, room = sizeof(text);

		if (iconv(decoder->iconv, &from, &from_len, &to, &room) != (size_t)-1) {
			/* iconv accepts single control bytes here, Java does not */
			if (len == 1 && (unsigned char)in.ptr[0] <= 0xA0)
				break;
			iconv(decoder->iconv, NULL, NULL, &to, &room);
			buf_append(out, text, (size_t)(to - text));
			return len;
		}
		if (errno != EINVAL || len == LONGEST)
			break;
		if (len == in.len)
			return 0;
	}
	iconv(decoder->iconv, NULL, NULL, NULL, NULL);
	fault->len = 1;
	return 0;
}

size_t decode_multibyte(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                        struct fault *fault)
{
	size_t at = 0;

	(void)is_last;
	while (at < in.len) {
		struct str rest = str_sub(in, at, in.len);
		size_t len = utf8_ascii_prefix(rest);

		if (len > 0)
			buf_append(out, rest.ptr, len);
		else
			len = decode_one(decoder, rest, out, fault);
		if (len == 0)
			break;
		at += len;
	}
	return at;
}

size_t decode_iconv(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                    struct fault *fault)
{
	char *from = (char *)(uintptr_t)in.ptr;
	size_t from_len = in.len, result;
	char piece[4096];

	do {
		char *to = piece;
		size_t room = sizeof(piece);

		result = iconv(decoder->iconv, &from, &from_len, &to, &room);
		if (result == (size_t)-1 && errno == EILSEQ)
			fault->len = 1;
		else if (result != (size_t)-1 && is_last)
			iconv(decoder->iconv, NULL, NULL, &to, &room);
		buf_append(out, piece, sizeof(piece) - room);
	} while (result == (size_t)-1 && errno == E2BIG);
	return in.len - from_len;
}
