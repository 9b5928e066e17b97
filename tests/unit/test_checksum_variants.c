/* SPDX-License-Identifier: Apache-2.0 */
/* test_checksum_variants.c - which small change of a script gives it a stored checksum */
#include "suites.h"

#include "cflyway/base/crc32.h"
#include "cflyway/migration/checksum_variants.h"

#include <string.h>

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct checksum_variant find_with(const char *now, const char *encoding, int32_t stored,
                                         const struct placeholders *placeholders)
{
	const struct script_bytes script = {.bytes = str_of(now), .encoding = encoding};

	return checksum_find_variant(&script, stored, placeholders, "V1__a.sql", &dialect_postgres);
}

static struct checksum_variant find(const char *now, const char *applied)
{
	return find_with(now, "UTF-8", checksum_of_text(str_of(applied)), NULL);
}

#define A "create table a (i int);\n"
#define B "insert into a values (1);\n"
#define C "select 'x  y';\n"

static const struct {
	const char *now, *applied;
	enum checksum_variant_kind kind;
	unsigned size;
	size_t first, last;
	bool are_comments;
} cases[] = {
	{A B, A B, VARIANT_SAME, 0, 0, 0, false},
	{"create table a \t\n(i int);  \n", "create table a\n(i int);\n", VARIANT_TRAILING_BLANKS,
         0, 0, 0, false},
	{A "x \n \t\n\n", A "x", VARIANT_TRAILING_BLANKS, 0, 0, 0, false},
	{"a \n" B " \n\n", "a \n" B, VARIANT_END_BLANKS, 0, 0, 0, false},
	{"a \n  b\n", "a \nb\n", VARIANT_LEADING_BLANKS, 0, 0, 0, false},
	{"a \n\tb\tc\n", "a \n  b c\n", VARIANT_SPACES, 2, 0, 0, false},
	{"a \n\tb\tc\n", "a \n    b   c\n", VARIANT_SPACES, 4, 0, 0, false},
	{"a \n\t\xC3\xA4\tc\n", "a \n        \xC3\xA4       c\n", VARIANT_SPACES, 8, 0, 0, false},
	{"a \n    b\n     c\n", "a \n\t\tb\n\t\t c\n", VARIANT_TABS, 2, 0, 0, false},
	{"a \n    b\n     c\n", "a \n\tb\n\t c\n", VARIANT_TABS, 4, 0, 0, false},
	{"-- one\n" A " -- two\n" B "-- three", A B, VARIANT_COMMENT_LINES, 0, 0, 0, false},
	{"/* one\n */\n" A "select 1; -- two\n" B "/* */\n", A "select 1;\n" B, VARIANT_COMMENTS, 0,
         0, 0, false},
	{"-- head\n-- er\n\n" A C B "-- x\n", A C B "-- x\n", VARIANT_LINES, 0, 1, 2, true},
	{A "-- note\n\n-- more\n" B "-- x\n", A B "-- x\n", VARIANT_LINES, 0, 2, 4, true},
	{A B C, A C, VARIANT_LINES, 0, 2, 2, false},
	{A "\r\n" B "\r\n" C, A, VARIANT_LINES, 0, 3, 5, false},
	{"\xEF\xBB\xBF" A B C, B C, VARIANT_LINES, 0, 1, 1, false},
	{A B, A C, VARIANT_NONE, 0, 0, 0, false},
	{A B, "", VARIANT_NONE, 0, 0, 0, false},
	{"", A, VARIANT_NONE, 0, 0, 0, false},
};

START_TEST(finds_the_change)
{
	const struct checksum_variant found = find(cases[_i].now, cases[_i].applied);

	ck_assert_int_eq(found.kind, cases[_i].kind);
	ck_assert_uint_eq(found.size, cases[_i].size);
	ck_assert_uint_eq(found.first, cases[_i].first);
	ck_assert_uint_eq(found.last, cases[_i].last);
	ck_assert(found.are_comments == cases[_i].are_comments);
}
END_TEST

