/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - decodes, checks and measures UTF-8 text as Java does
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
 * Removes one character from *rest. For a malformed sequence, removes one byte and returns U+FFFD.
 * *rest must not be empty.
 */
uint32_t utf8_next(struct str *rest);

/* Writes up to UTF8_MAX bytes and returns their number. code_point must be a Unicode scalar. */
size_t utf8_encode(uint32_t code_point, char *out);

/*
 * Returns the length of the longest valid prefix, which is s.len if all of s is valid. Surrogates,
 * over-long forms and values above U+10FFFF are invalid. *incomplete (may be NULL) tells whether
 * the bytes after the prefix could still become valid with more bytes.
 */
size_t utf8_valid_prefix(struct str s, bool *incomplete);

/*
 * Replaces malformed bytes as Java does: one U+FFFD stands for all bytes that could begin one
 * character, and for a whole surrogate. Valid text is returned unchanged; otherwise the result
 * lives in arena and is NUL-terminated.
 */
struct str utf8_replaced(struct arena *arena, struct str s);

/* Returns the length of the longest prefix of ASCII characters. */
size_t utf8_ascii_prefix(struct str s);

size_t utf8_length_utf16(struct str s);

/* Keeps at most units UTF-16 units; never cuts inside a character. */
struct str utf8_truncate_utf16(struct str s, size_t units);

/* Compares as Java's String.compareTo does, by UTF-16 units. Returns negative, 0 or positive. */
int utf8_compare_utf16(struct str a, struct str b);

#endif
