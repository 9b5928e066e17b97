/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrap.h - wraps text to lines of at most 80 columns
 */
#ifndef CFLYWAY_OUTPUT_WRAP_H
#define CFLYWAY_OUTPUT_WRAP_H

#include "cflyway/base/buf.h"

#include <stddef.h>

enum { WRAP_WIDTH = 80 };

/*
 * Appends text, breaking lines at blanks; a word that is too long gets its own line. The cursor is
 * at column (0 is the first); further lines are indented. Returns the column after the text.
 */
size_t wrap_add(struct buf *out, size_t column, size_t indent, const char *text);

/* Appends a line of a list: the name, and the text beside it, starting at column indent. */
void wrap_add_item(struct buf *out, const char *name, size_t indent, const char *text);

#endif
