/* SPDX-License-Identifier: Apache-2.0 */
/* test_utf8.c - UTF-8 text: decode, check, and measure as Java does */
#include "suites.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/utf8.h"

START_TEST(decodes_what_it_encodes)
{
	for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
		char bytes[UTF8_MAX];
		struct str s = {bytes, 0};

		if (code_point >= 0xD800 && code_point <= 0xDFFF)
			continue;
		s.len = utf8_encode(code_point, bytes);
		bool is_valid = utf8_valid_prefix(s, NULL) == s.len;
		if (!is_valid || utf8_next(&s) != code_point || s.len != 0)
			ck_abort_msg("U+%04X", code_point);
	}
}
END_TEST

static const struct {
	const char *bytes;
	size_t valid;
	bool incomplete;
} prefixes[] = {
	{"", 0, false},
	{"abc", 3, false},
	{"0123456789abcdef", 16, false},
	{"0123456789\xC3\xA9 0123456789", 23, false},
	{"0123456789abc\xC3", 13, true},
	{"a\xE2\x82", 1, true},
	{"a\xE2\x82x", 1, false},
	{"\xF0\x9F\x98\x80\xF0\x9F\x98", 4, true},
	{"\xF0\x9F\x98", 0, true},
	{"\xF0", 0, true},
	{"\x80", 0, false},
	{"\xC0\x80", 0, false},
	{"\xC1\xBF", 0, false},
	{"\xC2\x80", 2, false},
	{"\xE0\x9F\xBF", 0, false},
	{"\xE0\xA0\x80", 3, false},
	{"\xED\x9F\xBF", 3, false},
	{"\xED\xA0\x80", 0, false},
	{"\xED\xA0", 0, false},
	{"\xF0\x8F\xBF\xBF", 0, false},
	{"\xF4\x8F\xBF\xBF", 4, false},
	{"\xF4\x90\x80\x80", 0, false},
	{"\xF5\x80\x80\x80", 0, false},
	{"\xEF\xBF\xBE", 3, false},
	{"ab\xFF", 2, false},
};

START_TEST(finds_the_valid_prefix)
{
	bool incomplete;
	size_t valid = utf8_valid_prefix(str_of(prefixes[_i].bytes), &incomplete);

	ck_assert_uint_eq(valid, prefixes[_i].valid);
	ck_assert_int_eq(incomplete, prefixes[_i].incomplete);
}
END_TEST

START_TEST(replaces_malformed_bytes_one_by_one)
{
	struct str s = STR("\xED\xA0\x80"
	                   "a\xE2\x82");
	const uint32_t expected[] = {0xFFFD, 0xFFFD, 0xFFFD, 'a', 0xFFFD, 0xFFFD};

	for (size_t i = 0; i < COUNT(expected); i++)
		ck_assert_uint_eq(utf8_next(&s), expected[i]);
	ck_assert_uint_eq(s.len, 0);
}
END_TEST

/* What Java 17 makes of them. */
static const struct {
	const char *bytes, *text;
} replaced[] = {
	{"", ""},
	{"h\xC3\xA9", "h\xC3\xA9"},
	{"\xFF", "?"},
	{"A\xC3", "A?"},
	{"\xC0\x80", "??"},
	{"\xE2\x82", "?"},
	{"\xE2\x82(\xA1", "?(?"},
	{"\xE0\xA0"
         "A",
         "?A"},
	{"\xE0\x80\x80", "???"},
	{"\xED\xA0\x80", "?"},
	{"\xED\xA0"
         "A",
         "?A"},
	{"\xF0\x9F\x98", "?"},
	{"\xF0\x8F\x80\x80", "????"},
	{"\xF4\x90\x80\x80", "????"},
	{"\xFC\xFD\xFE", "???"},
};

