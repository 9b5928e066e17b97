/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values_row.c - finds the row of an INSERT that a constraint has refused
 *
 * Only literals are compared, as they are written: a row that computes its key is not found.
 */
#include "cflyway/sql/values_row.h"

#include "cflyway/base/attr.h"
#include "cflyway/sql/token.h"

struct search {
	struct str statement;
	size_t at;
	struct arena *arena;
	const char *table;        /* that it inserts into, without its schema */
	struct str_array columns; /* of INSERT INTO t (…); none: not given */
};

static bool add(struct str_array *list, struct str item)
{
	if (list->n == KEY_MAX)
		return false;
	list->items[list->n++] = item;
	return true;
}

static bool cut_list(struct str text, struct str_array *list)
{
	while (text.len > 0) {
		size_t at = str_find(text, STR(", "));

		if (!add(list, str_sub(text, 0, at)))
			return false;
		text = str_sub(text, at + 2, text.len);
	}
	return list->n > 0;
}

/* The length of "5, x" in "5, x) already exists." and "5, x) conflicts with … (id, n)=(6, y).". */
static size_t values_length(struct str text, struct str names)
{
	size_t len = 0, other = text.len;

	for (size_t i = 0; other == text.len && i < text.len; i++)
		if (str_starts(str_sub(text, i, text.len), names) &&
		    str_starts(str_sub(text, i + names.len, text.len), STR("=(")))
			other = i;
	for (size_t i = 0; i < other; i++)
		if (text.ptr[i] == ')')
			len = i;
	return len;
}

/* between: ")=(", or ") = (" of the key of a partition. */
static bool read_key(struct str detail, struct str between, struct row_key *key)
{
	const size_t begin = str_find_char(detail, '('), middle = str_find(detail, between);
	const size_t after = middle + between.len;
	struct str values = str_sub(detail, after < detail.len ? after : detail.len, detail.len);

	if (begin >= middle || values.len == 0 ||
	    !cut_list(str_sub(detail, begin + 1, middle), &key->names))
		return false;
	values = str_sub(values, 0, values_length(values, str_sub(detail, begin, middle + 1)));
	if (key->names.n == 1)
		return values.len > 0 && add(&key->values, values);
	return cut_list(values, &key->values) && key->values.n == key->names.n;
}

static bool read_row(struct str detail, struct row_key *key)
{
	const size_t begin = str_find_char(detail, '(');
	size_t end = detail.len;

	while (end > begin && detail.ptr[end - 1] != ')')
		end--;
	return end > begin + 1 && cut_list(str_sub(detail, begin + 1, end - 1), &key->values);
}

bool row_key_read(struct row_key *key, struct str detail, const char *state)
{
	*key = (struct row_key){.is_duplicate =
	                                str_same(state, "23505") || str_same(state, "23P01")};
	if (key->is_duplicate || str_same(state, "23503"))
		return read_key(detail, STR(")=("), key);
	if (str_same(state, "23514") && read_key(detail, STR(") = ("), key))
		return true;
	*key = (struct row_key){.is_duplicate = false};
	return (str_same(state, "23502") || str_same(state, "23514")) && read_row(detail, key);
}

/* --- the statement ------------------------------------------------------------------------- */

/* False at the end of the statement. */
static bool next(struct search *search, struct token *token)
{
	*token = token_next(search->statement, &search->at);
	return token->kind != TOKEN_END;
}

/* Reads up to VALUES, and the name of the table and those of columns on the way. */
static bool find_values(struct search *search)
{
	struct token token;
	size_t depth = 0;
	bool is_part = true; /* of the name of the table */

	do {
		if (!next(search, &token))
			return false;
	} while (!token_is(token, "insert"));
	while (!(depth == 0 && token_is(token, "values"))) {
		bool is_name = token.kind == TOKEN_WORD || token.kind == TOKEN_NAME;

		if (token_is(token, "("))
			depth++;
		else if (token_is(token, ")") && depth > 0)
			depth--;
		else if (depth == 1 && is_name &&
		         !add(&search->columns, str_of(token_value(search->arena, token))))
			return false;
		else if (depth == 0 && is_name && is_part)
			search->table = token_identifier(search->arena, token);
		is_part = token_is(token, ".") || token_is(token, "insert") ||
		          token_is(token, "into");
		if (!next(search, &token))
			return false;
	}
	return true;
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
static bool read_fields(struct search *search, struct str_array *fields)
{
	size_t depth = 1, start = search->at;

	for (;;) {
		size_t before = search->at;
		struct token token;

		if (!next(search, &token))
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

static bool has(const struct str_array *list, struct str item)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].ptr != NULL && str_eq(list->items[i], item))
			return true;
	return false;
}

