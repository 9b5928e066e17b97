/* SPDX-License-Identifier: Apache-2.0 */
/* test_charset.c - text in any character set to UTF-8, in pieces */
#include "scratch.h"
#include "suites.h"

#include "../../src/base/charset_decode.h"

#include "cflyway/base/charset.h"
#include "cflyway/base/crc32.h"
#include "cflyway/base/fs.h"

#include <stdlib.h>
#include <unistd.h>

enum { LONGEST_CASE = 64 };

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct {
	const char *encoding, *bytes, *expected;
} cases[] = {
#define CASE(encoding, bytes, expected) {encoding, bytes, expected},
#define SINGLE(encoding, sum)
#include "charset_cases.def"
#undef CASE
#undef SINGLE
};

static const struct {
	const char *encoding;
	uint32_t sum;
} singles[] = {
#define CASE(encoding, bytes, expected)
#define SINGLE(encoding, sum) {encoding, sum},
#include "charset_cases.def"
#undef CASE
#undef SINGLE
};

static size_t from_hex(const char *hex, char *bytes)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};

		bytes[i] = (char)strtol(digits, NULL, 16);
	}
	return len;
}

static const char *to_hex(struct str s)
{
	struct buf hex = BUF_EMPTY(10000);

	for (size_t i = 0; i < s.len; i++)
		buf_printf(&hex, "%02x", (unsigned)(unsigned char)s.ptr[i]);
	const char *text = str_dup(&arena, buf_str(&hex));
	buf_release(&hex);
	return text;
}

/* Feeds three pieces that end at one and two; returns the text in hexadecimal, or the message. */
static const char *decode(const char *encoding, struct str in, size_t one, size_t two)
{
	struct error err = ERROR_INIT(&arena);
	struct buf out = BUF_EMPTY(10000);
	struct decoder decoder;

	if (!decoder_open(&decoder, encoding, &err))
		return err.message;
	bool ok = decoder_feed(&decoder, in.ptr, one, false, &out, &err) &&
	          decoder_feed(&decoder, in.ptr + one, two - one, false, &out, &err) &&
	          decoder_feed(&decoder, in.ptr + two, in.len - two, true, &out, &err);
	const char *result = ok ? to_hex(buf_str(&out)) : err.message;
	decoder_close(&decoder);
	buf_release(&out);
	return result;
}

START_TEST(decodes_as_java_does_wherever_pieces_end)
{
	char bytes[LONGEST_CASE];
	struct str in = {bytes, from_hex(cases[_i].bytes, bytes)};

	for (size_t one = 0; one <= in.len; one++)
		for (size_t two = one; two <= in.len; two++) {
			const char *got = decode(cases[_i].encoding, in, one, two);

			ck_assert_msg(strcmp(got, cases[_i].expected) == 0,
			              "%s %s at %zu and %zu: %s, not %s", cases[_i].encoding,
			              cases[_i].bytes, one, two, got, cases[_i].expected);
		}
}
END_TEST

START_TEST(knows_every_byte_of_single_byte_sets)
{
	struct crc32 crc = {0};

	for (int i = 0; i < 256; i++) {
		struct error err = ERROR_INIT(&arena);
		struct buf out = BUF_EMPTY(10);
		struct decoder decoder;
		char byte = (char)i;

		ck_assert(decoder_open(&decoder, singles[_i].encoding, &err));
		if (!decoder_feed(&decoder, &byte, 1, true, &out, &err))
			buf_add(&out, "\xFF");
		crc32_update(&crc, out.ptr, out.len);
		decoder_close(&decoder);
		buf_release(&out);
	}
	ck_assert_msg((uint32_t)crc32_signed(&crc) == singles[_i].sum, "%s", singles[_i].encoding);
}
END_TEST

/* Recorded from Flyway 12.4.0: -encoding=NAME info */
static const struct {
	const char *name, *message;
} refused[] = {
	{"nope", "java.nio.charset.UnsupportedCharsetException: nope"},
	{"//x", "java.nio.charset.IllegalCharsetNameException: //x"},
	{"", "java.nio.charset.IllegalCharsetNameException: "},
	{"UTF-8//IGNORE", "java.nio.charset.IllegalCharsetNameException: UTF-8//IGNORE"},
	{" UTF-8", "java.nio.charset.IllegalCharsetNameException:  UTF-8"},
	{"_x", "java.nio.charset.IllegalCharsetNameException: _x"},
	{"a b", "java.nio.charset.IllegalCharsetNameException: a b"},
};

START_TEST(refuses_unknown_names)
{
	struct error err = ERROR_INIT(&arena);
	struct decoder decoder;

	ck_assert(!charset_known(refused[_i].name));
	ck_assert(!decoder_open(&decoder, refused[_i].name, &err));
	ck_assert_str_eq(err.message, refused[_i].message);
	decoder_close(&decoder);
	ck_assert(charset_known("utf-8"));
	ck_assert(charset_known("windows-1252"));
}
END_TEST

/* ASCII letters and digits, and "-+:_." after the first character, as in java.nio.charset.Charset. */
static const struct {
	const char *name;
	bool is_legal;
} names[] = {
	{"A", true},   {"Z", true},   {"a", true},   {"z", true},   {"0", true},   {"9", true},
	{"x-", true},  {"x+", true},  {"x:", true},  {"x_", true},  {"x.", true},  {"xA", true},
	{"@", false},  {"[", false},  {"`", false},  {"{", false},  {"/", false},  {":", false},
	{"x@", false}, {"x[", false}, {"x`", false}, {"x{", false}, {"x/", false}, {"x;", false},
	{"-x", false}, {".", false},  {"", false},   {"é", false},
};

