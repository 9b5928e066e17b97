/* SPDX-License-Identifier: Apache-2.0 */
/* test_str.c - borrowed views of text, and lists of strings */
#include "suites.h"

#include "cflyway/base/str.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const char *text(struct str s)
{
	return str_dup(&arena, s);
}

START_TEST(takes_parts)
{
	ck_assert_str_eq(text(str_sub(STR("abcdef"), 1, 3)), "bc");
	ck_assert_str_eq(text(str_sub(STR("abc"), 1, 99)), "bc");
	ck_assert_str_eq(text(str_sub(STR("abc"), 3, 3)), "");
	ck_assert_str_eq(text(str_sub(STR("abc"), 5, 4)), "");
	ck_assert_uint_eq(str_of(NULL).len, 0);
	ck_assert_uint_eq(str_sub(str_of(NULL), 0, 4).len, 0);
}
END_TEST

static const struct {
	const char *s, *part;
	bool starts, starts_nocase, ends, ends_nocase, eq, eq_nocase;
} compares[] = {
	{"V1__a.sql", "V", true, true, false, false, false, false},
	{"V1__a.sql", "v", false, true, false, false, false, false},
	{"V1__a.SQL", ".sql", false, false, false, true, false, false},
	{"V1__a.sql", ".sql", false, false, true, true, false, false},
	{"abc", "abc", true, true, true, true, true, true},
	{"abc", "aBC", false, true, false, true, false, true},
	{"abc", "", true, true, true, true, false, false},
	{"", "", true, true, true, true, true, true},
	{"ab", "abc", false, false, false, false, false, false},
	{"É", "é", false, false, false, false, false, false},
};

START_TEST(compares_beginnings_and_ends)
{
	struct str s = str_of(compares[_i].s), part = str_of(compares[_i].part);

	ck_assert_int_eq(str_starts(s, part), compares[_i].starts);
	ck_assert_int_eq(str_starts_nocase(s, part), compares[_i].starts_nocase);
	ck_assert_int_eq(str_ends(s, part), compares[_i].ends);
	ck_assert_int_eq(str_ends_nocase(s, part), compares[_i].ends_nocase);
	ck_assert_int_eq(str_eq(s, part), compares[_i].eq);
	ck_assert_int_eq(str_eq_nocase(s, part), compares[_i].eq_nocase);
}
END_TEST

static const struct {
	const char *s, *what;
	size_t at;
} finds[] = {
	{"abcabc", "abc", 0}, {"xabcabc", "abc", 1}, {"aab", "ab", 1}, {"abab", "abb", 4},
	{"ab", "abc", 2},     {"abc", "", 0},        {"", "", 0},      {"", "a", 0},
	{"aaab", "aab", 1},   {"xa", "a", 1},        {"xx", "a", 2},   {"ab", "b", 1},
};

START_TEST(finds_parts)
{
	ck_assert_uint_eq(str_find(str_of(finds[_i].s), str_of(finds[_i].what)), finds[_i].at);
}
END_TEST

static const struct {
	const char *s, *trimmed, *left, *right;
} trims[] = {
	{" a b ", "a b", "a b ", " a b"},
	{"\t\r\n\f\x01x\x1f", "x", "x\x1f", "\t\r\n\f\x01x"},
	{"", "", "", ""},
	{" \t", "", "", ""},
	{"\xC2\xA0x", "\xC2\xA0x", "\xC2\xA0x", "\xC2\xA0x"},
	{"x\x7f", "x\x7f", "x\x7f", "x\x7f"},
};

/* Neighbours of the byte in every sense, at every place of a word, in texts of every length. */
START_TEST(counts_as_one_by_one)
{
	static const char bytes[] = "\n\v\x8A\t\n\x0B\xFF\n\x8B\x01";
	char copies[5000];
	size_t n = 0, step = _i == 0 ? 1 : 3;

	for (size_t i = 0; i < sizeof(copies); i++)
		copies[i] = bytes[i * step % (sizeof(bytes) - 1)];
	for (size_t len = 0; len <= sizeof(copies); len++) {
		ck_assert_uint_eq(str_count_char((struct str){copies, len}, '\n'), n);
		n += len < sizeof(copies) && copies[len] == '\n';
	}
	memset(copies, '\n', sizeof(copies));
	ck_assert_uint_eq(str_count_char((struct str){copies, sizeof(copies)}, '\n'),
	                  sizeof(copies));
}
END_TEST

