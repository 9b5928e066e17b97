/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charset_decode.h - decodes each kind of character set, and finds character sets by name
 *
 * Every decode function takes whole characters from the front of in, appends them to out and
 * returns the number of bytes taken. The bytes left over are an incomplete character, unless *fault
 * says that they are wrong.
 */
#ifndef CFLYWAY_BASE_CHARSET_DECODE_H
#define CFLYWAY_BASE_CHARSET_DECODE_H

#include "cflyway/base/buf.h"
#include "cflyway/base/decoder.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* The bytes that cannot be decoded, as Java counts them. len is 0 if there are none. */
struct fault {
	bool is_unmappable;
	size_t len;
};

typedef size_t decode_fn(struct decoder *decoder, struct str in, bool is_last, struct buf *out,
                         struct fault *fault);

decode_fn decode_utf8, decode_utf16, decode_utf32, decode_ascii, decode_single, decode_multibyte,
	decode_iconv;

struct charset {
	enum charset_kind kind;
	bool is_little_endian;
	enum charset_mark mark;
	const char *iconv_name; /* NULL for kinds that do not need iconv */
	const char *names;      /* separated by blanks */
};

/* Returns NULL if the name is not in the table; iconv may still know it. */
const struct charset *charset_find(const char *name);

/* Tells whether Java accepts the name as a legal name of a character set. */
bool charset_is_legal_name(const char *name);

#endif
