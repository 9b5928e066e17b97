/* SPDX-License-Identifier: Apache-2.0 */
/*
 * comment_lines.h - finds the lines of a text that begin with "--", as it streams by
 *
 * The text comes in pieces of any size. It is handed on in order: whole lines that begin with "--",
 * and all that is between them.
 */
#ifndef CFLYWAY_MIGRATION_COMMENT_LINES_H
#define CFLYWAY_MIGRATION_COMMENT_LINES_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"

#include <stdbool.h>

/* A longer line is no marker, and counts as text. */
enum { COMMENT_LINE_MAX = 1024 };

/* Receives a piece of text, or a line with its end. Errors are passed up. */
typedef bool comment_lines_fn(void *ctx, struct str text, struct error *err);

struct comment_lines {
	comment_lines_fn *on_text; /* may be NULL */
	comment_lines_fn *on_line;
	void *ctx;
	bool indented; /* lines with white space before "--" as well */
	/* Private. */
	struct buf held; /* the beginning of a line that may be a comment */
	bool has_begun, in_line;
};

void comment_lines_open(struct comment_lines *lines, comment_lines_fn *on_text,
                        comment_lines_fn *on_line, void *ctx);
void comment_lines_close(struct comment_lines *lines);

/* Reads one piece. Leaves a byte order mark out. Errors: those of the functions. */
MUST_USE bool comment_lines_feed(struct comment_lines *lines, struct str piece, struct error *err);

/* Hands on what is left: the last line may have no end. */
MUST_USE bool comment_lines_finish(struct comment_lines *lines, struct error *err);

#endif
