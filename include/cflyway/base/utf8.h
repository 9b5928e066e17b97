/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - UTF-8 text: decode, check, and measure as Java does
 *
 * Java counts UTF-16 units, and so do Flyway's tables, columns and sort orders.
 */
#ifndef CFLYWAY_BASE_UTF8_H
#define CFLYWAY_BASE_UTF8_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX = 4 };

/*
 * Takes one character off *rest. Returns U+FFFD for a malformed sequence (one byte is taken then).
 * *rest must not be empty.
 */
uint32_t utf8_next(struct str *rest);

/* Writes up to UTF8_MAX bytes and returns their number. code_point must be a Unicode scalar. */
size_t utf8_encode(uint32_t code_point, char *out);

/*
 * Length of the longest valid prefix: equal to s.len when all is valid. Surrogates, over-long forms
 * and values above U+10FFFF are invalid. *incomplete (may be NULL) tells whether what follows the
 * prefix could still become valid with more bytes.
 */
size_t utf8_valid_prefix(struct str s, bool *incomplete);

/*
 * The text as Java decodes it: each malformed sequence is one U+FFFD, which takes the bytes that
 * could begin a character, and a surrogate whole. A valid text is returned as it is, another one
 * lives in arena, with a NUL behind it.
 */
struct str utf8_replaced(struct arena *arena, struct str s);

/* Length of the longest prefix of ASCII characters. */
size_t utf8_ascii_prefix(struct str s);

size_t utf8_length_utf16(struct str s);

/* Cuts after at most units UTF-16 units, never inside a character. */
struct str utf8_truncate_utf16(struct str s, size_t units);

/* Order of Java's String.compareTo: by UTF-16 units. Negative, 0 or positive. */
int utf8_compare_utf16(struct str a, struct str b);

#endif
