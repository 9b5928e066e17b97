/* SPDX-License-Identifier: Apache-2.0 */
/* test_client_command.c - finds what psql or sqlite3 would take for a command of their own */
#include "suites.h"

#include "cflyway/sql/client_command.h"

static const struct {
	const char *text;
	bool is_command;
} psql[] = {
	{"", false},
	{"select 1", false},
	{"\\q", true},
	{"select 1 \\! rm x", true},
	{"select 'a\\b', \"a\\b\"", false},
	{"select '\\' \\g", true},
	{"select 'it''s \\' \\g", true},
	{"select E'\\'' , e'\\\\'", false},
	{"select E'\\'' \\g", true},
	{"select E'a''\\'b' || 'c'", false},
	{"select E'a''\\'b' \\g", true},
	{"select E'a'\n  '\\'b'", false},
	{"select E'a' '\\' \\g", true},
	{"select re'\\' \\g", true},
	{"select E 'a\\' \\g", true},
	{"select U&'\\0041', U&\"\\0041\"", false},
	{"-- \\q\nselect 1 -- \\q", false},
	{"-- \\q\rselect 1 \\q", true},
	{"/* \\q /* \\q */ \\q */ select 1", false},
	{"/* \\q /* \\q */ \\q */ \\q", true},
	{"/* open \\q", false},
	{"select $$\\q$$, $a$\\q$b$ $$ \\q$a$", false},
	{"select $$\\q$$ \\q", true},
	{"select a$b$ \\q $b$", true},
	{"select $1 \\q $1", true},
	{"select $ä$\\q$ä$", false},
	{"select '\\", false},
	{"select E'\\", false},
	{"select $a$\\", false},
};

START_TEST(finds_commands_of_psql)
{
	ck_assert_msg(client_command_of_psql(str_of(psql[_i].text)) == psql[_i].is_command, "%s",
	              psql[_i].text);
}
END_TEST

/* The colons that a blank must follow are a '!' here. */
static const char *const variables[] = {
	"",
	"select 1",
	"select x[1!n], x[1!\"N\"], x[1!'2'], x[1:2], x[1: n], x[:]",
	"select 1::int, '1'::\"T\", x[1!n::int]",
	"select ':a', \":a\", $$:a$$, E'\\':a' -- :a\n, /* :a */ x[a!b]",
	"do x := 1, y :=a",
	"!{?a}",
	"!ä !_",
	"!a!b",
	":",
	"::",
	"::!a",
};

START_TEST(finds_variables_of_psql)
{
	struct arena arena = ARENA_EMPTY;
	struct str want = str_of(variables[_i]);
	struct str text = str_of(str_replace(&arena, want, STR("!"), STR(":")));

	for (size_t from = 0, at; from < text.len; from = at + 1) {
		at = client_variable_of_psql(text, from);
		for (size_t i = from; i < at; i++)
			ck_assert_msg(want.ptr[i] != '!', "%s: %zu", want.ptr, i);
		ck_assert_msg(at == want.len || want.ptr[at] == '!', "%s: %zu", want.ptr, at);
	}
	arena_release(&arena);
}
END_TEST

static const struct {
	const char *text;
	bool is_command;
} sqlite3[] = {
	{"", false},
	{"select .5", false},
	{".shell x", true},
	{"#", true},
	{" \t\n.read x", true},
	{"-- a\n/* b */ .read x", true},
	{"/* /* */ .read x", true},
	{"/* .read", false},
	{"-- .read", false},
	{"select 1\n.read x", false},
};

START_TEST(finds_commands_of_sqlite3)
{
	ck_assert_msg(client_command_of_sqlite3(str_of(sqlite3[_i].text)) == sqlite3[_i].is_command,
	              "%s", sqlite3[_i].text);
}
END_TEST

Suite *client_command_suite(void)
{
	Suite *suite = suite_create("client_command");
	TCase *tcase = tcase_create("client_command");

	tcase_add_loop_test(tcase, finds_commands_of_psql, 0, COUNT(psql));
	tcase_add_loop_test(tcase, finds_variables_of_psql, 0, COUNT(variables));
	tcase_add_loop_test(tcase, finds_commands_of_sqlite3, 0, COUNT(sqlite3));
	suite_add_tcase(suite, tcase);
	return suite;
}
