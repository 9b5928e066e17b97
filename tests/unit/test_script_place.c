/* SPDX-License-Identifier: Apache-2.0 */
/* test_script_place.c - from a character of a statement to the line and column of its file */
#include "suites.h"

#include "cflyway/sql/script_place.h"
#include "cflyway/sql/split.h"

#include <stdint.h>

static struct arena arena;
static struct error err;
static struct placeholders placeholders;
static struct text_memory memory;
static struct str file;
static size_t piece_size;

static void setup(void)
{
	arena_init(&arena);
	error_init(&err, &arena);
	placeholders = (struct placeholders){.prefix = "${", .suffix = "}", .separator = ":"};
	placeholders_add(&arena, &placeholders, "t", "a long\nname");
	placeholders_add(&arena, &placeholders, "none", "");
}

static void teardown(void)
{
	arena_release(&arena);
}

static struct text_source *again(void *ctx, struct error *error)
{
	(void)ctx;
	(void)error;
	text_memory_init(&memory, file, piece_size);
	return &memory.source;
}

static const struct script_again script = {
	.read = again,
	.placeholders = &placeholders,
	.file_name = "V1__a.sql",
};

/* Where the text of the last statement begins. */
static size_t last_offset(void)
{
	const struct split_options options = {.path = "x", .max_statement_size = SIZE_MAX};
	struct placeholder_source filter;
	struct text_memory text;
	struct statement statement;
	size_t offset = 0;

	text_memory_init(&text, file, 0);
	placeholder_source_open(&filter, &text.source, &placeholders, "V1__a.sql");
	struct splitter *splitter = split_open(&dialect_postgres, &filter.source, &options);
	while (split_next(splitter, &statement, &err) == SPLIT_STATEMENT)
		offset = statement.offset;
	split_close(splitter);
	placeholder_source_close(&filter);
	return offset;
}

/* "LINE:COLUMN", and the line with its caret. */
static const char *place(const char *text, size_t position, bool shows)
{
	struct buf sent = BUF_EMPTY(SIZE_MAX / 4);
	struct source_line line;

	file = str_of(text);
	size_t at = last_offset();
	ck_assert(script_place_text(&script, at, SIZE_MAX, &sent, &err));
	at += script_place_of_character(buf_str(&sent), position);
	buf_release(&sent);
	ck_assert(script_place_map(&script, &at, 1, &err));
	ck_assert(script_place_line(&script, at, &arena, &line, &err));
	return shows ? source_line_show(&arena, &line)
	             : arena_printf(&arena, "%zu:%zu", line.line, line.column);
}

static const struct {
	const char *name, *text;
	size_t position;
	const char *place, *shown;
} cases[] = {
	{"the first character", "selct 1", 1, "1:1", " 1 | selct 1\n   | ^"},
	{"a later line", "a;\r\n\r\nselect\r\n  x1;", 11, "4:3", " 4 |   x1;\n   |   ^"},
	{"a comment before the statement", "a;\n-- c\nselct", 6, "3:1", " 3 | selct\n   | ^"},
	{"characters of several bytes", "select 'äß', 日本 x", 17, "1:17",
         " 1 | select 'äß', 日本 x\n   |                   ^"},
	{"a mark at the beginning", "\xEF\xBB\xBFselct 1", 1, "1:1", " 1 | selct 1\n   | ^"},
	{"a mark in the text", "selct \xEF\xBB\xBF 1 x", 10, "1:11",
         " 1 | selct \\ufeff 1 x\n   |                ^"},
	{"after a value of two lines", "a ${t};\n${t} ${t}x", 24, "2:10",
         " 2 | ${t} ${t}x\n   |          ^"},
	{"in a value", "select ${t};", 12, "1:8", " 1 | select ${t};\n   |        ^"},
	{"after an empty value", "select ${none}${none}x", 8, "1:22",
         " 1 | select ${none}${none}x\n   |                      ^"},
	{"a tab", "\tselct\t1", 7, "1:8", " 1 |     selct   1\n   |             ^"},
	{"what cannot be seen", "a \x1b[31m\xC2\xA0 b", 9, "1:9",
         " 1 | a \\x1b[31m\\u00a0 b\n   |                 ^"},
	{"the end", "select 1 from", 14, "1:14", " 1 | select 1 from\n   |              ^"},
};

