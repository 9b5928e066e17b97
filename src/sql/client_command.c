/* SPDX-License-Identifier: Apache-2.0 */
/* client_command.c - finds what psql or sqlite3 would take for a command of their own */
#include "cflyway/sql/client_command.h"

#include "cflyway/base/ascii.h"

#include <string.h>

static bool is_at(struct str text, size_t at, const char *what)
{
	return str_starts(str_sub(text, at, text.len), str_of(what));
}

/* --- all return where the token ends that begins at at ------------------------------------- */

static size_t pass_line(struct str text, size_t at)
{
	while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r')
		at++;
	return at;
}

static size_t pass_comment(struct str text, size_t at, bool nests)
{
	size_t depth = 0;

	while (at < text.len) {
		if (is_at(text, at, "*/") && depth == 1)
			return at + 2;
		if (is_at(text, at, "/*") && (nests || depth == 0)) {
			depth++;
			at++;
		} else if (is_at(text, at, "*/")) {
			depth--;
			at++;
		}
		at++;
	}
	return text.len;
}

/* Up to the next quote: without escapes, a doubled one may count as the begin of another token. */
static size_t pass_quoted(struct str text, size_t at, bool has_escapes)
{
	const char quote = text.ptr[at++];

	while (at < text.len && text.ptr[at] != quote)
		at += has_escapes && text.ptr[at] == '\\' ? 2 : 1;
	return at + 1;
}

/* $tag$ … $tag$; a dollar sign alone is one byte. */
static size_t pass_dollar(struct str text, size_t at)
{
	size_t end = at + 1;

	while (end < text.len && text.ptr[end] != '$' && ascii_is_name(text.ptr[end]))
		end++;
	if (end >= text.len || text.ptr[end] != '$' || ascii_is_digit(text.ptr[at + 1]))
		return at + 1;

	const struct str tag = str_sub(text, at, end + 1);
	const struct str rest = str_sub(text, end + 1, text.len);

	return end + 1 + str_find(rest, tag) + tag.len;
}

/* Where a string goes on: at a doubled quote, or in a further line. */
static size_t next_segment(struct str text, size_t at)
{
	bool is_further = false;

	if (at < text.len && text.ptr[at] == '\'')
		return at;
	while (at < text.len && (unsigned char)text.ptr[at] <= ' ') {
		is_further |= text.ptr[at] == '\n' || text.ptr[at] == '\r';
		at++;
	}
	return is_further && at < text.len && text.ptr[at] == '\'' ? at : text.len;
}

static size_t pass_escaped(struct str text, size_t at)
{
	size_t end;

	do {
		end = pass_quoted(text, at, true);
		at = next_segment(text, end);
	} while (at < text.len);
	return end;
}

/* A word, and the string whose E is the word. */
static size_t pass_word(struct str text, size_t at)
{
	size_t end = at;

	while (end < text.len && ascii_is_name(text.ptr[end]))
		end++;
	const bool is_e = end == at + 1 && ascii_upper(text.ptr[at]) == 'E';

	return is_e && end < text.len && text.ptr[end] == '\'' ? pass_escaped(text, end) : end;
}

static size_t pass_token(struct str text, size_t at)
{
	const char c = text.ptr[at];

	if (is_at(text, at, "--"))
		return pass_line(text, at);
	if (is_at(text, at, "/*"))
		return pass_comment(text, at, true);
	if (c == '\'' || c == '"')
		return pass_quoted(text, at, false);
	if (c == '$')
		return pass_dollar(text, at);
	return ascii_is_name(c) ? pass_word(text, at) : at + 1;
}

/* ------------------------------------------------------------------------------------------- */

bool client_command_of_psql(struct str statement)
{
	if (memchr(statement.ptr, '\\', statement.len) == NULL)
		return false;
	for (size_t at = 0; at < statement.len; at = pass_token(statement, at))
		if (statement.ptr[at] == '\\')
			return true;
	return false;
}

static bool begins_variable(struct str text, size_t at)
{
	const char next = at + 1 < text.len ? text.ptr[at + 1] : ' ';

	return (ascii_is_name(next) && next != '$' && !ascii_is_digit(next)) || next == '\'' ||
	       next == '"' || next == '{';
}

size_t client_variable_of_psql(struct str statement, size_t from)
{
	if (memchr(statement.ptr + from, ':', statement.len - from) == NULL)
		return statement.len;
	for (size_t at = from; at < statement.len;) {
		if (is_at(statement, at, "::"))
			at += 2;
		else if (statement.ptr[at] == ':' && begins_variable(statement, at))
			return at;
		else
			at = pass_token(statement, at);
	}
	return statement.len;
}

bool client_command_of_sqlite3(struct str statement)
{
	size_t at = 0;

	while (at < statement.len) {
		if (is_at(statement, at, "--"))
			at = pass_line(statement, at);
		else if (is_at(statement, at, "/*"))
			at = pass_comment(statement, at, false);
		else if ((unsigned char)statement.ptr[at] <= ' ')
			at++;
		else
			return statement.ptr[at] == '.' || statement.ptr[at] == '#';
	}
	return false;
}
