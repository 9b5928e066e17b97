/* SPDX-License-Identifier: Apache-2.0 */
/* test_values_row.c - the row of an INSERT that a constraint has refused, and tokens */
#include "suites.h"

#include "cflyway/base/arena.h"
#include "cflyway/sql/copy_row.h"
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
	/* the key of another row is computed, or a default */
	{"insert into t(id, n) values (1, 30 + 6), (2, 36)", EXISTS("(n)=(36)"), NULL},
	{"insert into t(id, n) values (1, default), (2, 36)", EXISTS("(n)=(36)"), NULL},
	{"insert into t(id, n) values (1, now()), (2, 36)", EXISTS("(id)=(2)"), "(2, 36"},
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

/* The server sends it beside the words. */
static const char *state_of(const char *detail)
{
	if (strstr(detail, "already exists") != NULL)
		return "23505";
	return strstr(detail, "not present") != NULL ? "23503" : "23514";
}

START_TEST(finds_the_row)
{
	struct str statement = str_of(rows[_i].statement);
	size_t offset = SIZE_MAX;
	struct row_key key;
	bool found = row_key_read(&key, str_of(rows[_i].detail), state_of(rows[_i].detail)) &&
	             values_row_find(statement, &key, &offset);

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

/* offsets: how the rows begin that are found, up to two. */
static const struct {
	const char *statement, *detail, *table, *first, *second;
	size_t n;
	bool is_vague;
} matched[] = {
	{"insert into t(id) values (1)", EXISTS("(id)=(1)"), "t", "(1)", NULL, 1, false},
	{"insert into a.\"T\" as x (id) values (1), (2), (1), (1)", EXISTS("(id)=(1)"), "T",
         "(1), (2", "(1), (1", 3, false},
	{"insert into T values (1)", EXISTS("(id)=(1)"), "t", "(1)", NULL, 1, true},
	{"insert into t(id) values (1)", EXISTS("(id)=(1)"), "u", NULL, NULL, 0, false},
	{"insert into t.u(id) values (1)", EXISTS("(id)=(1)"), "t", NULL, NULL, 0, false},
	{"update t set id = 1", EXISTS("(id)=(1)"), "t", NULL, NULL, 0, false},
};

START_TEST(finds_all_rows_of_a_table)
{
	struct str statement = str_of(matched[_i].statement);
	const char *expected[] = {matched[_i].first, matched[_i].second};
	struct row_matches matches;
	struct row_key key;

	ck_assert(row_key_read(&key, str_of(matched[_i].detail), "23505"));
	values_row_matches(statement, &key, matched[_i].table, &matches);
	ck_assert_uint_eq(matches.n, matched[_i].n);
	ck_assert_int_eq(matches.is_vague, matched[_i].is_vague);
	for (size_t i = 0; i < COUNT(expected) && expected[i] != NULL; i++)
		ck_assert(str_starts(str_sub(statement, matches.offsets[i], statement.len),
		                     str_of(expected[i])));
}
END_TEST

/* In the languages of the server; NULL: it is no key. */
static const struct {
	const char *state, *detail, *key;
} details[] = {
	{"23505", "Schlüssel »(id, n)=(5, x)« existiert bereits.", "id=5 n=x "},
	{"23505", "キー (id)=(5)はすでに存在します。", "id=5 "},
	{"23503", "テーブル\"p\"にキー(p)=(33)がありません。", "p=33 "},
	{"23503", "Key (p)=(a)b) is not present in table \"p\".", "p=a)b "},
	{"23P01", "Key (r, i)=([1,3), 7) conflicts with existing key (r, i)=([2,5), 7).",
         "r=[1,3) i=7 "},
	{"23514", "Partition key of the failing row contains (a, b) = (5, 6).", "a=5 b=6 "},
	{"23514", "Die fehlerhafte Zeile enthält (5, null).", "5 null "},
	{"23502", "Ошибочная строка содержит (5, (x)).", "5 (x) "},
	{"42601", "Key (id)=(5) already exists.", NULL},
	{"23505", "Key", NULL},
	{"23503", "Key (a, b)=(5) is", NULL},
	{"23502", "()", NULL},
	{"23505", NULL, NULL},
};

START_TEST(reads_the_key_in_any_language)
{
	struct arena arena = ARENA_EMPTY;
	struct row_key key;
	const char *read = "";

	if (!row_key_read(&key, str_of(details[_i].detail), details[_i].state))
		read = NULL;
	for (size_t i = 0; read != NULL && i < key.values.n; i++)
		read = arena_printf(&arena, "%s%s%s%s ", read,
		                    i < key.names.n ? str_dup(&arena, key.names.items[i]) : "",
		                    i < key.names.n ? "=" : "",
		                    str_dup(&arena, key.values.items[i]));
	ck_assert_pstr_eq(read, details[_i].key);
	arena_release(&arena);
}
END_TEST

/* --- COPY ---------------------------------------------------------------------------------- */

static const struct {
	const char *statement, *line, *detail, *table;
	bool has;
} copied[] = {
	{"COPY t (id, n) FROM stdin", "5\tx", EXISTS("(id)=(5)"), "t", true},
	{"copy public.t (n, id) from stdin;", "5\tx\r", EXISTS("(id)=(x)"), "t", true},
	{"copy t (n, id) from stdin", "5\tx", EXISTS("(id)=(5)"), "t", false},
	{"copy \"T\" from stdin", "5\tx", EXISTS("(id)=(x)"), "T", true},
	{"copy t (id) from stdin with (format csv)", "5,6", EXISTS("(id)=(5)"), "t", true},
	{"copy t (id, n) from stdin csv delimiter as ';'", "\"a;\"\"b\";6", EXISTS("(n)=(6)"), "t",
         true},
	{"copy t (id) from stdin (format 'csv', delimiter '|')", "\"5\"|6", EXISTS("(id)=(5)"), "t",
         true},
	{"copy t (id) from stdin csv", "\"5", EXISTS("(id)=(5)"), "t", true},
	{"copy t from stdin binary", "5", EXISTS("(id)=(5)"), NULL, false},
	{"copy (select 1) to stdout", "5", EXISTS("(id)=(5)"), NULL, false},
	{"insert into t values (5)", "5", EXISTS("(id)=(5)"), NULL, false},
	{"", "5", EXISTS("(id)=(5)"), NULL, false},
};

START_TEST(finds_rows_of_copy)
{
	struct arena arena = ARENA_EMPTY;
	struct copy_format format;
	struct row_key key;
	bool is_copy = copy_format_read(&format, &arena, str_of(copied[_i].statement));

	ck_assert(row_key_read(&key, str_of(copied[_i].detail), "23505"));
	ck_assert_int_eq(is_copy, copied[_i].table != NULL);
	if (is_copy) {
		ck_assert_str_eq(format.table, copied[_i].table);
		ck_assert_int_eq(copy_row_has(&format, &key, str_of(copied[_i].line)),
		                 copied[_i].has);
	}
	arena_release(&arena);
}
END_TEST

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
	tcase_add_loop_test(tc, finds_all_rows_of_a_table, 0, COUNT(matched));
	tcase_add_loop_test(tc, reads_the_key_in_any_language, 0, COUNT(details));
	tcase_add_loop_test(tc, finds_rows_of_copy, 0, COUNT(copied));
	tcase_add_loop_test(tc, cuts_tokens, 0, COUNT(texts));
	suite_add_tcase(suite, tc);
	return suite;
}
