/* SPDX-License-Identifier: Apache-2.0 */
/*
 * comment_strip.h - copies a script without its comments
 */
#ifndef CFLYWAY_SQL_COMMENT_STRIP_H
#define CFLYWAY_SQL_COMMENT_STRIP_H

#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"
#include "cflyway/sql/dialect.h"

enum comment_strip {
	COMMENT_STRIP_ONLY, /* comments are left out, and all else stays */
	/*
	 * Each run of comments and white space becomes one blank, and none is left at the beginning
	 * and at the end; literals, quoted names and dollar quotes stay.
	 */
	COMMENT_STRIP_AND_BLANKS,
};

/* Appends the script to out. The rows of a COPY are read as if they were SQL. Pure. */
void comment_strip(struct str script, const struct dialect *dialect, enum comment_strip strip,
                   struct buf *out);

#endif
