/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - steps over one literal, quoted name or comment (private)
 *
 * Each function starts with the window's pos on the first byte of the thing and leaves it behind
 * the last. False: the script ended inside.
 */
#ifndef CFLYWAY_SQL_SCAN_H
#define CFLYWAY_SQL_SCAN_H

#include "window.h"

#include "cflyway/base/attr.h"

/* Up to the closing byte; a doubled one belongs to the text. */
MUST_USE bool scan_quoted(struct window *window, char quote);

/* '...' in which a backslash escapes, with the segments that continue it on further lines. */
MUST_USE bool scan_escaped(struct window *window);

/* [...], without any way to write a bracket inside. */
MUST_USE bool scan_bracket(struct window *window);

/* Length of the $tag$ at pos with both dollar signs, 0 if there is none. */
size_t scan_dollar_tag(struct window *window);

/* $tag$...$tag$; len is that of the opening tag. */
MUST_USE bool scan_dollar_quoted(struct window *window, size_t len);

/* Whether a comment begins at pos. */
bool scan_at_comment(struct window *window);

/*
 * A comment: from "--" to LF or CR, which are left (the end of the script is as good), or a block,
 * which holds others if they nest.
 */
MUST_USE bool scan_comment(struct window *window, bool nests);

/* To the next LF or CR, or the end of the script. */
void scan_line(struct window *window);

#endif
