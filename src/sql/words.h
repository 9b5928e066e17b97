/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - the first keywords of a statement, and the blocks it opened (private)
 *
 * Flyway tells statements apart by their keywords outside parentheses: words of letters and
 * underscores that are no part of a dotted name.
 */
#ifndef CFLYWAY_SQL_WORDS_H
#define CFLYWAY_SQL_WORDS_H

#include "keyword.h"

#include <stdbool.h>
#include <stddef.h>

/* Flyway looks at no more either. */
enum { WORDS_MAX = 10 };

struct words {
	enum keyword list[WORDS_MAX];
	size_t n;              /* of list */
	enum keyword previous; /* the word or semicolon directly before, or KEYWORD_NONE */
	bool watching;         /* further keywords of this statement matter */
	size_t blocks;         /* open blocks, in which a semicolon does not end the statement */
	size_t flyway_blocks;  /* the same by Flyway's count, where the dialect counts otherwise */
	bool may_end; /* the script may end within blocks: the database says what is wrong */
	bool backslash_quotes; /* for the whole script: standard_conforming_strings is off */
};

void words_reset(struct words *words);
void words_add(struct words *words, enum keyword keyword);

/* A pattern ends with KEYWORD_NONE. */
bool words_start_with(const struct words *words, const enum keyword *pattern);

/* Whether two keywords stand side by side, anywhere behind the first word. */
bool words_have_pair(const struct words *words, enum keyword first, enum keyword second);

/* INSERT, UPDATE, DELETE, UPSERT, MERGE: what Flyway would collect with -batch. */
bool words_batchable(const struct words *words);

/* What statements that begin with certain keywords are. */
struct words_rule {
	enum keyword pattern[5];
	unsigned flags;
};

/* The flags of the rules that fit. */
unsigned words_flags(const struct words *words, const struct words_rule *rules, size_t n);

#endif