/* The place of a column in the rows; n: it is not among them. */
static size_t column_of(const struct str_array *columns, struct str name)
{
	size_t i = 0;

	while (i < columns->n && !str_eq_nocase(columns->items[i], name))
		i++;
	return i;
}

static bool has_key(const struct str_array *columns, const struct str_array *fields,
                    const struct row_key *key)
{
	for (size_t i = 0; i < key->names.n; i++) {
		size_t at = column_of(columns, key->names.items[i]);

		if (columns->n == 0 ? !has(fields, key->values.items[i])
		                    : at >= fields->n || fields->items[at].ptr == NULL ||
		                              !str_eq(fields->items[at], key->values.items[i]))
			return false;
	}
	return true;
}

/* The value of a row is computed, or a default. */
static bool is_open(struct str field)
{
	return field.ptr == NULL || str_eq_nocase(field, STR("default"));
}

static bool is_row(const struct str_array *fields, const struct row_key *key)
{
	size_t simple = 0;

	for (size_t i = 0; i < fields->n; i++) {
		if (is_open(fields->items[i]))
			continue;
		simple++;
		if (!has(&key->values, fields->items[i]) &&
		    !str_eq_nocase(fields->items[i], STR("null")))
			return false;
	}
	return simple > 0;
}

/* Is a value of the key not written in the row? */
static bool is_computed(const struct str_array *columns, const struct str_array *fields,
                        const struct row_key *key)
{
	for (size_t i = 0; i < key->names.n; i++) {
		const size_t at = column_of(columns, key->names.items[i]);

		if (at >= fields->n || is_open(fields->items[at]))
			return true;
	}
	return false;
}

/* Without names of columns, each value may be one of the key. */
static bool has_computed(const struct str_array *fields)
{
	for (size_t i = 0; i < fields->n; i++)
		if (is_open(fields->items[i]))
			return true;
	return false;
}

bool row_key_is_of(const struct row_key *key, const struct str_array *columns,
                   const struct str_array *fields)
{
	return key->names.n > 0 ? has_key(columns, fields, key) : is_row(fields, key);
}

/* Looks at all rows, and returns how many there are. */
static size_t find(struct search *search, const struct row_key *key, struct row_matches *matches)
{
	size_t rows = 0;

	for (;;) {
		struct str_array fields = {.n = 0};
		struct arena_mark mark = arena_mark(search->arena);
		struct token token;

		if (!next(search, &token) || !token_is(token, "("))
			return rows;
		size_t start = (size_t)(token.text.ptr - search->statement.ptr);
		if (!read_fields(search, &fields))
			return rows;
		rows++;
		if (search->columns.n > 0)
			matches->is_computed |= is_computed(&search->columns, &fields, key);
		else
			matches->may_be_computed |= has_computed(&fields);
		if (row_key_is_of(key, &search->columns, &fields)) {
			if (matches->n < COUNT(matches->offsets))
				matches->offsets[matches->n] = start;
			matches->n++;
			matches->is_vague |= search->columns.n == 0;
		}
		arena_rewind(search->arena, mark);
		if (!next(search, &token) || !token_is(token, ","))
			return rows;
	}
}

bool values_row_find(struct str statement, const struct row_key *key, size_t *offset)
{
	struct arena arena = ARENA_EMPTY;
	struct search search = {.statement = statement, .arena = &arena};
	struct row_matches matches = {.n = 0};
	size_t rows = find_values(&search) ? find(&search, key, &matches) : 0;

	arena_release(&arena);
	if (rows < 2 || matches.is_computed || matches.n == 0 ||
	    matches.n > (key->is_duplicate ? 2 : 1))
		return false;
	/* of equal keys that may not exist twice, the second has failed */
	*offset = matches.offsets[matches.n - 1];
	return true;
}

void values_row_matches(struct str statement, const struct row_key *key, const char *table,
                        struct row_matches *matches)
{
	struct arena arena = ARENA_EMPTY;
	struct search search = {.statement = statement, .arena = &arena};

	*matches = (struct row_matches){.n = 0};
	if (find_values(&search) && str_same(search.table, table))
		(void)find(&search, key, matches);
	arena_release(&arena);
}

const char *str_array_join(struct arena *arena, const struct str_array *items)
{
	const char *joined = "";

	for (size_t i = 0; i < items->n; i++)
		joined = arena_printf(arena, "%s%s%.*s", joined, i > 0 ? ", " : "",
		                      (int)items->items[i].len, items->items[i].ptr);
	return joined;
}
