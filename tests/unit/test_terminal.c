/* SPDX-License-Identifier: Apache-2.0 */
/* test_terminal.c - what a terminal would obey is shown, and nothing else changes */
#include "suites.h"

#include "cflyway/base/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static const struct {
	struct str text;
	const char *shown;
} texts[] = {
	{STR(""), ""},
	{STR("plain ~ text"), "plain ~ text"},
	{STR("a\tb\nc\r\n"), "a\tb\nc\r\n"},
	{STR("one\rtwo"), "one\\x0dtwo"},
	{STR("end\r"), "end\\x0d"},
	{STR("\x1b[31mred"), "\\x1b[31mred"},
	{STR("\0\a\b\v\f\x1f"), "\\x00\\x07\\x08\\x0b\\x0c\\x1f"},
	{STR("\x7f"), "\\u007f"},
	{STR("\xC2\x80\xC2\x9B\xC2\x9F"), "\\u0080\\u009b\\u009f"},
	{STR("\xC2\xA0"), "\xC2\xA0"},
	{STR("M\xC3\xBCnchen \xF0\x9F\x98\x80"), "M\xC3\xBCnchen \xF0\x9F\x98\x80"},
	{STR("\xEF\xBF\xBD"), "\xEF\xBF\xBD"},
	{STR("\xE2\x80\xA9\xE2\x80\xAA\xE2\x80\xAC"), "\xE2\x80\xA9\\u202a\\u202c"},
	{STR("\xE2\x80\xAE\xE2\x80\xAC\xE2\x80\xAF"), "\\u202e\\u202c\xE2\x80\xAF"},
	{STR("\xE2\x81\xA5\xE2\x81\xA6\xE2\x81\xA9\xE2\x81\xAA"),
         "\xE2\x81\xA5\\u2066\\u2069\xE2\x81\xAA"},
	{STR("\x9B\xFF"), "\\x9b\\xff"},
	{STR("\xC3(\xE2\x82"), "\\xc3(\\xe2\\x82"},
	{STR("\xED\xA0\x80"), "\\xed\\xa0\\x80"},
	{STR("\\x1b"), "\\x1b"},
};

START_TEST(shows_what_a_terminal_would_obey)
{
	struct buf out = BUF_EMPTY(1000);

	terminal_escape(&out, texts[_i].text);
	ck_assert_str_eq(buf_str(&out).ptr, texts[_i].shown);
	buf_release(&out);
}
END_TEST

static const struct {
	const char *text;
	size_t unfinished;
} ends[] = {
	{"", 0},         {"a", 0},        {"a\n", 0},          {"a\r", 1},
	{"\xC3\xBC", 0}, {"a\xC3", 1},    {"a\xE2\x82", 2},    {"\xE2\x82\xAC", 0},
	{"\xF0", 1},     {"\xF0\x9F", 2}, {"\xF0\x9F\x98", 3}, {"\xF0\x9F\x98\x80", 0},
	{"\x98\x80", 0}, {"\xFF", 0},
};

START_TEST(finds_what_has_to_wait)
{
	ck_assert_uint_eq(terminal_unfinished(str_of(ends[_i].text)), ends[_i].unfinished);
}
END_TEST

/* What a stream gets of a text with a control character. */
static void check_stream(FILE *stream, bool is_terminal, const char *expected)
{
	char got[100];

	ck_assert(terminal_write(stream, is_terminal, STR("a\x1b[1m")));
	rewind(stream);
	got[fread(got, 1, sizeof(got) - 1, stream)] = '\0';
	ck_assert_str_eq(got, expected);
	fclose(stream);
}

START_TEST(escapes_for_terminals_alone)
{
	check_stream(tmpfile(), false, "a\x1b[1m");
	check_stream(tmpfile(), true, "a\\x1b[1m");
}
END_TEST

START_TEST(tells_a_terminal_from_a_file)
{
	FILE *terminal = fdopen(posix_openpt(O_RDWR | O_NOCTTY), "r+");
	FILE *file = tmpfile();

	ck_assert(terminal != NULL && file != NULL);
	errno = EINTR;
	ck_assert(terminal_is(terminal));
	ck_assert(!terminal_is(file));
	ck_assert_int_eq(errno, EINTR);
	fclose(terminal);
	fclose(file);
}
END_TEST

START_TEST(reports_a_write_that_fails)
{
	FILE *full = fopen("/dev/full", "w");

	ck_assert(full != NULL && setvbuf(full, NULL, _IONBF, 0) == 0);
	ck_assert(!terminal_write(full, false, STR("a")));
	ck_assert(!terminal_write(full, true, STR("\x1b")));
	fclose(full);
}
END_TEST

Suite *terminal_suite(void)
{
	Suite *suite = suite_create("terminal");
	TCase *tc = tcase_create("terminal");

	tcase_add_loop_test(tc, shows_what_a_terminal_would_obey, 0, COUNT(texts));
	tcase_add_loop_test(tc, finds_what_has_to_wait, 0, COUNT(ends));
	tcase_add_test(tc, escapes_for_terminals_alone);
	tcase_add_test(tc, tells_a_terminal_from_a_file);
	tcase_add_test(tc, reports_a_write_that_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
