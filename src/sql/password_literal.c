/* SPDX-License-Identifier: Apache-2.0 */
/* password_literal.c - hides the passwords that a statement sets */
#include "cflyway/sql/password_literal.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"

#include <limits.h>

/* The length of what stands between the word and its literal: blanks, "=", ":=", and E of E'...'. */
static size_t gap_length(struct str text)
{
	size_t len = 0;

	while (len < text.len && strchr(" \t\r\n=:>", text.ptr[len]) != NULL)
		len++;
	if (len < text.len && strchr("eEnN", text.ptr[len]) != NULL)
		len++;
	return len;
}

/*
 * The length of a literal within a literal, where its quotes are doubled: execute 'alter role a
 * password ''x'' '. 0: there is none, but an empty one may be.
 */
static size_t inner_length(struct str text)
{
	const struct str quotes = STR("''");
	struct str rest = str_sub(text, quotes.len, text.len);

	if (!str_starts(text, quotes) || rest.len == 0 ||
	    strchr("' \t\r\n;,)", rest.ptr[0]) != NULL)
		return 0;
	size_t end = str_find(rest, quotes);
	return end == rest.len ? 0 : end + 2 * quotes.len;
}

/* The length of the literal with which text begins, both quotes included; 0: it has none. */
static size_t quoted_length(struct str text)
{
	size_t at = 1, inner = inner_length(text);

	if (inner > 0 || !str_starts(text, STR("'")))
		return inner;
	for (; at < text.len; at++) {
		bool is_quote = text.ptr[at] == '\'';
		bool is_twice = is_quote && at + 1 < text.len && text.ptr[at + 1] == '\'';

		if (text.ptr[at] == '\\' || is_twice)
			at++;
		else if (is_quote)
			break;
	}
	return at < text.len ? at + 1 : text.len;
}

/* The same for $$...$$ and $tag$...$tag$. */
static size_t dollar_length(struct str text)
{
	size_t tag = 1;

	if (!str_starts(text, STR("$")))
		return 0;
	while (tag < text.len && text.ptr[tag] != '$' && ascii_is_name(text.ptr[tag]))
		tag++;
	if (tag == text.len || text.ptr[tag] != '$')
		return 0;
	struct str rest = str_sub(text, tag + 1, text.len);
	size_t end = str_find(rest, str_sub(text, 0, tag + 1));
	return end == rest.len ? text.len : 2 * (tag + 1) + end;
}

static size_t literal_length(struct str text)
{
	size_t len = quoted_length(text);

	return len > 0 ? len : dollar_length(text);
}

bool password_literal_find(struct str statement, size_t start, size_t *from, size_t *to)
{
	static const struct str word = {"password", 8};
	const struct str text = statement;

	for (size_t i = start; i + word.len < text.len; i++) {
		struct str rest = str_sub(text, i + word.len, text.len);

		if (!str_starts_nocase(str_sub(text, i, text.len), word) ||
		    ascii_is_name(rest.ptr[0]))
			continue;
		size_t gap = gap_length(rest);
		size_t len = literal_length(str_sub(rest, gap, rest.len));

		if (len == 0)
			continue;
		*from = i + word.len + gap;
		*to = *from + len;
		return true;
	}
	return false;
}

const char *password_literal_mask(struct arena *arena, const char *statement)
{
	struct str text = str_of(statement);
	struct buf out = BUF_EMPTY(INT_MAX);
	size_t at = 0, from, to;

	while (password_literal_find(text, at, &from, &to)) {
		buf_append(&out, text.ptr + at, from - at);
		buf_add(&out, "'********'");
		at = to;
	}
	if (at == 0)
		return statement;
	buf_append(&out, text.ptr + at, text.len - at);

	const char *masked = str_dup(arena, buf_str(&out));

	buf_wipe(&out);
	return masked;
}
