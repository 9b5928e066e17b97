/* SPDX-License-Identifier: Apache-2.0 */
/* toml_scanner.c - step over the words of TOML; all measured with Flyway 12.4.0 */
#include "toml_scanner.h"

#include "cflyway/base/attr.h"

#include "cflyway/base/ascii.h"

char toml_peek(const struct toml_scanner *s, size_t ahead)
{
	return s->at + ahead < s->text.len ? s->text.ptr[s->at + ahead] : '\0';
}

bool toml_at_line_end(const struct toml_scanner *s)
{
	return s->at >= s->text.len || toml_peek(s, 0) == '\n' ||
	       (toml_peek(s, 0) == '\r' && toml_peek(s, 1) == '\n');
}

bool toml_stop_at(struct toml_scanner *s, size_t at, enum toml_cause cause)
{
	s->at = at;
	s->cause = cause;
	s->stopped = true;
	return false;
}

bool toml_stop(struct toml_scanner *s, enum toml_cause cause)
{
	return toml_stop_at(s, s->at, cause);
}

bool toml_is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

bool toml_is_key_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-' ||
	       c == '_';
}

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == '\x7f';
}

void toml_skip_blanks(struct toml_scanner *s)
{
	while (toml_is_one_of(toml_peek(s, 0), " \t"))
		s->at++;
}

/* A comment must not have control characters. */
bool toml_skip_comment(struct toml_scanner *s)
{
	if (toml_peek(s, 0) != '#')
		return true;
	for (; !toml_at_line_end(s); s->at++)
		if (is_control(toml_peek(s, 0)))
			return toml_stop(s, NO_CAUSE);
	return true;
}

bool toml_skip_space(struct toml_scanner *s)
{
	for (;;) {
		toml_skip_blanks(s);
		size_t comment = s->at;
		if (!toml_skip_comment(s))
			return s->depth > 0 ? toml_stop_at(s, comment, NO_CAUSE) : false;
		if (s->at >= s->text.len || !toml_at_line_end(s))
			return true;
		s->at += toml_peek(s, 0) == '\r' ? 2 : 1;
	}
}

#define DECIMAL "0123456789"
#define HEXADECIMAL DECIMAL "abcdefABCDEF"

static bool skip_escape(struct toml_scanner *s)
{
	char code[9] = "";
	size_t digits = toml_peek(s, 1) == 'u' ? 4 : 8;

	if (toml_is_one_of(toml_peek(s, 1), "btnfr\"\\")) {
		s->at += 2;
		return true;
	}
	if (!toml_is_one_of(toml_peek(s, 1), "uU"))
		return toml_stop(s, NO_CAUSE);
	for (size_t i = 0; i < digits; i++)
		if (!toml_is_one_of(code[i] = toml_peek(s, 2 + i), HEXADECIMAL))
			return toml_stop(s, NO_CAUSE);
	/* U+10FFFF is the last character. */
	if (strtoul(code, NULL, 16) > 0x10FFFF)
		return toml_stop(s, NO_CAUSE);
	s->at += 2 + digits;
	return true;
}

/* Skips a backslash with the line end and the blanks after it. */
static bool skip_folding(struct toml_scanner *s)
{
	size_t start = s->at++;

	toml_skip_blanks(s);
	if (s->at >= s->text.len || !toml_at_line_end(s)) {
		s->at = start;
		return false;
	}
	return true;
}

static bool skip_long_string(struct toml_scanner *s, char quote)
{
	for (s->at += 3; s->at < s->text.len;) {
		char c = toml_peek(s, 0);

		if (c == quote && toml_peek(s, 1) == quote && toml_peek(s, 2) == quote) {
			s->at += 3;
			/* Up to two quotes may come before the closing three. */
			for (size_t i = 0; i < 2 && toml_peek(s, 0) == quote; i++)
				s->at++;
			return true;
		}
		if (c == '\\' && quote == '"') {
			if (!skip_folding(s) && !skip_escape(s))
				return false;
			continue;
		}
		if (is_control(c) && !toml_at_line_end(s))
			return toml_stop(s, NO_CAUSE);
		s->at++;
	}
	return toml_stop(s, NO_CAUSE);
}

bool toml_skip_short_string(struct toml_scanner *s)
{
	char quote = toml_peek(s, 0);

	for (s->at++; !toml_at_line_end(s);) {
		char c = toml_peek(s, 0);

		if (c == quote) {
			s->at++;
			return true;
		}
		if (is_control(c))
			return toml_stop(s, NO_CAUSE);
		if (c == '\\' && quote == '"') {
			if (!skip_escape(s))
				return false;
		} else {
			s->at++;
		}
	}
	return toml_stop(s, NO_CAUSE);
}

