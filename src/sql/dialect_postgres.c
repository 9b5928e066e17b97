/* SPDX-License-Identifier: Apache-2.0 */
/* dialect_postgres.c - describes the syntax of scripts for PostgreSQL */
#include "dialect_private.h"

#include "cflyway/base/attr.h"

#include <string.h>

enum {
	ALTER_TYPE_FREE = 12, /* since this version ALTER TYPE … ADD VALUE runs in a transaction */
};

static bool is_routine(const struct words *words)
{
	static const enum keyword patterns[][5] = {
		{KEYWORD_CREATE, KEYWORD_FUNCTION},
		{KEYWORD_CREATE, KEYWORD_PROCEDURE},
		{KEYWORD_CREATE, KEYWORD_OR, KEYWORD_REPLACE, KEYWORD_FUNCTION},
		{KEYWORD_CREATE, KEYWORD_OR, KEYWORD_REPLACE, KEYWORD_PROCEDURE},
	};

	for (size_t i = 0; i < COUNT(patterns); i++)
		if (words_start_with(words, patterns[i]))
			return true;
	return false;
}

/* Tells whether the words after the first one matter. */
static bool needs_more_words(enum keyword first)
{
	switch (first) {
	case KEYWORD_ALTER:
	case KEYWORD_COPY:
	case KEYWORD_CREATE:
	case KEYWORD_DISCARD:
	case KEYWORD_DROP:
	case KEYWORD_PREPARE:
	case KEYWORD_REINDEX:
	case KEYWORD_RESET:
	case KEYWORD_SET:
		return true;
	default:
		return false;
	}
}

/*
 * BEGIN ATOMIC … END is the only block. DIFFERS: nested CASE is counted, "AS end" is not an END,
 * and only routines have such bodies ("SELECT begin atomic" is a column with an alias).
 */
static bool follow_blocks(struct words *words, enum keyword keyword)
{
	if (words->blocks == 0) {
		if (keyword == KEYWORD_ATOMIC && words->previous == KEYWORD_BEGIN)
			words->blocks = 1;
	} else if (words->previous != KEYWORD_AS) {
		if (keyword == KEYWORD_CASE)
			words->blocks++;
		else if (keyword == KEYWORD_END)
			words->blocks--;
	}
	return true;
}

static bool postgres_keyword(struct words *words, enum keyword keyword)
{
	if (words->n == 1) {
		words->watching = needs_more_words(keyword);
		return true;
	}
	if (is_routine(words))
		return follow_blocks(words, keyword);
	words->watching = words->n < WORDS_MAX;
	return true;
}

/*
 * Only statements that Flyway recognises as non-transactional are marked so: the log and the checks
 * for mixed scripts depend on the flag.
 */
static const struct words_rule rules[] = {
	{{KEYWORD_CREATE, KEYWORD_DATABASE}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_CREATE, KEYWORD_TABLESPACE}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_CREATE, KEYWORD_SUBSCRIPTION}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_DROP, KEYWORD_DATABASE}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_DROP, KEYWORD_TABLESPACE}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_DROP, KEYWORD_SUBSCRIPTION}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_ALTER, KEYWORD_SYSTEM}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_CREATE, KEYWORD_INDEX, KEYWORD_CONCURRENTLY}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_CREATE, KEYWORD_UNIQUE, KEYWORD_INDEX, KEYWORD_CONCURRENTLY},
         STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_DROP, KEYWORD_INDEX, KEYWORD_CONCURRENTLY}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_DROP, KEYWORD_UNIQUE, KEYWORD_INDEX, KEYWORD_CONCURRENTLY},
         STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_REINDEX, KEYWORD_SCHEMA}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_REINDEX, KEYWORD_DATABASE}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_REINDEX, KEYWORD_SYSTEM}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_REINDEX, KEYWORD_VERBOSE, KEYWORD_SCHEMA}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_REINDEX, KEYWORD_VERBOSE, KEYWORD_DATABASE}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_REINDEX, KEYWORD_VERBOSE, KEYWORD_SYSTEM}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_VACUUM}, STATEMENT_NON_TRANSACTIONAL},
	{{KEYWORD_DISCARD, KEYWORD_ALL},
         STATEMENT_NON_TRANSACTIONAL | STATEMENT_SYNC | STATEMENT_MAY_UNLOCK},
	{{KEYWORD_ABORT}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_BEGIN}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_CALL}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_COMMIT}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_END}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_PREPARE, KEYWORD_TRANSACTION}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_RELEASE}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_ROLLBACK}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_SAVEPOINT}, STATEMENT_TRANSACTION_CONTROL},
	{{KEYWORD_START}, STATEMENT_TRANSACTION_CONTROL},
};

/* Returns the word that names the parameter of SET and RESET, if it is a plain word. */
static enum keyword parameter(const struct words *words)
{
	size_t i = 1;

	if (i < words->n && (words->list[i] == KEYWORD_LOCAL || words->list[i] == KEYWORD_SESSION))
		i++;
	return i < words->n ? words->list[i] : KEYWORD_NONE;
}

