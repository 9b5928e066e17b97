/* SPDX-License-Identifier: Apache-2.0 */
/*
 * display.h - characters of a script as a message shows them: how wide they are, and what cannot be
 * seen in words
 */
#ifndef CFLYWAY_BASE_DISPLAY_H
#define CFLYWAY_BASE_DISPLAY_H

#include "cflyway/base/str.h"

#include <stddef.h>

enum { DISPLAY_MAX = 12 };

struct display_char {
	char text[DISPLAY_MAX + 1]; /* NUL-terminated */
	size_t len;                 /* of text, in bytes */
	size_t width;               /* in columns of a terminal */
};

/*
 * Removes the first character from *rest, which must not be empty, and returns how it is shown at
 * that column (from 0): a tab as blanks, control characters, invisible ones and blanks that are
 * none in SQL as \x1b or \u00a0.
 */
struct display_char display_next(struct str *rest, size_t column);

#endif