bool toml_skip_string(struct toml_scanner *s)
{
	char quote = toml_peek(s, 0);

	return toml_peek(s, 1) == quote && toml_peek(s, 2) == quote ? skip_long_string(s, quote)
	                                                            : toml_skip_short_string(s);
}

static bool skip_word(struct toml_scanner *s, const char *word)
{
	struct str rest = str_sub(s->text, s->at, s->text.len);

	if (!str_starts(rest, str_of(word)))
		return false;
	s->at += strlen(word);
	return true;
}

/* Skips characters that fit the whole pattern, where 0 means a digit; otherwise skips none. */
static bool skip_pattern(struct toml_scanner *s, const char *pattern)
{
	for (size_t i = 0; pattern[i] != '\0'; i++)
		if (pattern[i] == '0' ? !ascii_is_digit(toml_peek(s, i))
		                      : toml_peek(s, i) != pattern[i])
			return false;
	s->at += strlen(pattern);
	return true;
}

static bool skip_time(struct toml_scanner *s)
{
	if (!skip_pattern(s, "00:00:00"))
		return false;
	if (toml_peek(s, 0) == '.' && ascii_is_digit(toml_peek(s, 1)))
		for (s->at++; ascii_is_digit(toml_peek(s, 0));)
			s->at++;
	return true;
}

static bool skip_date_or_time(struct toml_scanner *s)
{
	size_t end;

	if (skip_time(s))
		return true;
	if (!skip_pattern(s, "0000-00-00"))
		return false;
	end = s->at;
	if (!toml_is_one_of(toml_peek(s, 0), "Tt "))
		return true;
	s->at++;
	if (!skip_time(s)) {
		s->at = end;
		return true;
	}
	if (toml_is_one_of(toml_peek(s, 0), "Zz"))
		s->at++;
	else if (!skip_pattern(s, "+00:00"))
		(void)skip_pattern(s, "-00:00");
	return true;
}

/* Skips digits with single underscores between them. */
static void skip_digits(struct toml_scanner *s, const char *digits)
{
	while (toml_is_one_of(toml_peek(s, 0), digits))
		s->at += toml_peek(s, 1) == '_' && toml_is_one_of(toml_peek(s, 2), digits) ? 2 : 1;
}

static bool skip_number(struct toml_scanner *s)
{
	static const struct {
		const char *prefix, *digits;
	} radixes[] = {
		{"0x", HEXADECIMAL},
		{"0o", "01234567"},
		{"0b", "01"},
	};
	size_t start = s->at;

	for (size_t i = 0; i < COUNT(radixes); i++)
		if (skip_word(s, radixes[i].prefix)) {
			if (toml_is_one_of(toml_peek(s, 0), radixes[i].digits))
				skip_digits(s, radixes[i].digits);
			else
				s->at = start + 1;
			return true;
		}
	if (toml_is_one_of(toml_peek(s, 0), "+-"))
		s->at++;
	if (!ascii_is_digit(toml_peek(s, 0)))
		return toml_stop_at(s, start, UNKNOWN_TOKEN);
	if (toml_peek(s, 0) == '0' && ascii_is_digit(toml_peek(s, 1)))
		return toml_stop_at(s, start, NO_CAUSE);
	if (toml_peek(s, 0) == '0')
		s->at++;
	else
		skip_digits(s, DECIMAL);
	if (toml_peek(s, 0) == '.' && ascii_is_digit(toml_peek(s, 1))) {
		s->at++;
		skip_digits(s, DECIMAL);
	}
	if (toml_is_one_of(toml_peek(s, 0), "eE") &&
	    ascii_is_digit(toml_peek(s, toml_is_one_of(toml_peek(s, 1), "+-") ? 2 : 1))) {
		s->at += 2;
		skip_digits(s, DECIMAL);
	}
	return true;
}

bool toml_skip_bare(struct toml_scanner *s)
{
	static const char *const words[] = {"true", "false", "inf",  "nan",
	                                    "+inf", "-inf",  "+nan", "-nan"};

	for (size_t i = 0; i < COUNT(words); i++)
		if (skip_word(s, words[i]))
			return true;
	if (skip_date_or_time(s))
		return true;
	return skip_number(s);
}