/* If in doubt, the answer is yes: that only costs a round trip. */
static bool needs_sync(enum keyword parameter)
{
	switch (parameter) {
	case KEYWORD_NONE:
	case KEYWORD_TO: /* the name before it was not a plain word */
	case KEYWORD_ALL:
	case KEYWORD_AUTHORIZATION:
	case KEYWORD_CHARACTERISTICS:
	case KEYWORD_CLIENT_ENCODING:
	case KEYWORD_DATESTYLE:
	case KEYWORD_NAMES:
	case KEYWORD_ROLE:
	case KEYWORD_SESSION_AUTHORIZATION:
	case KEYWORD_TRANSACTION:
	case KEYWORD_TRANSACTION_DEFERRABLE:
	case KEYWORD_TRANSACTION_ISOLATION:
	case KEYWORD_TRANSACTION_READ_ONLY:
		return true;
	default:
		return false;
	}
}

/* Tells whether the last word of a statement switches a parameter off. */
static bool ends_with_off(struct str text)
{
	static const struct str values[] = {
		{"off", 3}, {"of", 2}, {"false", 5}, {"fals", 4}, {"fal", 3},
		{"fa", 2},  {"f", 1},  {"no", 2},    {"n", 1},    {"0", 1},
	};

	text = str_trim_right(text);
	if (text.len > 0 && text.ptr[text.len - 1] == '\'')
		text.len--;
	size_t start = text.len;
	while (start > 0 && strchr(" \t\r\n='", text.ptr[start - 1]) == NULL)
		start--;
	for (size_t i = 0; i < COUNT(values); i++)
		if (str_eq_nocase(str_sub(text, start, text.len), values[i]))
			return true;
	return false;
}

/* DIFFERS: Flyway ignores the parameter and splits inside strings while it is off. */
static void follow_setting(struct words *words, enum keyword parameter, struct str text)
{
	bool is_set = words->list[0] == KEYWORD_SET;

	if (parameter == KEYWORD_STANDARD_CONFORMING_STRINGS)
		words->backslash_quotes = is_set && ends_with_off(text);
	else if (!is_set && parameter == KEYWORD_ALL)
		words->backslash_quotes = false;
}

/*
 * Tells whether the text contains pg_advisory_unlock in any case, also inside strings and bodies.
 * Horspool's search reads only about every tenth byte.
 */
static bool mentions_unlock(struct str text)
{
	static const struct str name = {"pg_advisory_unlock", 18};
	/* How far to advance if this byte is at the end of the name; 0 stands for name.len. */
	static const unsigned char step[256] = {
		['p'] = 17, ['g'] = 16, ['a'] = 14, ['d'] = 13, ['v'] = 12, ['i'] = 11,
		['s'] = 10, ['o'] = 2,  ['r'] = 8,  ['y'] = 7,  ['_'] = 6,  ['u'] = 5,
		['n'] = 4,  ['l'] = 3,  ['c'] = 1,  ['P'] = 17, ['G'] = 16, ['A'] = 14,
		['D'] = 13, ['V'] = 12, ['I'] = 11, ['S'] = 10, ['O'] = 2,  ['R'] = 8,
		['Y'] = 7,  ['U'] = 5,  ['N'] = 4,  ['L'] = 3,  ['C'] = 1,
	};

	for (size_t end = name.len; end <= text.len;) {
		unsigned char last = (unsigned char)text.ptr[end - 1];
		if ((last == 'k' || last == 'K') &&
		    str_eq_nocase(str_sub(text, end - name.len, end), name))
			return true;
		end += step[last] > 0 ? step[last] : name.len;
	}
	return false;
}

static unsigned postgres_flags(struct words *words, struct str text,
                               const struct dialect_context *context)
{
	/* long scripts consist of batchable statements, which no rule matches */
	unsigned flags = words_batchable(words) ? 0 : words_flags(words, rules, COUNT(rules));

	switch (words->n > 0 ? words->list[0] : KEYWORD_NONE) {
	case KEYWORD_ALTER:
		if (words->n > 1 && words->list[1] == KEYWORD_TYPE &&
		    words_have_pair(words, KEYWORD_ADD, KEYWORD_VALUE) &&
		    context->server_version < ALTER_TYPE_FREE)
			flags |= STATEMENT_NON_TRANSACTIONAL;
		break;
	case KEYWORD_COPY:
		if (words_have_pair(words, KEYWORD_FROM, KEYWORD_STDIN))
			flags |= STATEMENT_COPY_IN;
		if (words_have_pair(words, KEYWORD_TO, KEYWORD_STDOUT))
			flags |= STATEMENT_COPY_OUT;
		break;
	case KEYWORD_SET:
	case KEYWORD_RESET:
		if (needs_sync(parameter(words)) || memchr(text.ptr, '"', text.len) != NULL)
			flags |= STATEMENT_SYNC;
		follow_setting(words, parameter(words), text);
		break;
	case KEYWORD_DISCARD:
		follow_setting(words, parameter(words), text);
		break;
	default:
		break;
	}
	if (mentions_unlock(text))
		flags |= STATEMENT_MAY_UNLOCK;
	return flags;
}

const struct dialect dialect_postgres = {
	.name_quotes = "\"",
	.dollar_quotes = true,
	.prefixed_strings = true,
	.comments_nest = true,
	.restrict_lines = true,
	.keyword = postgres_keyword,
	.flags = postgres_flags,
};