START_TEST(replaces_malformed_sequences_as_java_does)
{
	struct arena arena = ARENA_EMPTY;
	struct str got = utf8_replaced(&arena, str_of(replaced[_i].bytes));
	struct buf shown = BUF_EMPTY(100);

	while (got.len > 0) {
		bool is_replaced = str_starts(got, STR("\xEF\xBF\xBD"));

		buf_putc(&shown, is_replaced ? '?' : got.ptr[0]);
		got = str_sub(got, is_replaced ? 3 : 1, got.len);
	}
	ck_assert(str_eq(buf_str(&shown), str_of(replaced[_i].text)));
	buf_release(&shown);
	arena_release(&arena);
}
END_TEST

START_TEST(keeps_what_follows_a_nul)
{
	struct arena arena = ARENA_EMPTY;
	struct str got = utf8_replaced(&arena, (struct str){"a\0\xFF\0", 4});

	ck_assert_uint_eq(got.len, 6);
	ck_assert_mem_eq(got.ptr, "a\0\xEF\xBF\xBD\0", 7);
	arena_release(&arena);
}
END_TEST

START_TEST(finds_the_ascii_prefix)
{
	char bytes[64];

	memset(bytes, 'a', sizeof(bytes));
	for (size_t len = 0; len < sizeof(bytes); len++) {
		bytes[len] = '\x80';
		for (size_t from = 0; from <= len; from++) {
			struct str s = {bytes + from, sizeof(bytes) - from};

			ck_assert_uint_eq(utf8_ascii_prefix(s), len - from);
			ck_assert_uint_eq(utf8_ascii_prefix(str_sub(s, 0, len - from)), len - from);
		}
		bytes[len] = 'a';
	}
}
END_TEST

static const struct {
	const char *text;
	size_t length;
	const char *first_two;
} lengths[] = {
	{"", 0, ""},
	{"a", 1, "a"},
	{"abc", 3, "ab"},
	{"日本語", 3, "日本"},
	{"😀x", 3, "😀"},
	{"a😀", 3, "a"},
	{"é\xCC\x81x", 3, "é\xCC\x81"},
	{"\xFF\xFF\xFF", 3, "\xFF\xFF"},
};

START_TEST(measures_utf16_units)
{
	struct str s = str_of(lengths[_i].text);

	ck_assert_uint_eq(utf8_length_utf16(s), lengths[_i].length);
	ck_assert(str_eq(utf8_truncate_utf16(s, 2), str_of(lengths[_i].first_two)));
	ck_assert(str_eq(utf8_truncate_utf16(s, 0), STR("")));
	ck_assert(str_eq(utf8_truncate_utf16(s, 99), s));
}
END_TEST

/* Ascending by UTF-16 units; by bytes the last three would come in another order. */
static const char *const ascending[] = {
	"",
	"A",
	"AB",
	"B",
	"a",
	"é",
	"\xED\x9F\xBF",
	"😀",
	"😀a",
	"\xF4\x8F\xBF\xBF",
	"\xEE\x80\x80",
	"\xEF\xBF\xBD",
};

START_TEST(compares_as_java_does)
{
	for (size_t i = 0; i < COUNT(ascending); i++) {
		int order = utf8_compare_utf16(str_of(ascending[_i]), str_of(ascending[i]));

		ck_assert_int_eq((order > 0) - (order < 0), (_i > (int)i) - (_i < (int)i));
	}
}
END_TEST

Suite *utf8_suite(void)
{
	Suite *suite = suite_create("utf8");
	TCase *tc = tcase_create("utf8");

	tcase_add_test(tc, decodes_what_it_encodes);
	tcase_add_loop_test(tc, finds_the_valid_prefix, 0, COUNT(prefixes));
	tcase_add_test(tc, replaces_malformed_bytes_one_by_one);
	tcase_add_loop_test(tc, replaces_malformed_sequences_as_java_does, 0, COUNT(replaced));
	tcase_add_test(tc, keeps_what_follows_a_nul);
	tcase_add_test(tc, finds_the_ascii_prefix);
	tcase_add_loop_test(tc, measures_utf16_units, 0, COUNT(lengths));
	tcase_add_loop_test(tc, compares_as_java_does, 0, COUNT(ascending));
	suite_add_tcase(suite, tc);
	return suite;
}
