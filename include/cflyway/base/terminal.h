/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal.h - shows foreign text so that it cannot control a terminal
 *
 * Names of files, rows of a query and messages of a server may hold sequences that a terminal
 * obeys: they recolour, move the cursor, set the title, or reorder a line. On a terminal they
 * become visible. Files and pipes get every byte as it is.
 */
#ifndef CFLYWAY_BASE_TERMINAL_H
#define CFLYWAY_BASE_TERMINAL_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

bool terminal_is(FILE *stream);

/*
 * Appends text to out, with escapes for what controls a terminal: \x1b for control characters and
 * bytes that are not UTF-8, \u007f, \u009b or \u202e for DEL, C1 controls and characters that
 * reorder a line. Line breaks (LF, CR LF) and tabs stay: they belong to the layout.
 */
void terminal_escape(struct buf *out, struct str text);

/*
 * Returns how many bytes at the end of text have to wait for the text that follows: the beginning
 * of a character, or a CR.
 */
size_t terminal_unfinished(struct str text);

/*
 * Writes text to stream, escaped if is_terminal. Returns false if not all could be written; errno
 * says why.
 */
bool terminal_write(FILE *stream, bool is_terminal, struct str text);

#endif
