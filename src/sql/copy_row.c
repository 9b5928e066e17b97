/* SPDX-License-Identifier: Apache-2.0 */
/* copy_row.c - finds the row of a COPY … FROM STDIN that a constraint has refused */
#include "cflyway/sql/copy_row.h"

#include "cflyway/sql/token.h"

/* Reads "t (a, b)": the table is the last name before the bracket. */
static bool read_target(struct copy_format *format, struct arena *arena, struct str statement,
                        size_t *at)
{
	struct token token = token_next(statement, at);
	bool is_inside = false;

	if (!token_is(token, "copy"))
		return false;
	while (token.kind != TOKEN_END) {
		token = token_next(statement, at);
		if (!is_inside && token_is(token, "from"))
			return format->table != NULL;
		if (token_is(token, "(") || token_is(token, ")"))
			is_inside = token_is(token, "(");
		if (token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
			continue;
		const char *name = token_identifier(arena, token);

		if (!is_inside)
			format->table = name;
		else if (format->columns.n == KEY_MAX)
			return false;
		else
			format->columns.items[format->columns.n++] = str_of(name);
	}
	return false;
}

bool copy_format_read(struct copy_format *format, struct arena *arena, struct str statement)
{
	size_t at = 0;
	bool is_delimiter = false;

	*format = (struct copy_format){.table = NULL};
	if (!read_target(format, arena, statement, &at))
		return false;
	for (struct token token = token_next(statement, &at); token.kind != TOKEN_END;
	     token = token_next(statement, &at)) {
		if (token_is(token, "binary"))
			return false;
		if (token_is(token, "csv") || str_eq_nocase(token.content, STR("csv")))
			format->is_csv = true;
		if (is_delimiter && token.kind == TOKEN_STRING && token.content.len > 0)
			format->delimiter = token.content.ptr[0];
		is_delimiter = token_is(token, "delimiter") || token_is(token, "delimiters") ||
		               (is_delimiter && token_is(token, "as"));
	}
	if (format->delimiter == '\0')
		format->delimiter = format->is_csv ? ',' : '\t';
	return true;
}

/* Takes a value of CSV in quotes, and what follows up to the delimiter. */
static struct str take_quoted(struct str *rest, char delimiter)
{
	size_t at = 1;

	while (at < rest->len &&
	       (rest->ptr[at] != '"' || (at + 1 < rest->len && rest->ptr[at + 1] == '"')))
		at += rest->ptr[at] == '"' ? 2 : 1;
	struct str value = str_sub(*rest, 1, at < rest->len ? at : rest->len);

	*rest = str_sub(*rest, at < rest->len ? at : rest->len, rest->len);
	(void)str_cut(rest, delimiter);
	return value;
}

bool copy_row_has(const struct copy_format *format, const struct row_key *key, struct str line)
{
	struct str_array fields = {.n = 0};

	if (str_ends(line, STR("\r")))
		line.len--;
	while (line.ptr != NULL && fields.n < KEY_MAX) {
		const bool is_quoted = format->is_csv && str_starts(line, STR("\""));

		fields.items[fields.n++] = is_quoted ? take_quoted(&line, format->delimiter)
		                                     : str_cut(&line, format->delimiter);
	}
	return row_key_is_of(key, &format->columns, &fields);
}
