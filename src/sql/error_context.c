/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error_context.c - reads the CONTEXT of an error of PostgreSQL: which line of which function
 *
 * The words are those of lc_messages. English is read word by word. Of other languages only what
 * all of them keep is read: "PL/pgSQL", "SQL" and "COPY", brackets, quotes and numbers.
 */
#include "cflyway/sql/error_context.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/attr.h"

#include <stdint.h>

/* The number at the beginning of text; 0: there is none. */
static size_t number(struct str text)
{
	size_t n = 0, digits = str_count_digits(text);

	if (digits > 9)
		return 0;
	for (size_t i = 0; i < digits; i++)
		n = 10 * n + (size_t)(text.ptr[i] - '0');
	return n;
}

/* Cuts text at what, which is removed; false: it does not occur. */
static bool cut_at(struct str text, struct str what, struct str *before, struct str *after)
{
	size_t at = str_find(text, what);

	if (at == text.len)
		return false;
	*before = str_sub(text, 0, at);
	*after = str_sub(text, at + what.len, text.len);
	return true;
}

static bool read_copy(struct str line, struct error_frame *frame)
{
	struct str before, after, name, value;

	if (!str_starts(line, STR("COPY ")) || !cut_at(line, STR(", line "), &before, &after))
		return false;
	*frame = (struct error_frame){.kind = FRAME_COPY,
	                              .name = str_sub(before, 5, before.len),
	                              .line = number(after),
	                              .detail = STR(""),
	                              .value = STR("")};
	after = str_sub(after, str_count_digits(after), after.len);
	if (!str_starts(after, STR(", column ")))
		return frame->line > 0;
	after = str_sub(after, 2, after.len);
	frame->detail = after;
	if (cut_at(after, STR(": \""), &name, &value) && str_ends(value, STR("\"")))
		frame->value = str_sub(value, 0, value.len - 1);
	return frame->line > 0;
}

static bool read_plpgsql(struct str line, struct error_frame *frame)
{
	const struct str begin = STR("PL/pgSQL function ");
	struct str name, after;

	if (!str_starts(line, begin))
		return false;
	line = str_sub(line, begin.len, line.len);
	if (!cut_at(line, STR(" line "), &name, &after))
		return false;
	*frame = (struct error_frame){
		.kind = str_eq(name, STR("inline_code_block")) ? FRAME_BLOCK : FRAME_FUNCTION,
		.name = name,
		.line = number(after),
	};
	return frame->line > 0;
}

static bool read_sql(struct str line, struct error_frame *frame)
{
	const struct str begin = STR("SQL function \"");
	struct str name, after;

	if (!str_starts(line, begin))
		return false;
	line = str_sub(line, begin.len, line.len);
	if (!cut_at(line, STR("\" "), &name, &after))
		return false;
	*frame = (struct error_frame){.kind = FRAME_SQL, .name = name};
	if (str_starts(after, STR("statement ")))
		frame->statement = number(str_sub(after, 10, after.len));
	return true;
}

/* --- other languages ----------------------------------------------------------------------- */

static bool is_digit(struct str text, size_t at)
{
	return at < text.len && ascii_is_digit(text.ptr[at]);
}

/* The number that begins first, at or after a place; 0: there is none. */
static size_t first_number(struct str text, size_t at)
{
	while (at < text.len && !is_digit(text, at))
		at++;
	return number(str_sub(text, at, text.len));
}

/* Letters, digits and all that is not ASCII. */
static bool is_of_name(char c)
{
	return (unsigned char)c >= 0x80 || ascii_is_name(c);
}

/* Where the name begins that ends before at: f, s.f, "a b"."c". */
static size_t find_name(struct str text, size_t at)
{
	for (;;) {
		if (at > 1 && text.ptr[at - 1] == '"') {
			at--;
			while (at > 0 && text.ptr[at - 1] != '"')
				at--;
			at -= at > 0;
		} else {
			while (at > 0 && is_of_name(text.ptr[at - 1]))
				at--;
		}
		if (at == 0 || text.ptr[at - 1] != '.')
			return at;
		at--;
	}
}

/* Chinese and Japanese put no blank between the word for a function and its name. */
static struct str without_word(struct str name)
{
	static const struct str words[] = {{"関数", 6}, {"函数", 6}};

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_starts(name, words[i]) && name.len > words[i].len)
			return str_sub(name, words[i].len, name.len);
	return name;
}

/* Finds "s.f(integer)" in a line, not in front of from; *end becomes the offset after it. */
static bool find_signature(struct str line, size_t from, struct str *signature, size_t *end)
{
	for (size_t at = from + 1; at < line.len; at++) {
		const bool is_end = line.ptr[at - 1] == '"' || is_of_name(line.ptr[at - 1]);

		if (line.ptr[at] != '(' || !is_end)
			continue;
		const size_t name = find_name(str_sub(line, from, line.len), at - from) + from;
		const size_t len = str_find_char(str_sub(line, at, line.len), ')');

		if (name == at || at + len == line.len)
			return false;
		*end = at + len + 1;
		*signature = without_word(str_sub(line, name, *end));
		return true;
	}
	return false;
}

