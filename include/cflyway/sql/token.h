/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h - walks over the words, names and literals of one statement
 *
 * For messages about statements that have failed: it accepts any text, and knows the quotes of
 * PostgreSQL and SQLite.
 */
#ifndef CFLYWAY_SQL_TOKEN_H
#define CFLYWAY_SQL_TOKEN_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
	TOKEN_END,    /* of the text */
	TOKEN_WORD,   /* a keyword or a name without quotes */
	TOKEN_NAME,   /* "a name" */
	TOKEN_STRING, /* 'x', E'x' or $tag$x$tag$ */
	TOKEN_NUMBER,
	TOKEN_OTHER, /* one byte */
};

struct token {
	enum token_kind kind;
	struct str text;    /* with quotes */
	struct str content; /* between them; otherwise text */
};

/* Returns the next token at or after *at, but for comments and blanks, and moves *at after it. */
struct token token_next(struct str text, size_t *at);

/* Is it that word, whatever the case, or that byte? */
bool token_is(struct token token, const char *text);

/* What a name or literal stands for: without quotes, doubled quotes once. Lives in the arena. */
const char *token_value(struct arena *arena, struct token token);

/* The name as PostgreSQL keeps it: in small letters, if it is without quotes. */
const char *token_identifier(struct arena *arena, struct token token);

#endif
