/* SPDX-License-Identifier: Apache-2.0 */
/*
 * properties.c - parse Java properties in three passes, as Flyway does
 *
 * 1. prepare: lines are trimmed and their backslashes doubled, except one that continues a line.
 * 2. expand: ${NAME} becomes the value of a variable. Its backslashes are not doubled, and line
 *    ends in it end the line.
 * 3. read: applies the rules of Java properties, where a doubled backslash is a literal backslash.
 */
#include "cflyway/config/properties.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/utf8.h"

#include <limits.h>

/* No configuration is larger; a longer file must be a mistake. */
enum { TEXT_MAX = INT_MAX / 2 };

extern char **environ;

static const char *process_get(const void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

static const char *process_at(const void *ctx, size_t i)
{
	(void)ctx;
	return environ[i];
}

const struct environment environment_process = {.get = process_get, .at = process_at};

static struct str without_cr(struct str line)
{
	return str_ends(line, STR("\r")) ? str_sub(line, 0, line.len - 1) : line;
}

/*
 * Does a line that ends with a backslash continue on the next line? Not if the next line is empty
 * or looks like a setting; a comparison (script configuration) is not a setting.
 */
static bool continues(struct str next)
{
	if (next.len == 0)
		return false;
	next = str_trim(next);
	if (!str_starts(next, STR("flyway.")) || str_find_char(next, '=') == next.len)
		return true;
	return str_find(next, STR("==")) < next.len || str_find(next, STR("!=")) < next.len;
}

static void prepare(struct str text, struct buf *out)
{
	bool is_last = false;

	/* A line does not continue on empty lines at the end. */
	while (str_ends(text, STR("\n"))) {
		text = str_sub(text, 0, text.len - 1);
		text = without_cr(text);
	}
	while (!is_last) {
		struct str line = str_trim(without_cr(str_cut(&text, '\n')));

		is_last = text.ptr == NULL;
		for (size_t i = 0; i < line.len; i++) {
			buf_putc(out, line.ptr[i]);
			if (line.ptr[i] != '\\')
				continue;
			struct str next = text;
			bool joins = i + 1 == line.len && !is_last &&
			             continues(without_cr(str_cut(&next, '\n')));
			if (!joins)
				buf_putc(out, '\\');
		}
		buf_putc(out, '\n');
	}
}

static bool is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* Returns the length of a "${NAME}" at the start of text; 0 if there is none. */
static size_t reference_length(struct str text)
{
	size_t len = 2;

	if (!str_starts(text, STR("${")))
		return 0;
	while (len < text.len && is_name_char(text.ptr[len]))
		len++;
	return len > 2 && len < text.len && text.ptr[len] == '}' ? len + 1 : 0;
}

/* cflyway.executor.cql=… keeps its references: they are replaced when the program is run. */
static bool is_executor(struct str line)
{
	if (str_starts(line, STR("flyway.")))
		line = str_sub(line, strlen("flyway."), line.len);
	return str_starts(line, STR("cflyway.executor."));
}

static bool is_continued(struct str text, size_t end)
{
	size_t backslashes = 0;

	while (backslashes < end && text.ptr[end - backslashes - 1] == '\\')
		backslashes++;
	return backslashes % 2 == 1;
}

/* Returns the length of a setting of an executor at the start of text; 0 if there is none. */
static size_t executor_length(struct str text)
{
	size_t end = 0;

	if (!is_executor(text))
		return 0;
	for (;;) {
		end += str_find_char(str_sub(text, end, text.len), '\n');
		if (end == text.len || !is_continued(text, end))
			return end;
		end++;
	}
}

/* Appends what a reference of this length, at the start of text, stands for. */
static void expand_reference(struct str text, size_t len, const struct environment *environment,
                             struct arena *arena, struct buf *out)
{
	const char *name = str_dup(arena, str_sub(text, 2, len - 1));
	const char *value = environment->get(environment->ctx, name);

	if (value != NULL)
		buf_add(out, value);
}

static void expand(struct str text, const struct environment *environment, struct arena *arena,
                   struct buf *out)
{
	bool at_start = true;

	while (text.len > 0) {
		size_t literal = at_start ? executor_length(text) : 0;
		size_t len = literal > 0 ? 0 : reference_length(text);

		if (len > 0)
			expand_reference(text, len, environment, arena, out);
		else if (literal == 0)
			literal = 1;
		buf_append(out, text.ptr, literal);
		len += literal;
		at_start = text.ptr[len - 1] == '\n';
		text = str_sub(text, len, text.len);
	}
}

/* The state while the expanded text is read. */
struct scanner {
	struct str rest;
	size_t line; /* of the next character, from 1 */
};

static char next_char(struct scanner *scanner)
{
	char c = scanner->rest.ptr[0];

	scanner->rest = str_sub(scanner->rest, 1, scanner->rest.len);
	if (c == '\n')
		scanner->line++;
	return c;
}

static bool is_white_space(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/*
 * Reads the next line with its continuations into line, without the backslashes and line ends
 * between them. Returns false at the end. *number is the line where it begins. Each line of the
 * text has its line end.
 */
static bool next_line(struct scanner *scanner, struct buf *line, size_t *number)
{
	bool skip_blanks = true, joined = false, escaped = false, comment = false;

	buf_clear(line);
	while (scanner->rest.len > 0) {
		size_t at = scanner->line;
		char c = next_char(scanner);

		if (comment) {
			comment = !is_line_end(c);
			skip_blanks = true;
			continue;
		}
		if (skip_blanks && (is_white_space(c) || (!joined && is_line_end(c))))
			continue;
		skip_blanks = false;
		joined = false;
		if (line->len == 0 && (c == '#' || c == '!')) {
			comment = true;
			continue;
		}
		if (!is_line_end(c)) {
			if (line->len == 0)
				*number = at;
			buf_putc(line, c);
			escaped = c == '\\' && !escaped;
			continue;
		}
		if (line->len == 0) {
			skip_blanks = true;
			continue;
		}
		if (!escaped)
			return true;
		line->ptr[--line->len] = '\0';
		escaped = false;
		skip_blanks = true;
		joined = true;
		if (c == '\r' && str_starts(scanner->rest, STR("\n")))
			next_char(scanner);
	}
	return line->len > 0;
}

/* Reads the four digits of a \uXXXX; false if they are missing. */
static bool unicode_unit(struct str digits, uint32_t *unit)
{
	*unit = 0;
	if (digits.len < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		int value = ascii_hex_value(digits.ptr[i]);
		if (value < 0)
			return false;
		*unit = *unit * 16 + (uint32_t)value;
	}
	return true;
}

/* Appends the character of "uXXXX" (and a second half "\uXXXX"). Returns the length consumed. */
static size_t unescape_unicode(struct str text, struct buf *out)
{
	uint32_t unit, low;
	size_t used = 5;
	char bytes[UTF8_MAX];

	/* Flyway stops at malformed digits; they can only come from a variable. */
	if (!unicode_unit(str_sub(text, 1, text.len), &unit)) {
		buf_putc(out, 'u');
		return 1;
	}
	if (unit >= 0xD800 && unit <= 0xDBFF && text.len >= 11 && text.ptr[5] == '\\' &&
	    text.ptr[6] == 'u' && unicode_unit(str_sub(text, 7, text.len), &low) && low >= 0xDC00 &&
	    low <= 0xDFFF) {
		unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
		used = 11;
	}
	if (unit >= 0xD800 && unit <= 0xDFFF)
		unit = '?';
	buf_append(out, bytes, utf8_encode(unit, bytes));
	return used;
}

static char unescape_char(char c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 'f':
		return '\f';
	default:
		return c;
	}
}

/* Resolves the escapes of Java properties: doubled backslashes, and escapes from variables. */
static struct str unescape(struct str text, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c != '\\' || i + 1 == text.len) {
			if (c != '\\')
				buf_putc(out, c);
			continue;
		}
		c = text.ptr[++i];
		if (c == 'u')
			i += unescape_unicode(str_sub(text, i, text.len), out) - 1;
		else
			buf_putc(out, unescape_char(c));
	}
	return buf_str(out);
}

