/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - keeps the first keywords of a statement, and counts its open blocks (private)
 *
 * Flyway recognises statements by their keywords outside parentheses: words of letters and
 * underscores that are not part of a dotted name.
 */
#ifndef CFLYWAY_SQL_WORDS_H
#define CFLYWAY_SQL_WORDS_H

#include "keyword.h"

#include <stdbool.h>
#include <stddef.h>

/* Flyway examines no more either. */
enum { WORDS_MAX = 10 };

struct words {
	enum keyword list[WORDS_MAX];
	size_t n;              /* length of list */
	enum keyword previous; /* the word or semicolon directly before, or KEYWORD_NONE */
	bool watching;         /* further keywords of this statement matter */
	size_t blocks;         /* open blocks, in which a semicolon does not end the statement */
	size_t flyway_blocks;  /* open blocks as Flyway counts them, where the dialect differs */
	bool may_end; /* the script may end inside a block: the database reports the error */
	bool backslash_quotes; /* for the whole script: standard_conforming_strings is off */
};

void words_reset(struct words *words);
void words_add(struct words *words, enum keyword keyword);

/* Tells whether the words start with a pattern, which ends with KEYWORD_NONE. */
bool words_start_with(const struct words *words, const enum keyword *pattern);

/* Tells whether two keywords are adjacent, anywhere after the first word. */
bool words_have_pair(const struct words *words, enum keyword first, enum keyword second);

/* True for INSERT, UPDATE, DELETE, UPSERT and MERGE, which Flyway collects with -batch. */
bool words_batchable(const struct words *words);

/* The flags of statements that begin with certain keywords. */
struct words_rule {
	enum keyword pattern[5];
	unsigned flags;
};

/* Returns the flags of all matching rules. */
unsigned words_flags(const struct words *words, const struct words_rule *rules, size_t n);

#endif
