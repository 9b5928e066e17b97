/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decoder.h - holds the state of a decoder of a character set (charset.h)
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
	CHARSET_SINGLE,    /* one byte is one character, decoded by a table */
	CHARSET_MULTIBYTE, /* ASCII, and characters of two to four bytes */
	CHARSET_ICONV,     /* any other, decoded by iconv alone */
};

/* The meaning of a byte order mark at the beginning. */
enum charset_mark {
	CHARSET_MARK_TEXT,      /* a character like any other */
	CHARSET_MARK_SWALLOWED, /* dropped */
	CHARSET_MARK_DECIDES,   /* dropped, and tells the byte order */
};

struct decoder {
	enum charset_kind kind;
	bool is_little_endian;
	enum charset_mark mark; /* CHARSET_MARK_TEXT after the first character */
	void *iconv;            /* an iconv_t; NULL for kinds that do not need it */
	char pending[8];        /* an incomplete character at the end of the last piece */
	size_t pending_len;
	uint16_t single[256]; /* code point of each byte, or CHARSET_NONE */
};

enum { CHARSET_NONE = 0xFFFF };

#define DECODER_CLOSED {0}

#endif
