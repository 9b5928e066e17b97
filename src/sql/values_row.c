/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values_row.c - finds the row of an INSERT that a constraint has refused
 *
 * Only literals are compared, as they are written: a row that computes its key is not found.
 */
#include "cflyway/sql/values_row.h"

#include "cflyway/sql/token.h"

enum { COLUMNS_MAX = 64 };

struct list {
	struct str items[COLUMNS_MAX];
	size_t n;
};

/* What the detail says. */
struct wanted {
	struct list names; /* of the key; none if it is a whole row */
	struct list values;
	bool is_duplicate;
};

struct search {
	struct str statement;
	size_t at;
	struct arena *arena;
	struct list columns; /* of INSERT INTO t (…); none: not given */
};

static bool add(struct list *list, struct str item)
{
	if (list->n == COLUMNS_MAX)
		return false;
	list->items[list->n++] = item;
	return true;
}

static bool cut_list(struct str text, struct list *list)
{
	while (text.len > 0) {
		size_t at = str_find(text, STR(", "));

		if (!add(list, str_sub(text, 0, at)))
			return false;
		text = str_sub(text, at + 2, text.len);
	}
	return list->n > 0;
}

static bool read_key(struct str detail, struct wanted *wanted)
{
	const struct str begin = STR("Key (");
	size_t middle = str_find(detail, STR(")=("));
	struct str values = str_sub(detail, middle + 3, detail.len);
	size_t end = str_find(values, STR(") already exists"));

	wanted->is_duplicate = end < values.len;
	if (!wanted->is_duplicate)
		end = str_find(values, STR(") is not present"));
	if (!str_starts(detail, begin) || middle == detail.len || end == values.len ||
	    !cut_list(str_sub(detail, begin.len, middle), &wanted->names))
		return false;
	values = str_sub(values, 0, end);
	if (wanted->names.n == 1)
		return add(&wanted->values, values);
	return cut_list(values, &wanted->values) && wanted->values.n == wanted->names.n;
}

static bool read_row(struct str detail, struct wanted *wanted)
{
	const struct str begin = STR("Failing row contains ("), end = STR(").");

	return str_starts(detail, begin) && str_ends(detail, end) &&
	       cut_list(str_sub(detail, begin.len, detail.len - end.len), &wanted->values);
}

/* --- the statement ------------------------------------------------------------------------- */

static struct token next(struct search *search)
{
	return token_next(search->statement, &search->at);
}

/* Reads up to VALUES, and the names of the columns on the way. */
static bool find_values(struct search *search)
{
	struct token token = next(search);
	size_t depth = 0;

	while (token.kind != TOKEN_END && !token_is(token, "insert"))
		token = next(search);
	while (token.kind != TOKEN_END && !(depth == 0 && token_is(token, "values"))) {
		bool is_name = token.kind == TOKEN_WORD || token.kind == TOKEN_NAME;

		if (token_is(token, "("))
			depth++;
		else if (token_is(token, ")") && depth > 0)
			depth--;
		else if (depth == 1 && is_name &&
		         !add(&search->columns, str_of(token_value(search->arena, token))))
			return false;
		token = next(search);
	}
	return token.kind != TOKEN_END;
}

/* A number, a string or a word alone, perhaps with a sign or ::type; {NULL, 0}: something else. */
static struct str simple_value(struct search *search, struct str field)
{
	size_t at = 0;
	struct token first = token_next(field, &at);
	bool is_negative = token_is(first, "-");

	if (is_negative)
		first = token_next(field, &at);
	struct token after = token_next(field, &at);
	bool is_alone = after.kind == TOKEN_END || token_is(after, ":");

	if (!is_alone || (is_negative && first.kind != TOKEN_NUMBER) || first.kind == TOKEN_OTHER ||
	    first.kind == TOKEN_END)
		return (struct str){NULL, 0};
	if (token_is(first, "true") || token_is(first, "false"))
		return str_sub(first.text, 0, 1);
	const char *value = token_value(search->arena, first);
	return str_of(is_negative ? arena_printf(search->arena, "-%s", value) : value);
}

/* Reads (…), after whose opening parenthesis the search is. */
static bool read_fields(struct search *search, struct list *fields)
{
	size_t depth = 1, start = search->at;

	for (;;) {
		size_t before = search->at;
		struct token token = next(search);

		if (token.kind == TOKEN_END)
			return false;
		if (token_is(token, "(") || token_is(token, "["))
			depth++;
		if (token_is(token, ")") || token_is(token, "]"))
			depth--;
		if (depth > 1 || (depth == 1 && !token_is(token, ",")))
			continue;
		if (!add(fields, simple_value(search, str_sub(search->statement, start, before))))
			return false;
		start = search->at;
		if (depth == 0)
			return true;
	}
}

/* --- the comparison ------------------------------------------------------------------------ */

static bool has(const struct list *list, struct str item)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].ptr != NULL && str_eq(list->items[i], item))
			return true;
	return false;
}

/* The place of a column in the rows; n: it is not among them. */
static size_t column_of(const struct list *columns, struct str name)
{
	size_t i = 0;

	while (i < columns->n && !str_eq_nocase(columns->items[i], name))
		i++;
	return i;
}

static bool has_key(const struct list *columns, const struct list *fields,
                    const struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->names.n; i++) {
		size_t at = column_of(columns, wanted->names.items[i]);

		if (columns->n == 0 ? !has(fields, wanted->values.items[i])
		                    : at >= fields->n || fields->items[at].ptr == NULL ||
		                              !str_eq(fields->items[at], wanted->values.items[i]))
			return false;
	}
	return true;
}

static bool is_row(const struct list *fields, const struct wanted *wanted)
{
	size_t simple = 0;

	for (size_t i = 0; i < fields->n; i++) {
		if (fields->items[i].ptr == NULL || str_eq_nocase(fields->items[i], STR("default")))
			continue;
		simple++;
		if (!has(&wanted->values, fields->items[i]) &&
		    !str_eq_nocase(fields->items[i], STR("null")))
			return false;
	}
	return simple > 0;
}

static bool find(struct search *search, const struct wanted *wanted, size_t *offset)
{
	size_t rows = 0, matches = 0, found = 0;

	for (;;) {
		struct list fields = {.n = 0};
		struct arena_mark mark = arena_mark(search->arena);
		struct token token = next(search);
		size_t start = (size_t)(token.text.ptr - search->statement.ptr);

		if (!token_is(token, "(") || !read_fields(search, &fields))
			break;
		rows++;
		if (wanted->names.n > 0 ? has_key(&search->columns, &fields, wanted)
		                        : is_row(&fields, wanted)) {
			matches++;
			/* of equal keys that may not exist twice, the second has failed */
			if (matches == 1 || (matches == 2 && wanted->is_duplicate))
				found = start;
		}
		arena_rewind(search->arena, mark);
		if (!token_is(next(search), ","))
			break;
	}
	if (rows < 2 || matches == 0 || matches > (wanted->is_duplicate ? 2 : 1))
		return false;
	*offset = found;
	return true;
}

bool values_row_find(struct str statement, struct str detail, size_t *offset)
{
	struct arena arena = ARENA_EMPTY;
	struct search search = {.statement = statement, .arena = &arena};
	struct wanted wanted = {.is_duplicate = false};
	bool found = (read_key(detail, &wanted) || read_row(detail, &wanted)) &&
	             find_values(&search) && find(&search, &wanted, offset);

	arena_release(&arena);
	return found;
}
