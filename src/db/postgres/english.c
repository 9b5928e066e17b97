/* SPDX-License-Identifier: Apache-2.0 */
/* english.c - what a message of the server is in English, whatever language the server speaks */
#include "english.h"

#include "../cause.h"

#include "cflyway/base/ascii.h"
#include "cflyway/base/str.h"
#include "cflyway/sql/values_row.h"

enum { NAMES_MAX = 4, UNKNOWN, ANY };

struct names {
	struct str items[NAMES_MAX];
	size_t n; /* UNKNOWN: a quote is missing, or there are too many */
};

static const struct {
	const char *state, *routines;
	size_t names;
	const char *line, *message;
} messages[] = {
#define ENGLISH(state, routines, names, line, message) {state, routines, names, line, message},
#include "english.def"
#undef ENGLISH
};

/* --- names in quotes ----------------------------------------------------------------------- */

/* Those of all languages that the server is translated into. French has blanks inside. */
static const struct {
	const char *open, *close;
} quotes[] = {
	{"\"", "\""},
	{"»", "«"},
	{"« ", " »"},
	{"«\u00a0", "\u00a0»"},
	{"«\u202f", "\u202f»"},
	{"«", "»"},
	{"„", "“"},
	{"„", "”"},
	{"“", "”"},
	{"『", "』"},
	{"「", "」"},
};

/* The name that the quote at the beginning of the text opens. False: there is none. */
static bool cut_name(struct str text, struct str *name, size_t *len)
{
	for (size_t i = 0; i < COUNT(quotes); i++) {
		const struct str open = str_of(quotes[i].open), close = str_of(quotes[i].close);
		const struct str rest =
			str_sub(text, open.len < text.len ? open.len : text.len, text.len);
		size_t end;

		if (!str_starts(text, open))
			continue;
		end = str_find(rest, close);
		if (end == rest.len)
			continue;
		*name = str_sub(rest, 0, end);
		*len = open.len + end + close.len;
		return true;
	}
	return false;
}

static bool is_quote(struct str text)
{
	static const char *const marks[] = {"\"", "»", "«", "„", "“", "”", "『", "』", "「", "」"};

	for (size_t i = 0; i < COUNT(marks); i++)
		if (str_starts(text, str_of(marks[i])))
			return true;
	return false;
}

static struct names find_names(struct str text)
{
	struct names names = {.n = 0};

	for (size_t at = 0; at < text.len;) {
		const struct str rest = str_sub(text, at, text.len);
		struct str name;
		size_t len;

		if (!is_quote(rest)) {
			at++;
			continue;
		}
		if (names.n == NAMES_MAX || !cut_name(rest, &name, &len))
			return (struct names){.n = UNKNOWN};
		names.items[names.n++] = name;
		at += len;
	}
	return names;
}

static bool has_name(const struct names *names, const char *name)
{
	for (size_t i = 0; name != NULL && names->n != UNKNOWN && i < names->n; i++)
		if (str_eq(names->items[i], str_of(name)))
			return true;
	return false;
}

/* The one of three names that is neither table nor constraint; of two equal ones, the second. */
static const char *find_third(struct arena *arena, const struct names *names, const char *table,
                              const char *constraint)
{
	const struct str *left = NULL;
	bool has_table = false, has_constraint = false;

	if (names->n != 3)
		return NULL;
	for (size_t i = 0; i < names->n; i++) {
		if (!has_constraint && str_eq(names->items[i], str_of(constraint)))
			has_constraint = true;
		else if (!has_table && str_eq(names->items[i], str_of(table)))
			has_table = true;
		else
			left = &names->items[i];
	}
	return has_table && has_constraint && left != NULL ? str_dup(arena, *left) : NULL;
}

/* The name in quotes in a detail, where some languages have the key in quotes as well. */
static const char *find_name_of_detail(struct arena *arena, const char *detail)
{
	const struct names names = find_names(str_of(detail));
	const struct str *found = NULL;

	for (size_t i = 0; names.n != UNKNOWN && i < names.n; i++) {
		if (str_starts(names.items[i], STR("(")))
			continue;
		if (found != NULL)
			return NULL;
		found = &names.items[i];
	}
	return found != NULL ? str_dup(arena, *found) : NULL;
}

/* --- other words --------------------------------------------------------------------------- */

/* pgjdbc puts lines of its own after the message, which may have several. */
static struct str first_part(const char *message)
{
	static const char *const more[] = {
		"\n  Detail: ", "\n  Hint: ", "\n  Position: ", "\n  Where: "};
	struct str text = str_of(message);

