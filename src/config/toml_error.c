/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_error.c - find the place of an error in TOML as Flyway reports it
 *
 * toml++ has refused the file already. This code walks the grammar of TOML again, without values,
 * and stops where Flyway's parser stops; the rules are measured with Flyway 12.4.0. toml++ detects
 * keys and tables that are defined twice; this code only looks up their place.
 */
#include "cflyway/config/toml_error.h"

#include "toml_scanner.h"

#include "cflyway/base/utf8.h"
#include "cflyway/config/secret.h"

enum {
	DEPTH_MAX = 300,  /* toml++ gives up earlier */
	LEVELS_MAX = 500, /* of tables; toml++ follows any number of dots, until memory ends */
};

/* Skips one part of a key. A character that may follow a key or a dot is not an unknown token. */
static bool skip_part(struct toml_scanner *s)
{
	char c = toml_peek(s, 0);

	/* Three quotes are an empty part and the start of another string. */
	if (toml_is_one_of(c, "\"'"))
		return toml_skip_short_string(s);
	if (!toml_is_key_char(c))
		return toml_stop(s, toml_at_line_end(s) || toml_is_one_of(c, ".=]}")
		                            ? NO_CAUSE
		                            : UNKNOWN_TOKEN);
	while (toml_is_key_char(toml_peek(s, 0)))
		s->at++;
	return true;
}

struct key_place {
	size_t second, last; /* start of these parts */
	size_t parts;
};

/* Skips a key, and stops after the last part, before blanks. */
static bool skip_key(struct toml_scanner *s, struct key_place *place)
{
	place->second = place->last = s->at;
	for (place->parts = 1; skip_part(s); place->parts++) {
		size_t end = s->at;

		s->is_too_deep = s->levels + place->parts > LEVELS_MAX;
		if (s->is_too_deep)
			return toml_stop(s, NO_CAUSE);

		toml_skip_blanks(s);
		if (toml_peek(s, 0) != '.') {
			s->at = end;
			return true;
		}
		s->at++;
		toml_skip_blanks(s);
		place->last = s->at;
		if (place->parts == 1)
			place->second = s->at;
	}
	return false;
}

/*
 * Stops before the next word, after any line ends. DIFFERS: if no line follows, Flyway says that it
 * cannot read one; this function stays at its place.
 */
static bool stop_before_next(struct toml_scanner *s, enum toml_cause cause)
{
	size_t at = s->at;

	if (!toml_skip_space(s))
		return false;
	if (s->at == s->text.len && s->text.ptr[s->at - 1] == '\n')
		s->at = at;
	return toml_stop(s, cause);
}

/* Another part follows without a dot. If a string follows that part, Flyway names its end. */
static bool stop_after_second_key(struct toml_scanner *s, bool is_header)
{
	if (!skip_part(s))
		return false;
	if (is_header)
		return toml_stop(s, NO_CAUSE);
	if (!toml_is_one_of(toml_peek(s, 0), "\"'"))
		return toml_stop(s, UNKNOWN_TOKEN);
	return toml_skip_short_string(s) && toml_stop_at(s, s->at - 1, NO_CAUSE);
}

/* The key is not followed by the expected character. */
static bool stop_after_key(struct toml_scanner *s, bool is_header)
{
	size_t end = s->at;
	char c;

	toml_skip_blanks(s);
	c = toml_peek(s, 0);
	if (toml_is_one_of(c, "]}=")) {
		s->at += c == ']' && toml_peek(s, 1) == ']' ? 2 : 1;
		toml_skip_blanks(s);
		return is_header ? stop_before_next(s, NO_CAUSE) : toml_stop(s, NO_CAUSE);
	}
	if (s->at == end && toml_at_line_end(s))
		return toml_stop(s, NO_CAUSE);
	if (s->at == end && (toml_is_key_char(c) || toml_is_one_of(c, "\"'")))
		return stop_after_second_key(s, is_header);
	return toml_stop_at(s, end, UNKNOWN_TOKEN);
}

static bool skip_value(struct toml_scanner *s);

static bool skip_array(struct toml_scanner *s)
{
	s->at++;
	for (;;) {
		if (!toml_skip_space(s))
			return false;
		if (toml_peek(s, 0) == ']')
			break;
		if (s->at >= s->text.len)
			return toml_stop(s, NO_CAUSE);
		if (!skip_value(s) || !toml_skip_space(s))
			return false;
		if (toml_peek(s, 0) == ']')
			break;
		if (toml_peek(s, 0) != ',')
			return toml_stop(s, NO_CAUSE);
		s->at++;
	}
	s->at++;
	return true;
}

