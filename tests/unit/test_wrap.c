/* SPDX-License-Identifier: Apache-2.0 */
/* test_wrap.c - text in lines of at most 80 columns */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/output/wrap.h"

#include <string.h>

/* 40 and 39 letters: with a blank between them they fill a line. */
#define LETTERS_40 "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"
#define LETTERS_39 "abcdefghijklmnopqrstuvwxyzabcdefghijklm"
#define LETTERS_90 LETTERS_40 LETTERS_40 "abcdefghij"

static const struct {
	size_t column, indent;
	const char *text, *expected;
	size_t end;
} texts[] = {
	{0, 0, "one", "one", 3},
	{0, 0, "", "", 0},
	{0, 0, "one two", "one two", 7},
	{0, 0, LETTERS_40 " " LETTERS_39, LETTERS_40 " " LETTERS_39, 80},
	{0, 0, LETTERS_40 " " LETTERS_40, LETTERS_40 "\n" LETTERS_40, 40},
	{0, 4, LETTERS_40 " " LETTERS_40 " x", LETTERS_40 "\n    " LETTERS_40 " x", 46},
	{1, 2, LETTERS_40 " " LETTERS_39, LETTERS_40 "\n  " LETTERS_39, 41},
	{70, 3, "one two three", "one two\n   three", 8},
	{0, 2, "a " LETTERS_90 " b", "a\n  " LETTERS_90 "\n  b", 3},
	{75, 5, LETTERS_40, LETTERS_40, 115},
};

START_TEST(breaks_lines_at_blanks)
{
	struct buf out = BUF_EMPTY(1000);
	size_t end = wrap_add(&out, texts[_i].column, texts[_i].indent, texts[_i].text);

	ck_assert_str_eq(out.len == 0 ? "" : buf_str(&out).ptr, texts[_i].expected);
	ck_assert_uint_eq(end, texts[_i].end);
	buf_release(&out);
}
END_TEST

static const struct {
	const char *name, *expected;
} items[] = {
	{"a", "    a     text\n"},
	{"abcde", "    abcde text\n"},
	{"abcdef", "    abcdef\n          text\n"},
	{"abcdefgh", "    abcdefgh\n          text\n"},
};

START_TEST(puts_text_beside_a_name)
{
	struct buf out = BUF_EMPTY(1000);

	wrap_add_item(&out, items[_i].name, 10, "text");
	ck_assert_str_eq(buf_str(&out).ptr, items[_i].expected);
	buf_release(&out);
}
END_TEST

Suite *wrap_suite(void)
{
	Suite *suite = suite_create("wrap");
	TCase *tc = tcase_create("wrap");

	tcase_add_loop_test(tc, breaks_lines_at_blanks, 0, COUNT(texts));
	tcase_add_loop_test(tc, puts_text_beside_a_name, 0, COUNT(items));
	suite_add_tcase(suite, tc);
	return suite;
}
