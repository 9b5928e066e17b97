/* SPDX-License-Identifier: Apache-2.0 */
/* test_text_fault.c - why a file is not UTF-8: the place, the byte, the likely encoding */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/script_origin.h"
#include "cflyway/sql/text_fault.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t len;
	unsigned char byte; /* 0: there is no fault */
	size_t line, column;
	const char *encoding; /* NULL: hard to say */
} texts[] = {
	{BYTES(""), 0, 0, 0, NULL},
	{BYTES("select 'ü€😀';\n"), 0, 0, 0, NULL},
	{BYTES("\xE4"), 0xE4, 1, 1, "ISO-8859-1"},
	{BYTES("-- a\r\nselect 'Z\xE4hler'"), 0xE4, 2, 10, "ISO-8859-1"},
	{BYTES("a\n\nb \x80 \xFC\n"), 0x80, 3, 3, "windows-1252"},
	{BYTES("\x81 \xFC\n"), 0x81, 1, 1, NULL},
	{BYTES("€\nüöä \xE4 x"), 0xE4, 2, 5, NULL}, /* otherwise it is UTF-8 */
	{BYTES("ü \xE4\xE4"), 0xE4, 1, 3, "ISO-8859-1"},
	{BYTES("x\xE2\x82"), 0xE2, 1, 2, "windows-1252"},    /* the file ends in a character */
	{BYTES("\xED\xA0\x80"), 0xED, 1, 1, "windows-1252"}, /* a surrogate */
	{BYTES("\xFF\xFE"
               "a\0b\0"),
         0xFF, 1, 1, "UTF-16"},
	{BYTES("\xFE\xFF\0a\0b"), 0xFE, 1, 1, "UTF-16"},
	{BYTES("a\0b\0\xE4\0"), 0xE4, 1, 5, "UTF-16LE"},
	{BYTES("\0a\0b\0\xE4"), 0xE4, 1, 6, "UTF-16BE"},
	{BYTES("some text, and a \0 with \xE4\xE4\n"), 0xE4, 1, 25, NULL},
};

static struct text_fault look(struct str text, size_t piece_size)
{
	struct text_fault fault = TEXT_FAULT_EMPTY;
	size_t from = 0, end = 0;

	while (end < text.len) {
		end = end + piece_size < text.len ? end + piece_size : text.len;
		from += text_fault_feed(&fault, str_sub(text, from, end), end == text.len);
	}
	ck_assert_uint_eq(from, text.len);
	return fault;
}

START_TEST(finds_the_byte)
{
	const struct str text = {texts[_i].bytes, texts[_i].len};

	for (size_t size = 1; size <= text.len + 1; size++) {
		struct text_fault fault = look(text, size);

		ck_assert_int_eq(fault.is_found, texts[_i].byte != 0);
		ck_assert_pstr_eq(text_fault_encoding(&fault), texts[_i].encoding);
		if (!fault.is_found)
			continue;
		ck_assert_uint_eq(fault.byte, texts[_i].byte);
		ck_assert_uint_eq(fault.line, texts[_i].line);
		ck_assert_uint_eq(fault.column, texts[_i].column);
	}
}
END_TEST

START_TEST(explains_a_file)
{
	const size_t long_line = 100000; /* more than a block */
	char *text = arena_alloc(&scratch.arena, long_line + 2);

	memset(text, 'x', long_line + 1);
	text[0] = '\n';
	text[long_line] = (char)0xE4;
	text[long_line + 1] = '\0';
	scratch_write("a.sql", text);
	text_fault_explain("a.sql", "sql/a.sql", &scratch.err);
	ck_assert_uint_eq(scratch.err.notes.n, 3);
	ck_assert_str_eq(scratch.err.notes.items[0].text, "sql/a.sql:2:100000");
	ck_assert_uint_eq(scratch.err.notes.items[0].place->column, long_line);
	ck_assert_str_eq(scratch.err.notes.items[1].text,
	                 "the byte E4 is not UTF-8: the file looks like ISO-8859-1");
	scratch_write("a.sql", "valid");
	text_fault_explain("a.sql", "sql/a.sql", &scratch.err);
	text_fault_explain("missing.sql", "missing.sql", &scratch.err);
	ck_assert_uint_eq(scratch.err.notes.n, 3);
}
END_TEST

static const struct {
	size_t offset, line, column;
} places[] = {{0, 1, 1}, {1, 1, 2}, {3, 1, 3}, {4, 1, 4}, {5, 2, 1}, {6, 2, 2}, {9, 2, 2}};

START_TEST(finds_lines_and_columns)
{
	struct script_origin origin;
	struct note_place place;

	scratch_write("a.sql", "aüb\nc");
	script_origin_open(&origin, "sql/a.sql", "a.sql", "UTF-8", NULL);
	ck_assert(origin.origin.find(&origin.origin, places[_i].offset, &place));
	ck_assert_str_eq(place.path, "sql/a.sql");
	ck_assert_uint_eq(place.line, places[_i].line);
	ck_assert_uint_eq(place.column, places[_i].column);
}
END_TEST

START_TEST(finds_nothing_in_a_file_that_is_gone)
{
	struct script_origin origin;
	struct note_place place;

	script_origin_open(&origin, "sql/b.sql", "b.sql", "UTF-8", NULL);
	ck_assert(!origin.origin.find(&origin.origin, 0, &place));
}
END_TEST

Suite *text_fault_suite(void)
{
	Suite *suite = suite_create("text_fault");
	TCase *tc = tcase_create("text_fault");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_the_byte, 0, COUNT(texts));
	tcase_add_test(tc, explains_a_file);
	tcase_add_loop_test(tc, finds_lines_and_columns, 0, COUNT(places));
	tcase_add_test(tc, finds_nothing_in_a_file_that_is_gone);
	suite_add_tcase(suite, tc);
	return suite;
}
