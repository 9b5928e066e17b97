/* SPDX-License-Identifier: Apache-2.0 */
/* test_statement_line.c - statements as messages show them */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/sql/statement_line.h"

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

#define X10 "xxxxxxxxxx"
#define X119 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10 "xxxxxxxxx"

static const struct {
	const char *statement, *text;
} texts[] = {
	{"select 1", "select 1"},
	{"\n  -- a comment\n--\n\t select\n\t  1 \n ", "select 1"},
	{"select -- one\n 1", "select -- one 1"},
	{"-1", "-1"},
	{"- - x", "- - x"},
	{"-- only", ""},
	{"", ""},
	{X119 "y", X119 "y"},
	{X119 "yz", X119 "y ..."},
	{X119 "\xC3\xA4", X119 "\xC3\xA4"},
	{X119 "\xC3\xA4z", X119 "\xC3\xA4 ..."},
	{X119 "\xF0\x9F\x98\x80z", X119 "\xF0\x9F\x98\x80 ..."},
	{X119 "y\xC3\xA4", X119 "y ..."},
	{"alter role r\n  password 's'", "alter role r password '********'"},
	{"alter role r password '" X119 "secret'", "alter role r password '********'"},
};

START_TEST(shows_the_beginning_of_a_statement)
{
	ck_assert_str_eq(statement_line(&memory, texts[_i].statement), texts[_i].text);
}
END_TEST

Suite *statement_line_suite(void)
{
	Suite *suite = suite_create("statement_line");
	TCase *tc = tcase_create("statement_line");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, shows_the_beginning_of_a_statement, 0, COUNT(texts));
	suite_add_tcase(suite, tc);
	return suite;
}