/* Returns the length of the key of a line, up to the first separator without a backslash. */
static size_t key_length(struct str line)
{
	bool escaped = false;
	size_t len = 0;

	for (; len < line.len; len++) {
		char c = line.ptr[len];
		if ((c == '=' || c == ':' || is_white_space(c)) && !escaped)
			break;
		escaped = c == '\\' && !escaped;
	}
	return len;
}

/* Returns the start of the value, after blanks and at most one '=' or ':'. */
static size_t value_start(struct str line, size_t from)
{
	bool separated = false;

	for (; from < line.len; from++) {
		char c = line.ptr[from];
		if (is_white_space(c))
			continue;
		if (separated || (c != '=' && c != ':'))
			break;
		separated = true;
	}
	return from;
}

static void read_pairs(struct str text, const char *path, struct pairs *pairs)
{
	struct scanner scanner = {.rest = text, .line = 1};
	struct buf line = BUF_EMPTY(TEXT_MAX), key = BUF_EMPTY(TEXT_MAX);
	struct buf value = BUF_EMPTY(TEXT_MAX);
	size_t number = 1;

	while (next_line(&scanner, &line, &number)) {
		struct str whole = buf_str(&line);
		size_t key_end = key_length(whole);
		size_t start = value_start(whole, key_end);

		pairs_set(pairs, unescape(str_sub(whole, 0, key_end), &key),
		          unescape(str_sub(whole, start, whole.len), &value),
		          arena_printf(pairs->arena, "%s:%zu", path, number));
	}
	buf_wipe(&line);
	buf_wipe(&key);
	buf_wipe(&value);
}

void properties_parse(struct str text, const char *path, const struct environment *environment,
                      struct pairs *pairs)
{
	struct buf prepared = BUF_EMPTY(TEXT_MAX), expanded = BUF_EMPTY(TEXT_MAX);

	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_sub(text, 3, text.len);
	prepare(text, &prepared);
	expand(buf_str(&prepared), environment, pairs->arena, &expanded);
	read_pairs(buf_str(&expanded), path, pairs);
	buf_wipe(&prepared);
	buf_wipe(&expanded);
}