/* Sets *is_duplicate if this is the key that is defined twice. */
static bool skip_pair(struct toml_scanner *s, bool *is_duplicate);

static bool skip_inline_table(struct toml_scanner *s)
{
	bool is_duplicate = false;

	s->at++;
	toml_skip_blanks(s);
	if (toml_peek(s, 0) == '}') {
		s->at++;
		return true;
	}
	for (;;) {
		if (!skip_pair(s, &is_duplicate))
			return false;
		if (is_duplicate)
			return toml_stop(s, DUPLICATE_KEY);
		size_t end = s->at;
		toml_skip_blanks(s);
		if (toml_peek(s, 0) == '}')
			break;
		if (toml_peek(s, 0) != ',')
			return toml_stop_at(s, end, NO_CAUSE);
		s->at++;
		toml_skip_blanks(s);
	}
	s->at++;
	return true;
}

static bool skip_value(struct toml_scanner *s)
{
	char c = toml_peek(s, 0);
	bool ok;

	if (toml_is_one_of(c, "\"'"))
		return toml_skip_string(s);
	if (!toml_is_one_of(c, "[{"))
		return toml_at_line_end(s) || toml_is_one_of(c, "#]") ? toml_stop(s, NO_CAUSE)
		                                                      : toml_skip_bare(s);
	if (s->depth == DEPTH_MAX)
		return toml_stop(s, NO_CAUSE);
	s->depth++;
	ok = c == '[' ? skip_array(s) : skip_inline_table(s);
	s->depth--;
	return ok;
}

static bool reason_has(const struct toml_scanner *s, const char *words)
{
	return strstr(s->reason, words) != NULL;
}

static bool skip_pair(struct toml_scanner *s, bool *is_duplicate)
{
	size_t start = s->at, value;
	struct key_place place;

	if (!skip_key(s, &place))
		return false;
	size_t end = s->at;
	toml_skip_blanks(s);
	if (toml_peek(s, 0) != '=') {
		s->at = end;
		return stop_after_key(s, false);
	}
	s->at++;
	toml_skip_blanks(s);
	value = s->at;
	*is_duplicate = s->is_redefined && s->redefined_at >= start && s->redefined_at <= value;
	if (*is_duplicate && reason_has(s, "as dotted"))
		return toml_stop_at(s, place.second, NO_CAUSE);
	s->levels += place.parts;
	bool ok = skip_value(s);
	s->levels -= place.parts;
	return ok;
}

/* Is a part before the last one defined already? toml++ then stops after the header. */
static bool is_taken_inside(const struct toml_scanner *s, size_t start, struct str key)
{
	struct str reason = str_of(s->reason);
	size_t at = str_find(reason, key);

	return s->is_redefined && s->redefined_at > start && s->redefined_at <= s->at + 2 &&
	       at > 0 && at < reason.len && reason.ptr[at - 1] == '\'' &&
	       (reason_has(s, "cannot insert") ||
	        (reason_has(s, "' as table") && !reason_has(s, "existing table '")));
}

static bool skip_header(struct toml_scanner *s)
{
	size_t start = s->at;
	bool is_array = toml_peek(s, 1) == '[';
	struct key_place place;

	s->at += is_array ? 2 : 1;
	s->levels = 0;
	toml_skip_blanks(s);
	size_t key_start = s->at;
	if (!skip_key(s, &place))
		return false;
	s->levels = place.parts;
	size_t end = s->at;
	struct str key = str_sub(s->text, key_start, end);
	toml_skip_blanks(s);
	bool is_closed = toml_peek(s, 0) == ']' && (toml_peek(s, 1) == ']') == is_array;
	if (!is_closed) {
		s->at = end;
		return stop_after_key(s, true);
	}
	s->at += is_array ? 2 : 1;
	if (!is_array && is_taken_inside(s, start, key))
		return toml_stop_at(s, place.last, NO_CAUSE);
	if (!s->is_redefined || s->redefined_at != start)
		return true;
	return toml_stop_at(s, end,
	                    reason_has(s, "existing table") && !reason_has(s, "' as")
	                            ? DUPLICATE_TABLE
	                            : NO_CAUSE);
}