static int32_t plain(const char *text)
{
	struct crc32 crc = {0};

	crc32_update(&crc, text, strlen(text));
	return crc32_signed(&crc);
}

static const struct {
	const char *now, *summed;
	enum checksum_variant_kind kind;
} counted[] = {
	{"a\r\nb\r\n", "a\nb\n", VARIANT_LF},
	{"a\nb", "a\nb", VARIANT_LF},
	{"a\nb\n", "a\r\nb\r\n", VARIANT_CRLF},
	{"\xEF\xBB\xBF"
         "a\nb",
         "a\r\nb", VARIANT_CRLF},
	{"a\nb",
         "\xEF\xBB\xBF"
         "ab",
         VARIANT_MARK},
	{"\xEF\xBB\xBF"
         "a\n\xEF\xBB\xBF"
         "b",
         "ab", VARIANT_WITHOUT_MARKS},
};

/* Sums of programs that count what Flyway 12 does not. */
START_TEST(counts_what_does_not_count)
{
	const struct checksum_variant found =
		find_with(counted[_i].now, "UTF-8", plain(counted[_i].summed), NULL);

	ck_assert_int_eq(found.kind, counted[_i].kind);
}
END_TEST

static const struct {
	const char *now, *encoding, *applied, *found;
} encodings[] = {
	{"-- \xE4\n", "ISO-8859-1", "-- \xC3\xA4", NULL},
	{"-- \xC3\xA4\n", "ISO-8859-1", "-- \xC3\xA4", "UTF-8"},
	{"-- \xC3\xA4\n", "UTF-8", "-- \xC3\x83\xC2\xA4", "ISO-8859-1"},
	{"-- \xE2\x82\xAC\n", "UTF-8", "-- \xC3\xA2\xE2\x80\x9A\xC2\xAC", "windows-1252"},
};

START_TEST(finds_the_encoding)
{
	const struct checksum_variant found =
		find_with(encodings[_i].now, encodings[_i].encoding,
	                  checksum_of_text(str_of(encodings[_i].applied)), NULL);

	ck_assert_int_eq(found.kind, encodings[_i].found != NULL ? VARIANT_ENCODING : VARIANT_SAME);
	ck_assert_pstr_eq(found.encoding, encodings[_i].found);
}
END_TEST

START_TEST(replaces_placeholders)
{
	struct placeholders placeholders = {.prefix = "${", .suffix = "}", .separator = ":"};
	const char *const now = "select '${who}';\n";
	const int32_t stored = checksum_of_text(STR("select 'World';"));

	placeholders_add(&arena, &placeholders, "who", "World");
	ck_assert_int_eq(find_with(now, "UTF-8", stored, &placeholders).kind, VARIANT_PLACEHOLDERS);
	ck_assert_int_eq(find_with(now, "UTF-8", stored, NULL).kind, VARIANT_NONE);
	ck_assert_int_eq(find_with("${unknown}", "UTF-8", stored, &placeholders).kind,
	                 VARIANT_NONE);
}
END_TEST

START_TEST(gives_up_on_what_cannot_be_decoded)
{
	ck_assert_int_eq(find_with("\xFF\xFE\xFD", "UTF-8", 1, NULL).kind, VARIANT_NONE);
	ck_assert_int_eq(find_with("a", "nonsense", 1, NULL).kind, VARIANT_NONE);
}
END_TEST

/* In a long script, ranges in the middle are not tried: single lines are, and both ends. */
START_TEST(looks_at_single_lines_of_a_long_script)
{
	static const struct {
		size_t first, last;
		bool is_found;
	} parts[] = {{1, 3, true}, {150, 150, true}, {290, 300, true}, {150, 151, false}};
	struct buf now = BUF_EMPTY(1 << 20);

	for (int i = 1; i <= 300; i++)
		buf_printf(&now, "insert into t values (%d);\n", i);
	for (size_t k = 0; k < COUNT(parts); k++) {
		struct buf then = BUF_EMPTY(1 << 20);

		for (size_t i = 1; i <= 300; i++)
			if (i < parts[k].first || i > parts[k].last)
				buf_printf(&then, "insert into t values (%zu);\n", i);
		const struct checksum_variant found = find(buf_str(&now).ptr, buf_str(&then).ptr);

		ck_assert_int_eq(found.kind, parts[k].is_found ? VARIANT_LINES : VARIANT_NONE);
		ck_assert_uint_eq(found.first, parts[k].is_found ? parts[k].first : 0);
		ck_assert_uint_eq(found.last, parts[k].is_found ? parts[k].last : 0);
		buf_release(&then);
	}
	buf_release(&now);
}
END_TEST

