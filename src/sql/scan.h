/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - steps over one literal, quoted name or comment (private)
 *
 * Each function starts with the window's pos at the first byte of the token and leaves it after the
 * last byte. False: the script ended inside the token.
 */
#ifndef CFLYWAY_SQL_SCAN_H
#define CFLYWAY_SQL_SCAN_H

#include "window.h"

#include "cflyway/base/attr.h"

/* Skips to after the closing quote; a doubled quote is part of the string. */
MUST_USE bool scan_quoted(struct window *window, char quote);

/* Skips '...' with backslash escapes, and the segments that continue it on further lines. */
MUST_USE bool scan_escaped(struct window *window);

/* Skips [...], in which a closing bracket cannot be written. */
MUST_USE bool scan_bracket(struct window *window);

/* Returns the length of the $tag$ at pos with both dollar signs, or 0 if there is none. */
size_t scan_dollar_tag(struct window *window);

/* Skips $tag$...$tag$; len is the length of the opening tag. */
MUST_USE bool scan_dollar_quoted(struct window *window, size_t len);

/* Tells whether a comment begins at pos. */
bool scan_at_comment(struct window *window);

/*
 * Skips a comment: either from "--" up to, but without, LF, CR or the end of the script, or a block
 * comment, which may contain others if nests is set.
 */
MUST_USE bool scan_comment(struct window *window, bool nests);

/* Skips to the next LF or CR, or to the end of the script. */
void scan_line(struct window *window);

#endif