static bool skip_expression(struct toml_scanner *s)
{
	char c = toml_peek(s, 0);
	bool is_duplicate = false;

	if (c != '[' && !toml_is_key_char(c) && !toml_is_one_of(c, "\"'"))
		return toml_stop(s, c == '=' ? NO_CAUSE : UNKNOWN_TOKEN);
	if (!(c == '[' ? skip_header(s) : skip_pair(s, &is_duplicate)))
		return false;
	toml_skip_blanks(s);
	if (toml_peek(s, 0) != '#' && !toml_at_line_end(s))
		return toml_stop(s, NO_CAUSE);
	if (!toml_skip_comment(s))
		return false;
	if (!is_duplicate)
		return true;
	s->really_at = s->redefined_at;
	return stop_before_next(s, DUPLICATE_KEY);
}

/* Returns false at the end, or at an invalid comment. */
static bool skip_to_expression(struct toml_scanner *s)
{
	if (!toml_skip_space(s))
		return false;
	s->expression = s->at;
	return s->at < s->text.len;
}

/* Returns the byte offset of the character at a line and column. */
static size_t offset_of(struct str text, size_t line, size_t column)
{
	struct str rest = text;

	while (line-- > 1 && rest.ptr != NULL)
		str_cut(&rest, '\n');
	if (rest.ptr == NULL)
		return text.len;
	while (column-- > 1 && rest.len > 0)
		utf8_next(&rest);
	return (size_t)(rest.ptr - text.ptr);
}

static void locate(struct toml_scanner *s, const struct toml_error *fault)
{
	size_t parser_stopped = offset_of(s->text, fault->line, fault->column);

	s->is_redefined = reason_has(s, "cannot redefine") || reason_has(s, "cannot insert");
	s->redefined_at = parser_stopped;
	while (skip_to_expression(s))
		if (!skip_expression(s))
			return;
	if (!s->stopped)
		toml_stop_at(s, parser_stopped, NO_CAUSE);
}

static size_t line_of(struct str text, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text.ptr[i] == '\n';
	return line;
}

size_t toml_error_too_deep(struct str text)
{
	struct toml_scanner s = {.text = text, .reason = ""};

	while (skip_to_expression(&s))
		if (!skip_expression(&s))
			return s.is_too_deep ? line_of(text, s.at) : 0;
	return 0;
}

/*
 * Returns the line with the place of the error in it. DIFFERS: Flyway shows passwords. This
 * function hides everything after such a word, in this line or in a value that begins above it.
 */
static const char *show_line(struct arena *arena, const struct toml_scanner *s)
{
	struct str before = str_sub(s->text, 0, s->at), rest = str_sub(s->text, s->at, s->text.len);

	while (str_find_char(before, '\n') < before.len)
		str_cut(&before, '\n');
	struct str line = {before.ptr, before.len + str_find_char(rest, '\n')};
	if (str_ends(line, STR("\r")) && line.len > before.len)
		line.len--;
	size_t start = (size_t)(line.ptr - s->text.ptr), hidden = secret_find(line);
	struct str above = str_sub(s->text, s->expression < start ? s->expression : 0, start);
	if (s->expression < start || s->expression > s->at)
		hidden = secret_find(above) < above.len ? 0 : hidden;
	size_t cut = before.len < hidden ? before.len : hidden;
	return arena_printf(arena, "%s%s^%s%s", str_dup(arena, str_sub(line, 0, cut)),
	                    before.len > hidden ? SECRET_MASK : "",
	                    str_dup(arena, str_sub(line, cut, hidden)),
	                    before.len <= hidden && hidden < line.len ? SECRET_MASK : "");
}

const char *toml_error_message(struct arena *arena, struct str text, const struct toml_error *fault,
                               size_t *real_line)
{
	static const char *const causes[] = {
		[NO_CAUSE] = "",
		[UNKNOWN_TOKEN] = " caused by: Unknown token",
		[DUPLICATE_KEY] = " caused by: Duplicate key",
		[DUPLICATE_TABLE] = " caused by: Duplicate table",
	};
	struct toml_scanner s = {.text = text, .reason = fault->reason};
	struct str before;
	size_t line;

	locate(&s, fault);
	line = line_of(text, s.at);
	*real_line = s.really_at > 0 ? line_of(text, s.really_at) : line;
	before = str_sub(text, 0, s.at);
	while (str_find_char(before, '\n') < before.len)
		str_cut(&before, '\n');
	return arena_printf(arena,
	                    "Error parsing config file at [line %zu, column %zu]%s, syntax error "
	                    "shown by ^: %s",
	                    line, utf8_length_utf16(before) + 1, causes[s.cause],
	                    show_line(arena, &s));
}