static const struct {
	const char *a, *b;
	bool is_sql;
	enum text_difference difference;
} pairs[] = {
	{"a\nb",
         "\xEF\xBB\xBF"
         "a\r\nb\r\n",
         true, DIFFERENCE_NONE},
	{"a \nb\n", "a\nb", true, DIFFERENCE_TRAILING_BLANKS},
	{"a\nb\n\n\n", "a\nb", true, DIFFERENCE_TRAILING_BLANKS},
	{"a  b", "a b", true, DIFFERENCE_BLANKS},
	{"a\nb", "a b", true, DIFFERENCE_BLANKS},
	{"select 'a  b'", "select 'a b'", true, DIFFERENCE_BLANKS},
	{"a -- x\nb", "a\nb", true, DIFFERENCE_COMMENTS},
	{"/* x /* y */ */ a\nb", "a -- z\n  b", true, DIFFERENCE_COMMENTS},
	{"a '-- x' b", "a '-- y' b", true, DIFFERENCE_OTHER},
	{"a $t$ -- x\n$t$", "a $t$ -- y\n$t$", true, DIFFERENCE_OTHER},
	{"a E'\\' -- x\n'", "a E'\\' -- y\n'", true, DIFFERENCE_OTHER},
	{"a \"-- x\" b", "a \"-- y\" b", true, DIFFERENCE_OTHER},
	{"copy a FROM STDIN;\n--x\n\\.", "copy a from stdin;\n--y\n\\.", true, DIFFERENCE_OTHER},
	{"a -- x\n", "a\n", false, DIFFERENCE_OTHER},
	{"a", "b", true, DIFFERENCE_OTHER},
};

START_TEST(tells_how_texts_differ)
{
	const struct dialect *dialect = pairs[_i].is_sql ? &dialect_postgres : NULL;

	ck_assert_int_eq(text_compare(str_of(pairs[_i].a), str_of(pairs[_i].b), dialect),
	                 pairs[_i].difference);
	ck_assert_int_eq(text_compare(str_of(pairs[_i].b), str_of(pairs[_i].a), dialect),
	                 pairs[_i].difference);
}
END_TEST

/* SQLite's comments do not nest, and it has names in brackets. */
START_TEST(knows_the_dialect)
{
	ck_assert_int_eq(text_compare(STR("/* /* */ a"), STR("a"), &dialect_sqlite),
	                 DIFFERENCE_COMMENTS);
	ck_assert_int_eq(text_compare(STR("[--x]"), STR("[--y]"), &dialect_sqlite),
	                 DIFFERENCE_OTHER);
}
END_TEST

Suite *checksum_variants_suite(void)
{
	Suite *suite = suite_create("checksum_variants");
	TCase *tc = tcase_create("core");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_the_change, 0, COUNT(cases));
	tcase_add_loop_test(tc, counts_what_does_not_count, 0, COUNT(counted));
	tcase_add_loop_test(tc, finds_the_encoding, 0, COUNT(encodings));
	tcase_add_test(tc, replaces_placeholders);
	tcase_add_test(tc, gives_up_on_what_cannot_be_decoded);
	tcase_add_test(tc, looks_at_single_lines_of_a_long_script);
	tcase_add_loop_test(tc, tells_how_texts_differ, 0, COUNT(pairs));
	tcase_add_test(tc, knows_the_dialect);
	suite_add_tcase(suite, tc);
	return suite;
}
