/* SPDX-License-Identifier: Apache-2.0 */
/* test_excerpt.c - long texts are cut after lines and bytes, never inside a character */
#include "suites.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/excerpt.h"

#include <stdint.h>

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

static const char *repeat(const char *piece, size_t n)
{
	struct buf text = BUF_EMPTY(SIZE_MAX);

	for (size_t i = 0; i < n; i++)
		buf_add(&text, piece);
	const char *copy = str_dup(&memory, buf_str(&text));
	buf_release(&text);
	return copy;
}

static const char *concat(const char *a, const char *b)
{
	return arena_concat(&memory, a, b, "");
}

START_TEST(keeps_short_texts)
{
	const char *ten = concat(repeat("line\n", 9), "last"), *bytes = repeat("x", 2000);

	ck_assert_str_eq(excerpt(&memory, STR("")), "");
	ck_assert_str_eq(excerpt(&memory, str_of(ten)), ten);
	ck_assert_str_eq(excerpt(&memory, str_of(bytes)), bytes);
}
END_TEST

START_TEST(cuts_after_ten_lines)
{
	const char *nine = repeat("line\n", 9);

	ck_assert_str_eq(excerpt(&memory, str_of(repeat("line\n", 10))),
	                 concat(nine, "line\n... (1 more line left out)"));
	ck_assert_str_eq(excerpt(&memory, str_of(concat(repeat("line\n", 10), "last"))),
	                 concat(nine, "line\n... (1 more line left out)"));
	ck_assert_str_eq(excerpt(&memory, str_of(repeat("line\n", 1000))),
	                 concat(nine, "line\n... (991 more lines left out)"));
}
END_TEST

START_TEST(cuts_long_lines_between_characters)
{
	ck_assert_str_eq(excerpt(&memory, str_of(repeat("x", 2001))),
	                 concat(repeat("x", 2000), "\n... (1 more byte left out)"));
	ck_assert_str_eq(excerpt(&memory, str_of(concat("x", repeat("é", 2000)))),
	                 concat(concat("x", repeat("é", 999)), "\n... (2002 more bytes left out)"));
}
END_TEST

Suite *excerpt_suite(void)
{
	Suite *suite = suite_create("excerpt");
	TCase *tc = tcase_create("excerpt");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, keeps_short_texts);
	tcase_add_test(tc, cuts_after_ten_lines);
	tcase_add_test(tc, cuts_long_lines_between_characters);
	suite_add_tcase(suite, tc);
	return suite;
}
