/* SPDX-License-Identifier: Apache-2.0 */
/*
 * excerpt.h - shortens a long string for messages that quote a script
 *
 * An unclosed quote makes the rest of a script one token, and every error that quotes the token
 * would repeat the script.
 */
#ifndef CFLYWAY_BASE_EXCERPT_H
#define CFLYWAY_BASE_EXCERPT_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

enum {
	EXCERPT_LINES = 10,
	EXCERPT_BYTES = 2000,
};

/*
 * Returns at most EXCERPT_LINES lines and EXCERPT_BYTES bytes of text, which is UTF-8, followed by
 * "\n... (N more lines left out)", or "bytes" if the rest is part of one line. A shorter text is
 * returned whole.
 */
const char *excerpt(struct arena *arena, struct str text);

#endif