START_TEST(tells_legal_names)
{
	ck_assert_msg(charset_is_legal_name(names[_i].name) == names[_i].is_legal, "%s",
	              names[_i].name);
}
END_TEST

START_TEST(stops_at_the_maximum_of_the_buffer)
{
	struct error err = ERROR_INIT(&arena);
	struct buf out = BUF_EMPTY(3);
	struct decoder decoder;

	ck_assert(decoder_open(&decoder, "UTF-8", &err));
	ck_assert(decoder_feed(&decoder, "abc", 3, false, &out, &err));
	ck_assert(!decoder_feed(&decoder, "d", 1, true, &out, &err));
	ck_assert_str_eq(out.ptr, "abc");
	decoder_close(&decoder);
	buf_release(&out);
}
END_TEST

/* A letter in UTF-8, the same in two bytes, and how many bytes x has. */
static const struct {
	const char *encoding, *letter, *two_bytes;
	size_t x_size;
} long_texts[] = {
	{"UTF-16LE", "é", "\xE9\0", 2},
	{"x-mswin-936", "中", "\xD6\xD0", 1}, /* longer in UTF-8: fills the room for a piece */
};

/* Decodes much text in pieces of awkward sizes. */
START_TEST(decodes_long_text)
{
	struct error err = ERROR_INIT(&arena);
	struct buf text = BUF_EMPTY(1000000), wide = BUF_EMPTY(1000000), out = BUF_EMPTY(1000000);
	struct decoder decoder;

	for (int i = 0; i < 20000; i++) {
		bool is_letter = i % 3 == 0;

		buf_add(&text, is_letter ? long_texts[_i].letter : "x");
		buf_append(&wide, is_letter ? long_texts[_i].two_bytes : "x\0",
		           is_letter ? 2 : long_texts[_i].x_size);
	}
	ck_assert(decoder_open(&decoder, long_texts[_i].encoding, &err));
	for (size_t at = 0; at < wide.len; at += 4999) {
		struct str piece = str_sub(buf_str(&wide), at, at + 4999);

		ck_assert(decoder_feed(&decoder, piece.ptr, piece.len, at + 4999 >= wide.len, &out,
		                       &err));
	}
	ck_assert(str_eq(buf_str(&out), buf_str(&text)));
	decoder_close(&decoder);
	buf_release(&text);
	buf_release(&wide);
	buf_release(&out);
}
END_TEST

/* The contents of the checksum vectors det_*, whose sums Flyway 12.4.0 confirms. */
static const struct {
	const char *bytes, *encoding;
} detections[] = {
	{"", "UTF-8"},
	{"61", "UTF-8"},
	{"c3a96162", "UTF-8"},
	{"efbbbf61", "UTF-8"},
	{"e96162", "ISO-8859-1"},
	{"8081828384", "ISO-8859-1"},
	{"61c3", "ISO-8859-1"},
	{"feff0061", "UTF-16BE"},
	{"fffe6100", "UTF-16LE"},
	{"feff006100", "ISO-8859-1"},
	{"feff", "UTF-16BE"},
	{"00610062", "UTF-8"},
	{"61006200", "UTF-16"},
	{"6100620063", "UTF-8"},
	{"61006262", "UTF-8"},
	{"ff00ff00ff61", "UTF-16"},
};

START_TEST(detects_encodings_as_flyway_does)
{
	char path[] = "/tmp/cflyway-test-XXXXXX", bytes[LONGEST_CASE];
	int fd = mkstemp(path);
	size_t len = from_hex(detections[_i].bytes, bytes);
	struct error err = ERROR_INIT(&arena);
	const char *encoding = NULL;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
	size_t open_files = scratch_open_files();
	bool ok = charset_detect(path, &encoding, &err);
	ck_assert_uint_eq(scratch_open_files(), open_files);
	unlink(path);
	ck_assert(ok);
	ck_assert_str_eq(encoding, detections[_i].encoding);
	ck_assert(!charset_detect(path, &encoding, &err));
}
END_TEST

/* A character across the border of two reads must not look wrong. */
START_TEST(detects_utf8_across_pieces)
{
	char path[] = "/tmp/cflyway-test-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct error err = ERROR_INIT(&arena);
	const char *encoding = NULL;

	ck_assert_ptr_nonnull(file);
	for (int i = 0; i < _i; i++)
		fputc('a', file);
	for (int i = 0; i < 30000; i++)
		fputs("😀", file);
	fclose(file);
	bool ok = charset_detect(path, &encoding, &err);
	unlink(path);
	ck_assert(ok);
	ck_assert_str_eq(encoding, "UTF-8");
}
END_TEST

Suite *charset_suite(void)
{
	Suite *suite = suite_create("charset");
	TCase *tc = tcase_create("charset");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, decodes_as_java_does_wherever_pieces_end, 0, COUNT(cases));
	tcase_add_loop_test(tc, knows_every_byte_of_single_byte_sets, 0, COUNT(singles));
	tcase_add_loop_test(tc, refuses_unknown_names, 0, COUNT(refused));
	tcase_add_loop_test(tc, tells_legal_names, 0, COUNT(names));
	tcase_add_test(tc, stops_at_the_maximum_of_the_buffer);
	tcase_add_loop_test(tc, decodes_long_text, 0, COUNT(long_texts));
	tcase_add_loop_test(tc, detects_encodings_as_flyway_does, 0, COUNT(detections));
	tcase_add_loop_test(tc, detects_utf8_across_pieces, 0, 4);
	suite_add_tcase(suite, tc);
	return suite;
}
