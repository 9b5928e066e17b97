/* SPDX-License-Identifier: Apache-2.0 */
/* words.c - keeps the first keywords of a statement, and matches them with rules */
#include "words.h"

void words_reset(struct words *words)
{
	bool backslash_quotes = words->backslash_quotes;

	*words = (struct words){.watching = true, .backslash_quotes = backslash_quotes};
}

void words_add(struct words *words, enum keyword keyword)
{
	if (words->n < WORDS_MAX)
		words->list[words->n++] = keyword;
}

bool words_start_with(const struct words *words, const enum keyword *pattern)
{
	for (size_t i = 0; pattern[i] != KEYWORD_NONE; i++)
		if (i >= words->n || words->list[i] != pattern[i])
			return false;
	return true;
}

bool words_have_pair(const struct words *words, enum keyword first, enum keyword second)
{
	for (size_t i = 2; i < words->n; i++)
		if (words->list[i - 1] == first && words->list[i] == second)
			return true;
	return false;
}

bool words_batchable(const struct words *words)
{
	switch (words->n > 0 ? words->list[0] : KEYWORD_NONE) {
	case KEYWORD_INSERT:
	case KEYWORD_UPDATE:
	case KEYWORD_DELETE:
	case KEYWORD_UPSERT:
	case KEYWORD_MERGE:
		return true;
	default:
		return false;
	}
}

unsigned words_flags(const struct words *words, const struct words_rule *rules, size_t n)
{
	unsigned flags = 0;

	for (size_t i = 0; i < n; i++)
		if (words_start_with(words, rules[i].pattern))
			flags |= rules[i].flags;
	return flags;
}