START_TEST(finds_line_and_column)
{
	static const size_t sizes[] = {0, 1, 3, 7};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		piece_size = sizes[i];

		const char *at = place(cases[_i].text, cases[_i].position, false);
		const char *shown = place(cases[_i].text, cases[_i].position, true);

		ck_assert_msg(strcmp(at, cases[_i].place) == 0, "%s: %s", cases[_i].name, at);
		ck_assert_msg(strcmp(shown, cases[_i].shown) == 0, "%s:\n%s", cases[_i].name,
		              shown);
	}
}
END_TEST

START_TEST(counts_lines_after_a_statement)
{
	size_t found;

	file = str_of("copy t from stdin;\n1\n2\n\\.\n");
	for (size_t i = 0; i <= 2; i++) {
		piece_size = i;
		ck_assert(script_place_next_line(&script, 17, 2, &found, &err));
		ck_assert_uint_eq(found, 21);
		ck_assert(script_place_next_line(&script, 3, 9, &found, &err));
		ck_assert_uint_eq(found, file.len);
		ck_assert(script_place_next_line(&script, 3, 0, &found, &err));
		ck_assert_uint_eq(found, 3);
	}
}
END_TEST

/* --- what is shown of a line --------------------------------------------------------------- */

static struct source_line line_of(const char *text, const char *caret)
{
	return (struct source_line){
		.line = 7,
		.column = 1,
		.text = str_of(text),
		.begin = 1000,
		.caret = (size_t)(strstr(text, caret) - text),
	};
}

START_TEST(leaves_out_other_statements)
{
	struct source_line line = line_of("a; secret; selct 1 ; b", "selct");

	source_line_clip(&line, 1011, 1018);
	ck_assert_str_eq(source_line_show(&arena, &line), " 7 | …selct 1…\n   |  ^");
	line = line_of("  selct 1 ;  ", "1");
	source_line_clip(&line, 1002, 1009);
	ck_assert_str_eq(source_line_show(&arena, &line), " 7 |   selct 1 ;\n   |         ^");
}
END_TEST

START_TEST(hides_literals)
{
	struct source_line line = line_of("role a password 'secret' x", "x");

	source_line_mask(&arena, &line, 1016, 1024);
	ck_assert_str_eq(source_line_show(&arena, &line),
	                 " 7 | role a password '********' x\n   |                            ^");
	line = line_of("role a password 'secret", "cret");
	source_line_mask(&arena, &line, 1016, 2000);
	ck_assert_str_eq(source_line_show(&arena, &line),
	                 " 7 | role a password '********'\n   |                 ^");
	source_line_mask(&arena, &line, 10, 1000);
	source_line_mask(&arena, &line, 2000, 3000);
	ck_assert_str_eq(source_line_show(&arena, &line),
	                 " 7 | role a password '********'\n   |                 ^");
}
END_TEST

START_TEST(shows_a_part_of_a_long_line)
{
	static const size_t places[] = {0, 50, 99, 2500, 4999, 9000};
	struct buf text = BUF_EMPTY(SIZE_MAX / 4);
	struct source_line line;

	buf_repeat(&text, 'x', 5000);
	text.ptr[places[_i] < 5000 ? places[_i] : 0] = 'y';
	file = buf_str(&text);
	ck_assert(script_place_line(&script, places[_i], &arena, &line, &err));

	const char *shown = source_line_show(&arena, &line);
	struct str rest = str_of(shown), first = str_cut(&rest, '\n');

	ck_assert_uint_le(first.len, SOURCE_LINE_WIDTH + 12);
	ck_assert_uint_eq(line.column, (places[_i] < 5000 ? places[_i] : 5000) + 1);
	if (places[_i] < 5000)
		ck_assert_uint_eq(str_find_char(first, 'y') -
		                          (str_starts(str_sub(first, 5, 8), STR("…")) ? 2 : 0),
		                  str_find_char(rest, '^'));
	buf_release(&text);
}
END_TEST

Suite *script_place_suite(void)
{
	Suite *suite = suite_create("script_place");
	TCase *tc = tcase_create("places");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_line_and_column, 0, COUNT(cases));
	tcase_add_test(tc, counts_lines_after_a_statement);
	tcase_add_test(tc, leaves_out_other_statements);
	tcase_add_test(tc, hides_literals);
	tcase_add_loop_test(tc, shows_a_part_of_a_long_line, 0, 6);
	suite_add_tcase(suite, tc);
	return suite;
}
