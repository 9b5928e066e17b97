/* SPDX-License-Identifier: Apache-2.0 */
/* test_text_source.c - the text of a script from a file or from memory */
#include "suites.h"

#include "cflyway/sql/text_source.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static char path[32];

static void setup(void)
{
	arena_init(&arena);
	memcpy(path, "/tmp/cflyway-test-XXXXXX", 25);
	close(mkstemp(path));
}

static void teardown(void)
{
	unlink(path);
	arena_release(&arena);
}

static void write_file(const char *bytes, size_t len, size_t times)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	for (size_t i = 0; i < times; i++)
		ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static bool read_source(struct text_source *source, struct buf *out, struct error *err)
{
	struct str piece;

	for (;;) {
		if (!source->next(source, &piece, err))
			return false;
		if (piece.len == 0)
			return true;
		ck_assert_msg(((unsigned char)piece.ptr[0] & 0xC0) != 0x80, "a torn character");
		buf_append(out, piece.ptr, piece.len);
	}
}

static const struct {
	const char *encoding, *bytes;
	size_t len;
	const char *text;
} files[] = {
	{"UTF-8", "", 0, ""},
	{"UTF-8", "SELECT 'ü€😀';\r\n", 21, "SELECT 'ü€😀';\r\n"},
	{"ISO-8859-1", "\xFC\xA4", 2, "ü¤"},
	{"UTF-16", "\xFE\xFF\x20\xAC\xD8\x3D\xDE\x00", 8, "€😀"},
	{"UTF-16LE", "\xAC\x20", 2, "€"},
};

START_TEST(decodes_files)
{
	static const size_t times[] = {1, 20000}; /* the second is longer than a block */
	bool has_mark = strcmp(files[_i].encoding, "UTF-16") == 0;

	for (size_t i = 0; i < (has_mark ? 1 : COUNT(times)); i++) {
		struct text_file file = TEXT_FILE_CLOSED;
		struct buf text = BUF_EMPTY(SIZE_MAX / 4);
		struct error err = ERROR_INIT(&arena);
		size_t len = strlen(files[_i].text);

		write_file(files[_i].bytes, files[_i].len, times[i]);
		ck_assert_msg(text_file_open(&file, path, files[_i].encoding, &err), "%s",
		              err.message);
		ck_assert_msg(read_source(&file.source, &text, &err), "%s", err.message);
		ck_assert_uint_eq(text.len, len * times[i]);
		for (size_t at = 0; at < text.len; at += len)
			ck_assert_int_eq(memcmp(text.ptr + at, files[_i].text, len), 0);
		file.source.close(&file.source);
		text_file_close(&file);
		buf_release(&text);
	}
}
END_TEST

START_TEST(reports_bad_files)
{
	struct text_file file = TEXT_FILE_CLOSED;
	struct buf text = BUF_EMPTY(SIZE_MAX / 4);
	struct error err = ERROR_INIT(&arena);

	write_file("a\xFFz", 3, 1);
	ck_assert(text_file_open(&file, path, "UTF-8", &err));
	ck_assert(!read_source(&file.source, &text, &err));
	ck_assert_str_eq(err.message, "java.nio.charset.MalformedInputException: Input length = 1");
	text_file_close(&file);

	error_clear(&err);
	ck_assert(!text_file_open(&file, path, "FOO", &err));
	ck_assert_str_eq(err.message, "java.nio.charset.UnsupportedCharsetException: FOO");
	text_file_close(&file);

	error_clear(&err);
	ck_assert(!text_file_open(&file, "/nonexistent/x.sql", "UTF-8", &err));
	text_file_close(&file);
	buf_release(&text);
}
END_TEST

/* The text before a wrong byte, and how much of it is read. */
static const struct {
	const char *text;
	size_t times, bytes;
	const char *wrong;
	bool by_character;
} before_errors[] = {
	{"0123456789abcde\n", 255, 0, "\xE9", false},
	{"0123456789abcde\n", 256, 4096, "\xE9", false},
	{"0123456789abcde\n", 256, 4096, "\xE9\n", false},
	{"0123456789abcde\n", 511, 4096, "\xFFx", false},
	{"0123456789abcde\n", 512, 8192, "\xFFx\n", false},
	{"\xC3\xA9-", 4096, 12288, "\xE2", false},
	{"0123456789abcde\n", 4100, 65536, "\xE9 x\n", false},
	{"\xF0\x9F\x98\x80", 2047, 0, "\xFF", false},
	{"0123456789abcde\n", 255, 4080, "\xE9", true},
	{"0123456789abcde\n", 255, 4078, "\xE9\n", true},
	{"abc", 1, 2, "\xE9\n", true},
	{"abc", 1, 2, "\xE9", true},
	{"", 0, 0, "\xE9\n", true},
};

START_TEST(reads_what_java_reads_before_a_wrong_byte)
{
	struct text_file file = TEXT_FILE_CLOSED;
	struct buf all = BUF_EMPTY(SIZE_MAX / 4), text = BUF_EMPTY(SIZE_MAX / 4);
	struct error err = ERROR_INIT(&arena);

	for (size_t i = 0; i < before_errors[_i].times; i++)
		buf_add(&all, before_errors[_i].text);
	buf_add(&all, before_errors[_i].wrong);
	write_file(all.ptr, all.len, 1);
	ck_assert(text_file_open(&file, path, "UTF-8", &err));
	if (before_errors[_i].by_character)
		text_file_reads_characters(&file);
	ck_assert(!read_source(&file.source, &text, &err));
	ck_assert_str_eq(err.message, "java.nio.charset.MalformedInputException: Input length = 1");
	ck_assert_uint_eq(text.len, before_errors[_i].bytes);
	text_file_close(&file);
	buf_release(&all);
	buf_release(&text);
}
END_TEST

START_TEST(gives_memory_out_in_whole_characters)
{
	struct text_memory memory;
	struct buf text = BUF_EMPTY(SIZE_MAX / 4);
	struct error err = ERROR_INIT(&arena);

	text_memory_init(&memory, STR("aü€😀z"), (size_t)_i);
	ck_assert(read_source(&memory.source, &text, &err));
	ck_assert_str_eq(text.ptr, "aü€😀z");
	buf_release(&text);
}
END_TEST

Suite *text_source_suite(void)
{
	Suite *suite = suite_create("text_source");
	TCase *sources = tcase_create("sources");

	tcase_add_checked_fixture(sources, setup, teardown);
	tcase_add_loop_test(sources, decodes_files, 0, COUNT(files));
	tcase_add_test(sources, reports_bad_files);
	tcase_add_loop_test(sources, reads_what_java_reads_before_a_wrong_byte, 0,
	                    COUNT(before_errors));
	tcase_add_loop_test(sources, gives_memory_out_in_whole_characters, 0, 12);
	suite_add_tcase(suite, sources);
	return suite;
}
