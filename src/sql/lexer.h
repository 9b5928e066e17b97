/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer.h - finds where a statement begins and ends (private)
 */
#ifndef CFLYWAY_SQL_LEXER_H
#define CFLYWAY_SQL_LEXER_H

#include "dialect_private.h"
#include "window.h"

#include "cflyway/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct lexer {
	const struct dialect *dialect;
	struct window window; /* window.start: beginning of the statement with its comments */
	struct words words;
	unsigned char bytes[256]; /* the class of each byte; see lexer.c */
	size_t token;             /* first token that is not a comment; relative to window.start */
	size_t before;            /* the comment or blank lines before token, if any; else token */
	size_t adjacent;          /* end of words.previous; relative to window.start */
	ptrdiff_t parens;         /* open parentheses; negative after one ")" too many */
	bool unbalanced;          /* unbalanced parentheses, or an unclosed literal or comment */
	/* The last comment between statements: its offset in the script, and its line. */
	size_t comment_offset, comment_line;
};

enum lexer_end {
	LEXER_DELIMITER, /* window.pos is at the delimiter */
	LEXER_SCRIPT_END,
	LEXER_BELOW_BLOCK, /* an END without a BEGIN */
};

void lexer_open(struct lexer *lexer, const struct dialect *dialect, struct text_source *source,
                size_t max, struct error *source_error);
void lexer_close(struct lexer *lexer);

/*
 * Moves to the first token of the next statement. Drops leading white space and statements that
 * contain only comments. False: there is no further statement.
 */
MUST_USE bool lexer_begin(struct lexer *lexer);

/* Moves from the first token to the end of the statement. */
MUST_USE enum lexer_end lexer_finish(struct lexer *lexer);

#endif
