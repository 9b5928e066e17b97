/* SPDX-License-Identifier: Apache-2.0 */
/* token.c - walks over the words, names and literals of one statement */
#include "cflyway/sql/token.h"

#include "cflyway/base/ascii.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The length of a comment at the beginning of text; 0: there is none. */
static size_t comment_length(struct str text)
{
	size_t depth = 0, at = 0;

	if (str_starts(text, STR("--")))
		return str_find_char(text, '\n');
	if (!str_starts(text, STR("/*")))
		return 0;
	while (at < text.len) {
		struct str rest = str_sub(text, at, text.len);

		if (str_starts(rest, STR("/*"))) {
			depth++;
			at += 2;
		} else if (str_starts(rest, STR("*/"))) {
			at += 2;
			if (--depth == 0)
				break;
		} else {
			at++;
		}
	}
	return at;
}

static size_t skip(struct str text, size_t at)
{
	while (at < text.len) {
		size_t len = (unsigned char)text.ptr[at] <= ' '
		                     ? 1
		                     : comment_length(str_sub(text, at, text.len));

		if (len == 0)
			break;
		at += len;
	}
	return at;
}

/* The length of what begins with a quote, up to the closing one or the end. */
static size_t quoted_length(struct str text, char quote, bool has_escapes)
{
	size_t at = 1;

	for (; at < text.len; at++) {
		bool is_twice =
			text.ptr[at] == quote && at + 1 < text.len && text.ptr[at + 1] == quote;

		if (is_twice || (has_escapes && text.ptr[at] == '\\'))
			at++;
		else if (text.ptr[at] == quote)
			return at + 1;
	}
	return text.len;
}

/* The length of $tag$, or 0. */
static size_t tag_length(struct str text)
{
	size_t at = 1;

	if (!str_starts(text, STR("$")) || text.len < 2 || is_digit(text.ptr[1]))
		return 0;
	while (at < text.len && text.ptr[at] != '$' && ascii_is_name(text.ptr[at]))
		at++;
	return at < text.len && text.ptr[at] == '$' ? at + 1 : 0;
}

static struct token quoted(enum token_kind kind, struct str rest, size_t opening, size_t len)
{
	size_t closing = len > opening && rest.ptr[len - 1] == rest.ptr[opening - 1] ? 1 : 0;
	struct str text = str_sub(rest, 0, len);

	return (struct token){kind, text, str_sub(text, opening, len - closing)};
}

static struct token dollar_quoted(struct str rest, size_t tag)
{
	struct str after = str_sub(rest, tag, rest.len);
	size_t len = str_find(after, str_sub(rest, 0, tag));
	struct str text = str_sub(rest, 0, len == after.len ? rest.len : len + 2 * tag);

	return (struct token){TOKEN_STRING, text, str_sub(after, 0, len)};
}

static struct token plain(enum token_kind kind, struct str rest, size_t len)
{
	struct str text = str_sub(rest, 0, len);

	return (struct token){kind, text, text};
}

static size_t word_length(struct str rest)
{
	size_t len = 0;

	while (len < rest.len && ascii_is_name(rest.ptr[len]))
		len++;
	return len;
}

static size_t number_length(struct str rest)
{
	size_t len = 1;

	while (len < rest.len && (ascii_is_name(rest.ptr[len]) || rest.ptr[len] == '.'))
		len++;
	return len;
}

struct token token_next(struct str text, size_t *at)
{
	size_t start = skip(text, *at);
	struct str rest = str_sub(text, start, text.len);
	bool has_prefix =
		rest.len > 1 && strchr("eEnNbBxX", rest.ptr[0]) != NULL && rest.ptr[1] == '\'';
	struct token token;

	*at = text.len;
	if (rest.len == 0)
		return plain(TOKEN_END, rest, 0);
	if (rest.ptr[0] == '\'')
		token = quoted(TOKEN_STRING, rest, 1, quoted_length(rest, '\'', false));
	else if (has_prefix)
		token = quoted(TOKEN_STRING, rest, 2,
		               1 + quoted_length(str_sub(rest, 1, rest.len), '\'',
		                                 (rest.ptr[0] | 0x20) == 'e'));
	else if (rest.ptr[0] == '"')
		token = quoted(TOKEN_NAME, rest, 1, quoted_length(rest, '"', false));
	else if (tag_length(rest) > 0)
		token = dollar_quoted(rest, tag_length(rest));
	else if (is_digit(rest.ptr[0]))
		token = plain(TOKEN_NUMBER, rest, number_length(rest));
	else if (word_length(rest) > 0)
		token = plain(TOKEN_WORD, rest, word_length(rest));
	else
		token = plain(TOKEN_OTHER, rest, 1);
	*at = start + token.text.len;
	return token;
}

bool token_is(struct token token, const char *text)
{
	return (token.kind == TOKEN_WORD || token.kind == TOKEN_OTHER) &&
	       str_eq_nocase(token.text, str_of(text));
}

const char *token_value(struct arena *arena, struct token token)
{
	if (token.kind == TOKEN_NAME)
		return str_replace(arena, token.content, STR("\"\""), STR("\""));
	if (token.kind == TOKEN_STRING && !str_starts(token.text, STR("$")))
		return str_replace(arena, token.content, STR("''"), STR("'"));
	return str_dup(arena, token.content);
}

const char *token_identifier(struct arena *arena, struct token token)
{
	return token.kind == TOKEN_NAME ? token_value(arena, token)
	                                : str_lower(arena, token.content);
}
