/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decoder.h - the state of decoding a text in a character set (charset.h)
 */
#ifndef CFLYWAY_BASE_DECODER_H
#define CFLYWAY_BASE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum charset_kind {
	CHARSET_UTF8,
	CHARSET_UTF16,
	CHARSET_UTF32,
	CHARSET_ASCII,
	CHARSET_SINGLE,    /* one byte is one character: through a table */
	CHARSET_MULTIBYTE, /* ASCII, and characters of two to four bytes */
	CHARSET_ICONV,     /* all others: whatever iconv makes of them */
};

/* What a byte order mark at the beginning is. */
enum charset_mark {
	CHARSET_MARK_TEXT,      /* a character as any other */
	CHARSET_MARK_SWALLOWED, /* no character */
	CHARSET_MARK_DECIDES,   /* no character, and says what the byte order is */
};

struct decoder {
	enum charset_kind kind;
	bool is_little_endian;
	enum charset_mark mark; /* CHARSET_MARK_TEXT after the first character */
	void *iconv;            /* an iconv_t; NULL for the kinds that need none */
	char pending[8];        /* an incomplete character at the end of the last piece */
	size_t pending_len;
	uint16_t single[256]; /* code points; CHARSET_NONE for none */
};

enum { CHARSET_NONE = 0xFFFF };

#define DECODER_CLOSED {0}

#endif
