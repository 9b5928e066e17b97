/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charset.h - decodes text in any character set to UTF-8, in pieces
 *
 * Decoding is strict: malformed and unmappable input is an error and is never replaced. Unicode and
 * ASCII are decoded here, other character sets by iconv under the names that Java knows. "UTF-16"
 * and "UTF-32" read the byte order from the byte order mark (big endian without one) and drop the
 * mark; UTF-32BE and UTF-32LE only drop it; UTF-8, UTF-16BE and UTF-16LE keep it as U+FEFF.
 */
#ifndef CFLYWAY_BASE_CHARSET_H
#define CFLYWAY_BASE_CHARSET_H

#include "cflyway/base/attr.h"
#include "cflyway/base/arena.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/decoder.h"
#include "cflyway/base/error.h"

#include <stdbool.h>
#include <stddef.h>

bool charset_known(const char *encoding);

/* Returns Java's message about an unknown name. */
const char *charset_complaint(struct arena *arena, const char *encoding);

/* Tells whether encoding is "UTF-8" or "UTF8", in any case. Such text needs no decoding. */
bool charset_is_utf8(const char *encoding);

/*
 * Errors: ERROR_FAULT "java.nio.charset.UnsupportedCharsetException: NAME", or
 * "java.nio.charset.IllegalCharsetNameException: NAME".
 */
MUST_USE bool decoder_open(struct decoder *decoder, const char *encoding, struct error *err);
void decoder_close(struct decoder *decoder); /* closing a closed one does nothing */

/*
 * Decodes len bytes and appends the text to out. is_last says that no more bytes follow; then an
 * incomplete character is an error. Errors: ERROR_GENERAL
 * "java.nio.charset.MalformedInputException: Input length = N" or "…UnmappableCharacterException…",
 * or out's maximum.
 */
MUST_USE bool decoder_feed(struct decoder *decoder, const char *bytes, size_t len, bool is_last,
                           struct buf *out, struct error *err);

/*
 * Guesses the encoding of a file as Flyway's detectEncoding does. Reads the file once and sets
 * *encoding to a static string. Errors: ERROR_GENERAL if the file is unreadable.
 */
MUST_USE bool charset_detect(const char *path, const char **encoding, struct error *err);

#endif