/* "PL/pgSQL-Funktion f(integer) Zeile 6 bei RAISE": the number is after the name, or before it. */
static bool read_any_plpgsql(struct str line, struct error_frame *frame)
{
	const struct str block = STR("inline_code_block");
	const struct str language = STR("PL/pgSQL");
	const size_t language_at = str_find(line, language), block_at = str_find(line, block);
	size_t begin = block_at, end = block_at + block.len;

	if (language_at == line.len)
		return false;
	*frame = (struct error_frame){.kind = FRAME_BLOCK, .name = block};
	if (block_at == line.len) {
		frame->kind = FRAME_FUNCTION;
		if (!find_signature(line, language_at + language.len, &frame->name, &end) &&
		    !find_signature(line, 0, &frame->name, &end))
			return false;
		begin = (size_t)(frame->name.ptr - line.ptr);
	}
	frame->line = first_number(line, end);
	if (frame->line == 0)
		frame->line = first_number(str_sub(line, 0, begin), 0);
	return frame->line > 0;
}

/* The quotes of the languages: opening, closing. */
static const struct {
	struct str opening, closing;
} quotes[] = {
	{{"\"", 1}, {"\"", 1}},
	{{"\xc2\xbb", 2}, {"\xc2\xab", 2}},                 /* »x« */
	{{"\xc2\xab\xc2\xa0", 4}, {"\xc2\xa0\xc2\xbb", 4}}, /* « x », blanks that do not break */
	{{"\xc2\xab ", 3}, {" \xc2\xbb", 3}},               /* the same with others */
	{{"\xc2\xab", 2}, {"\xc2\xbb", 2}},                 /* «x» */
	{{"\xe2\x80\x9e", 3}, {"\xe2\x80\x9d", 3}},         /* „x” */
	{{"\xe2\x80\x9c", 3}, {"\xe2\x80\x9d", 3}},         /* “x” */
};

/* Cuts the text at the quote that is opened first and the last that closes it. */
static bool find_quoted(struct str text, struct str *before, struct str *quoted, struct str *after)
{
	size_t first = text.len;

	for (size_t i = 0; i < COUNT(quotes); i++) {
		const size_t open = str_find(text, quotes[i].opening);
		const size_t from = open + quotes[i].opening.len;
		size_t close = text.len;

		if (open >= first)
			continue;
		while (close > from &&
		       !str_starts(str_sub(text, close, text.len), quotes[i].closing))
			close--;
		if (close <= from)
			continue;
		first = open;
		*before = str_sub(text, 0, open);
		*quoted = str_sub(text, from, close);
		*after = str_sub(text, close + quotes[i].closing.len, text.len);
	}
	return first < text.len;
}

/* "SQL-Funktion »f« Anweisung 2"; a query in quotes has blanks, and nothing after it. */
static bool read_any_sql(struct str line, struct error_frame *frame)
{
	struct str before, name, after;

	if (!find_quoted(line, &before, &name, &after) ||
	    str_find(before, STR("SQL")) == before.len || str_find_char(name, ' ') < name.len)
		return false;
	*frame = (struct error_frame){
		.kind = FRAME_SQL, .name = name, .statement = first_number(after, 0)};
	return frame->statement > 0 && is_digit(line, line.len - 1);
}

/* "COPY t, Zeile 3, Spalte b: »x«"; Japanese and Korean have the table first. */
static bool read_any_copy(struct str line, struct error_frame *frame)
{
	static const struct str words[] = {{"COPY ", 5}, {"のCOPY", 7}, {" 복사", 7}};
	static const struct str separators[] = {{", ", 2}, {"、", 3}};
	struct str before, after, rest, quoted, unquoted;
	size_t word = 0;

	while (word < COUNT(words) && !cut_at(line, words[word], &before, &after))
		word++;
	if (word == COUNT(words) || (word == 0 && before.len > 0))
		return false;
	*frame = (struct error_frame){
		.kind = FRAME_COPY, .name = before, .detail = STR(""), .value = STR("")};
	if (word == 0 && !cut_at(after, STR(", "), &frame->name, &after))
		return false;
	frame->line = first_number(after, 0);
	while (after.len > 0 && !is_digit(after, 0))
		after = str_sub(after, 1, after.len);
	after = str_sub(after, str_count_digits(after), after.len);
	if (!find_quoted(after, &unquoted, &quoted, &rest))
		unquoted = after;
	for (size_t i = 0; i < COUNT(separators) && frame->detail.len == 0; i++) {
		const size_t at = str_find(unquoted, separators[i]);

		if (at < unquoted.len)
			frame->detail = str_sub(after, at + separators[i].len, after.len);
	}
	if (frame->detail.len > 0 && unquoted.len < after.len && rest.len == 0)
		frame->value = quoted;
	return frame->line > 0;
}

static bool is_english(struct str line)
{
	return str_starts(line, STR("PL/pgSQL function ")) ||
	       str_starts(line, STR("SQL function \"")) ||
	       str_find(line, STR(", line ")) < line.len;
}

static bool read_any(struct str line, struct error_frame *frame)
{
	return !is_english(line) && (read_any_plpgsql(line, frame) || read_any_copy(line, frame) ||
	                             read_any_sql(line, frame));
}

bool error_context_next(struct str *rest, struct error_frame *frame)
{
	while (rest->ptr != NULL && rest->len > 0) {
		struct str line = str_cut(rest, '\n');

		if (read_copy(line, frame) || read_plpgsql(line, frame) || read_sql(line, frame) ||
		    read_any(line, frame))
			return true;
	}
	return false;
}
