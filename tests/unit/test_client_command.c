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
	tcase_add_loop_test(tcase, finds_commands_of_sqlite3, 0, COUNT(sqlite3));
	suite_add_tcase(suite, tcase);
	return suite;
}