START_TEST(trims_as_java_does)
{
	ck_assert_str_eq(text(str_trim(str_of(trims[_i].s))), trims[_i].trimmed);
	ck_assert_str_eq(text(str_trim_left(str_of(trims[_i].s))), trims[_i].left);
	ck_assert_str_eq(text(str_trim_right(str_of(trims[_i].s))), trims[_i].right);
}
END_TEST

START_TEST(cuts_at_separators)
{
	struct str rest = STR("a,,b");

	ck_assert_str_eq(text(str_cut(&rest, ',')), "a");
	ck_assert_str_eq(text(str_cut(&rest, ',')), "");
	ck_assert_ptr_nonnull(rest.ptr);
	ck_assert_str_eq(text(str_cut(&rest, ',')), "b");
	ck_assert_ptr_null(rest.ptr);
	ck_assert_uint_eq(rest.len, 0);
	ck_assert_str_eq(text(str_cut(&rest, ',')), "");
	rest = STR("a,");
	ck_assert_str_eq(text(str_cut(&rest, ',')), "a");
	ck_assert_ptr_nonnull(rest.ptr);
	ck_assert_uint_eq(rest.len, 0);
}
END_TEST

START_TEST(changes_case_of_ascii_letters)
{
	ck_assert_str_eq(str_lower(&arena, STR("AZaz[É")), "azaz[É");
	ck_assert_str_eq(str_upper(&arena, STR("AZaz{é")), "AZAZ{é");
}
END_TEST

static const struct {
	const char *s, *what, *with, *result;
} replaces[] = {
	{"a-b-c", "-", "", "abc"},   {"a-b-c", "-", "--", "a--b--c"}, {"aaa", "aa", "b", "ba"},
	{"", "x", "y", ""},          {"abc", "x", "y", "abc"},        {"x", "x", "", ""},
	{"xyx", "x", "xx", "xxyxx"},
};

START_TEST(replaces_parts)
{
	ck_assert_str_eq(str_replace(&arena, str_of(replaces[_i].s), str_of(replaces[_i].what),
	                             str_of(replaces[_i].with)),
	                 replaces[_i].result);
}
END_TEST

START_TEST(collects_lists)
{
	struct str_list list = {0};

	ck_assert_str_eq(str_list_join(&arena, &list, ", "), "");
	str_list_add(&arena, &list, "a");
	ck_assert_str_eq(str_list_join(&arena, &list, ", "), "a");
	str_list_add(&arena, &list, "");
	str_list_add(&arena, &list, "c");
	ck_assert_str_eq(str_list_join(&arena, &list, ", "), "a, , c");
	ck_assert(str_list_has(&list, "c"));
	ck_assert(!str_list_has(&list, "C"));
	for (size_t i = 0; i < 100; i++)
		str_list_add(&arena, &list, arena_printf(&arena, "%zu", i));
	ck_assert_uint_eq(list.n, 103);
	ck_assert_str_eq(list.items[102], "99");
}
END_TEST

Suite *str_suite(void)
{
	Suite *suite = suite_create("str");
	TCase *tc = tcase_create("str");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, takes_parts);
	tcase_add_loop_test(tc, compares_beginnings_and_ends, 0, COUNT(compares));
	tcase_add_loop_test(tc, finds_parts, 0, COUNT(finds));
	tcase_add_loop_test(tc, counts_as_one_by_one, 0, 2);
	tcase_add_loop_test(tc, trims_as_java_does, 0, COUNT(trims));
	tcase_add_test(tc, cuts_at_separators);
	tcase_add_test(tc, changes_case_of_ascii_letters);
	tcase_add_loop_test(tc, replaces_parts, 0, COUNT(replaces));
	tcase_add_test(tc, collects_lists);
	suite_add_tcase(suite, tc);
	return suite;
}
