/* SPDX-License-Identifier: Apache-2.0 */
/* test_values_row.c - the row of an INSERT that a constraint has refused, and tokens */
#include "suites.h"

#include "cflyway/base/arena.h"
#include "cflyway/sql/token.h"
#include "cflyway/sql/values_row.h"

#include <stdint.h>
#include <string.h>

#define EXISTS(key) "Key " key " already exists."

/* found: how the row begins; NULL: none is found. */
static const struct {
	const char *statement, *detail, *found;
} rows[] = {
	{"insert into t values (1, 'a'), (2, 'b'), (3, 'c')", EXISTS("(id)=(2)"), "(2,"},
	{"insert into t values (1, 'a'), (2, 'b'), (3, 'c')", EXISTS("(id, n)=(3, c)"), "(3,"},
	{"insert into t values (1, 'a'), (2, 'b'), (3, 'c')", EXISTS("(id, n)=(3, a)"), NULL},
	{"insert into t(n, \"id\") values (1, 2), (2, 1), (3, 3)", EXISTS("(id)=(1)"), "(2,"},
	{"-- c\n/* ( */ insert into t(n) values (1), (2)", EXISTS("(id)=(1)"), NULL},
	{"with x as (select 1) insert into t values (-1), (+2)", EXISTS("(id)=(-1)"), "(-1)"},
	{"insert into t values ('it''s', 1), (E'x', 2)", EXISTS("(n)=(it's)"), "('it"},
	{"insert into t values ($$a, b$$), ('c')", EXISTS("(n)=(a, b)"), "($$"},
	{"insert into t values (true, 5::int), (false, 6)", EXISTS("(b)=(t)"), "(true"},
	{"insert into t values (f(1, 2), 1), (array[3, 4], 2)", EXISTS("(i)=(2)"), "(array"},
	{"insert into t values (1), (2)", "Key (id)=(2) is not present in table \"u\".", "(2)"},
	{"insert into t values (1), (2)", "Failing row contains (2).", "(2)"},
	{"insert into t(b, a) values (1, default), (null, 2)", "Failing row contains (2, null).",
         "(null"},
	/* twice in it: the second */
	{"insert into t values (1, 'x'), (2, 'y'), (1, 'z')", EXISTS("(id)=(1)"), "(1, 'z'"},
	{"insert into t values (1, 'x'), (1, 'y'), (1, 'z')", EXISTS("(id)=(1)"), NULL},
	{"insert into t values (1, 'x'), (1, 'y')", "Key (id)=(1) is not present in table \"u\".",
         NULL},
	/* nothing to choose, or nothing to compare */
	{"insert into t values (1)", EXISTS("(id)=(1)"), NULL},
	{"insert into t values (1 + 1), (2 + 2)", EXISTS("(id)=(2)"), NULL},
	{"insert into t select 1", EXISTS("(id)=(1)"), NULL},
	{"update t set id = 1", EXISTS("(id)=(1)"), NULL},
	{"insert into t values (1), (2", EXISTS("(id)=(2)"), NULL},
	{"insert into t values (1), (2)", "Key (id)=(2", NULL},
	{"insert into t values (1), (2)", "", NULL},
	{"", EXISTS("(id)=(2)"), NULL},
};

START_TEST(finds_the_row)
{
	struct str statement = str_of(rows[_i].statement);
	size_t offset = SIZE_MAX;
	bool found = values_row_find(statement, str_of(rows[_i].detail), &offset);

	ck_assert_int_eq(found, rows[_i].found != NULL);
	if (!found)
		ck_assert_uint_eq(offset, SIZE_MAX);
	else
		ck_assert_msg(str_starts(str_sub(statement, offset, statement.len),
		                         str_of(rows[_i].found)),
		              "%s", statement.ptr + offset);
}
END_TEST

/* --- tokens -------------------------------------------------------------------------------- */

static const struct {
	const char *text, *tokens;
} texts[] = {
	{"", ""},
	{" a /* b /* c */ */ \"d\"\"e\" -- f\n'g''h'", "word<a> name<d\"e> string<g'h> "},
	{"E'a\\'b' n'c' $$d$e$$ $t$ $$ $t$", "string<a\\'b> string<c> string<d$e> string< $$ > "},
	{"1.5e3 $1 x$y (ä)", "number<1.5e3> word<$1> word<x$y> other<(> word<ä> other<)> "},
	{"'open", "string<open> "},
	{"$$open", "string<open> "},
	{"\"", "name<> "},
	{"/* open", ""},
	{"--", ""},
};

START_TEST(cuts_tokens)
{
	static const char *const kinds[] = {
		[TOKEN_WORD] = "word",     [TOKEN_NAME] = "name",   [TOKEN_STRING] = "string",
		[TOKEN_NUMBER] = "number", [TOKEN_OTHER] = "other",
	};
	struct arena arena = ARENA_EMPTY;
	const char *all = "";
	size_t at = 0;

	for (;;) {
		struct token token = token_next(str_of(texts[_i].text), &at);

		if (token.kind == TOKEN_END)
			break;
		all = arena_printf(&arena, "%s%s<%s> ", all, kinds[token.kind],
		                   token_value(&arena, token));
	}
	ck_assert_str_eq(all, texts[_i].tokens);
	ck_assert_uint_eq(at, strlen(texts[_i].text));
	arena_release(&arena);
}
END_TEST

Suite *values_row_suite(void)
{
	Suite *suite = suite_create("values_row");
	TCase *tc = tcase_create("rows");

	tcase_add_loop_test(tc, finds_the_row, 0, COUNT(rows));
	tcase_add_loop_test(tc, cuts_tokens, 0, COUNT(texts));
	suite_add_tcase(suite, tc);
	return suite;
}