	for (size_t i = 0; i < COUNT(more); i++)
		text = str_sub(text, 0, str_find(text, str_of(more[i])));
	return text;
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_of_command(struct str text, size_t at)
{
	return at < text.len && (is_capital(text.ptr[at]) || text.ptr[at] == '.' ||
	                         (text.ptr[at] == ' ' && at + 1 < text.len &&
	                          (is_capital(text.ptr[at + 1]) || text.ptr[at + 1] == '.')));
}

/* "CREATE DATABASE": capital letters of ASCII, which no language translates. NULL: not one. */
static const char *find_command(struct arena *arena, struct str text)
{
	const char *found = NULL;

	for (size_t at = 0; at < text.len;) {
		size_t end = at;

		while (is_capital(text.ptr[at]) && is_of_command(text, end))
			end++;
		if (end - at < 2) {
			at++;
			continue;
		}
		if (found != NULL)
			return NULL;
		found = str_dup(arena, str_sub(text, at, end));
		at = end;
	}
	return found;
}

static bool is_of_word(char c)
{
	return c == '_' || c == '"' || c == '$' || c == '.' || (unsigned char)c >= 0x80 ||
	       ascii_is_digit(c) || ascii_is_letter(c);
}

/* Does the line have the name with a parenthesis after it? */
static bool calls(const char *line, struct str name)
{
	struct str rest = str_of(line);

	for (size_t i = 0; i + name.len < rest.len; i++) {
		const struct str here = str_sub(rest, i, rest.len);

		if ((i == 0 || !is_of_word(rest.ptr[i - 1])) && str_starts_nocase(here, name) &&
		    str_starts(str_trim_left(str_sub(here, name.len, here.len)), STR("(")))
			return true;
	}
	return false;
}

/*
 * "f(integer, text)": up to its parenthesis, not all languages have a blank before the name, but
 * the line of the script has the name.
 */
static const char *find_function(struct arena *arena, struct str text, const char *line)
{
	const size_t open = str_find_char(text, '(');
	const size_t close = str_find_char(text, ')');
	size_t start = open;

	if (line == NULL || open >= close || close == text.len ||
	    str_has_nocase(str_of(line), STR("call ")) || str_starts(text, STR("procedure ")) ||
	    str_starts(text, STR("aggregate ")))
		return NULL;
	while (start > 0 && text.ptr[start - 1] != ' ' && text.ptr[start - 1] != '\n')
		start--;
	for (size_t from = start; from < open; from++) {
		const bool is_part = ((unsigned char)text.ptr[from] & 0xc0) == 0x80 ||
		                     (from > start && (unsigned char)text.ptr[from - 1] < 0x80);

		if (!is_part && calls(line, str_sub(text, from, open)))
			return str_dup(arena, str_sub(text, from, close + 1));
	}
	return NULL;
}

static bool has_word(const char *words, const char *word)
{
	struct str rest = str_of(words);

	while (rest.len > 0)
		if (str_eq(str_cut(&rest, ' '), str_of(word)))
			return true;
	return false;
}

/* ------------------------------------------------------------------------------------------- */

static void add_fields(struct arena *arena, const struct pg_report *report,
                       const struct names *names, struct cause_facts *facts)
{
	const struct sql_object *object = report->object;
	struct row_key key;

	if (report->detail != NULL) {
		facts->of['i'] = find_name_of_detail(arena, report->detail);
		if (row_key_read(&key, str_of(report->detail), report->state) && key.names.n > 0) {
			facts->of['a'] = str_array_join(arena, &key.names);
			facts->of['b'] = str_array_join(arena, &key.values);
		}
	}
	if (object == NULL)
		return;
	if (has_name(names, object->table))
		facts->of['t'] = object->table;
	if (has_name(names, object->column))
		facts->of['C'] = object->column;
	if (has_name(names, object->constraint))
		facts->of['K'] = object->constraint;
	if (object->table != NULL && object->constraint != NULL)
		facts->of['3'] = find_third(arena, names, object->table, object->constraint);
}

static struct cause_facts find_facts(struct arena *arena, const struct pg_report *report,
                                     struct str text, const struct names *names)
{
	struct cause_facts facts = {.of = {NULL}};

	for (size_t i = 0; i < 2 && names->n != UNKNOWN && i < names->n; i++)
		facts.of['1' + i] = str_dup(arena, names->items[i]);
	facts.of['W'] = find_command(arena, text);
	facts.of['F'] = find_function(arena, text, report->line);
	add_fields(arena, report, names, &facts);
	return facts;
}

const char *pg_in_english(struct arena *arena, const struct pg_report *report)
{
	const struct str text = first_part(report->message);
	const struct names names = find_names(text);
	struct cause_facts facts;

	if (report->routine == NULL)
		return NULL;
	facts = find_facts(arena, report, text, &names);
	for (size_t i = 0; i < COUNT(messages); i++) {
		const char *english;

		if (!str_same(messages[i].state, report->state) ||
		    (messages[i].names != names.n && messages[i].names != ANY) ||
		    !has_word(messages[i].routines, report->routine) ||
		    (messages[i].line != NULL &&
		     !str_has_nocase(str_of(report->line), str_of(messages[i].line))))
			continue;
		english = cause_text(arena, messages[i].message, &facts);
		if (english != NULL)
			return report->context != NULL
			               ? arena_concat(arena, english,
			                              "\n  Where: ", report->context)
			               : english;
	}
	return NULL;
}
