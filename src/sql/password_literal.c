/* SPDX-License-Identifier: Apache-2.0 */
/* password_literal.c - hides the passwords that a statement sets */
#include "cflyway/sql/password_literal.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/str.h"

#include <limits.h>

/* The length of a comment, up to the next literal if its end has been cut off. */
static size_t comment_length(struct str text)
{
	if (str_starts(text, STR("--"))) {
		size_t len = str_find_char(text, '\n');

		return len < text.len ? len : str_find_char(text, '\'');
	}
	if (!str_starts(text, STR("/*")))
		return 0;
	size_t end = str_find(text, STR("*/"));
	return end < text.len ? end + 2 : str_find_char(text, '\'');
}

/* The length of what is between the word and its literal: blanks, comments, "=", ":=", "=>". */
static size_t gap_length(struct str text)
{
	size_t at = 0;

	while (at < text.len) {
		size_t len = strchr(" \t\r\n=:>", text.ptr[at]) != NULL
		                     ? 1
		                     : comment_length(str_sub(text, at, text.len));

		if (len == 0)
			break;
		at += len;
	}
	return at;
}

/* The length of E, N or U& before a quote. */
static size_t prefix_length(struct str text)
{
	if (text.len > 1 && strchr("eEnN", text.ptr[0]) != NULL && text.ptr[1] == '\'')
		return 1;
	return str_starts_nocase(text, STR("u&'")) ? 2 : 0;
}

static size_t count_quotes(struct str text)
{
	size_t n = 0;

	while (n < text.len && text.ptr[n] == '\'')
		n++;
	return n;
}

/*
 * The length of a literal within a literal, where its quotes are doubled, and those in it twice:
 * execute 'alter role a password ''it''''s'' '. 0: there is none, but an empty one may be.
 */
static size_t inner_length(struct str text)
{
	enum { OUTER = 2, INNER = 4 };
	size_t at = count_quotes(text);

	if (at % INNER != OUTER || at == text.len || strchr(" \t\r\n;,)", text.ptr[at]) != NULL)
		return 0;
	while (at < text.len) {
		size_t quotes = count_quotes(str_sub(text, at, text.len));

		if (quotes % INNER >= OUTER)
			return at + quotes - quotes % INNER + OUTER;
		at += quotes > 0 ? quotes : 1;
	}
	return text.len;
}

/* The same where they are escaped: execute E'alter role a password \'s\' '. */
static size_t escaped_length(struct str text)
{
	const struct str quote = STR("\\'");
	size_t at = quote.len;

	if (!str_starts(text, quote))
		return 0;
	while (at < text.len) {
		struct str rest = str_sub(text, at, text.len);
		bool is_twice = str_starts(rest, STR("\\'\\'")) || str_starts(rest, STR("\\\\\\'"));

		if (str_starts(rest, quote) && !is_twice)
			return at + quote.len;
		at += is_twice ? 2 * quote.len : 1;
	}
	return text.len;
}

/*
 * Is the quote rather the end of a literal to which the password is added? As in
 * execute 'alter role a password ' || quote_literal('s').
 */
static bool is_added(struct str text)
{
	struct str rest = str_trim_left(str_sub(text, 1, text.len));

	return rest.len > 0 && strchr("|,)", rest.ptr[0]) != NULL;
}

/*
 * The length of the literal with which text begins, both quotes included; 0: it has none. Where it
 * depends on the server whether a backslash is one (standard_conforming_strings), all that follows
 * belongs to it.
 */
static size_t quoted_length(struct str text, bool has_escapes)
{
	size_t at = 1, inner = inner_length(text);

	if (inner > 0 || !str_starts(text, STR("'")))
		return inner > 0 ? inner : escaped_length(text);
	if (is_added(text))
		return text.len;
	for (; at < text.len; at++) {
		bool is_quote = text.ptr[at] == '\'';
		bool is_twice = is_quote && at + 1 < text.len && text.ptr[at + 1] == '\'';

		if (is_twice || (has_escapes && text.ptr[at] == '\\'))
			at++;
		else if (is_quote)
			break;
	}
	if (at >= text.len || (!has_escapes && text.ptr[at - 1] == '\\'))
		return text.len;
	return at + 1;
}

/* The same with the literals that continue it: 'a' 'b'. */
static size_t continued_length(struct str text, bool has_escapes)
{
	size_t len = quoted_length(text, has_escapes);

	while (len > 0 && len < text.len) {
		struct str after = str_sub(text, len, text.len), next = str_trim_left(after);
		size_t blanks = after.len - next.len;

		if (blanks == 0 || !str_starts(next, STR("'")))
			break;
		len += blanks + quoted_length(next, has_escapes);
	}
	return len;
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

/* %L, %s, %1$L of format: the password is somewhere after it. */
static size_t format_length(struct str text)
{
	size_t at = 1;

	if (!str_starts(text, STR("%")))
		return 0;
	while (at < text.len && strchr("0123456789$-", text.ptr[at]) != NULL)
		at++;
	return at < text.len && strchr("LsI", text.ptr[at]) != NULL ? text.len : 0;
}

/* Of any form; prefix: that of E before the quote. */
static size_t literal_length(struct str text, struct str prefix)
{
	const size_t len = continued_length(text, str_eq_nocase(prefix, STR("e")));

	if (len > 0)
		return len;
	return str_starts(text, STR("%")) ? format_length(text) : dollar_length(text);
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
		size_t prefix = prefix_length(str_sub(rest, gap, rest.len));
		size_t len = literal_length(str_sub(rest, gap + prefix, rest.len),
		                            str_sub(rest, gap, gap + prefix));

		if (len == 0)
			continue;
		*from = i + word.len + gap + prefix;
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
