/* SPDX-License-Identifier: Apache-2.0 */
/* test_checksum.c - the recorded checksums of tests/golden/checksums */
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/fs.h"
#include "cflyway/migration/checksum.h"

#include <stdlib.h>

#define GOLDEN "tests/golden/checksums"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const char *read_all(const char *path, size_t *len)
{
	struct buf text = BUF_EMPTY(1 << 24);
	struct error err = ERROR_INIT(&arena);

	ck_assert_msg(fs_read_all(path, &text, &err), "%s", err.message);
	const char *copy = str_dup(&arena, buf_str(&text));
	*len = text.len;
	buf_release(&text);
	return copy;
}

/* One line of a table: its columns. */
struct row {
	const char *columns[4];
};

static struct row *read_table(const char *path, size_t *n)
{
	size_t len;
	struct str rest = {read_all(path, &len), len};
	struct row *rows = NULL;

	*n = 0;
	str_cut(&rest, '\n'); /* the header */
	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');

		rows = arena_grow(&arena, rows, *n, sizeof(rows[0]));
		for (size_t i = 0; i < COUNT(rows->columns); i++)
			rows[*n].columns[i] = str_dup(&arena, str_cut(&line, '\t'));
		++*n;
	}
	return rows;
}

/* What was set when the vectors were recorded. */
static struct placeholders recorded_placeholders(void)
{
	static const char *const values[][2] = {
		{"who", "World"},
		{"empty", ""},
		{"multi", "a\nb"},
		{"nested", "${who}"},
		{"cmd", "select"},
		{"uni", "äé日"},
		{"bomv", "\xEF\xBB\xBF"},
		{"flyway:database", "prs_b"},
		{"flyway:user", "postgres"},
		{"flyway:defaultSchema", "public"},
		{"flyway:environment", "default"},
		{"flyway:table", "flyway_schema_history"},
	};
	struct placeholders placeholders = {.prefix = "${", .suffix = "}", .separator = ":"};

	for (size_t i = 0; i < COUNT(values); i++)
		placeholders_add(&arena, &placeholders, values[i][0], values[i][1]);
	return placeholders;
}

static const char *path_of(const char *name)
{
	return arena_printf(&arena, GOLDEN "/files/%s.sql", name);
}

static void sum_as_recorded(const struct row *row, int32_t *sum, int32_t *raw)
{
	const char *path = path_of(row->columns[0]), *encoding = row->columns[1];
	struct error err = ERROR_INIT(&arena);
	bool ok;

	if (strcmp(encoding, "detect") == 0)
		ck_assert(charset_detect(path, &encoding, &err));
	ok = checksum_file(path, encoding, raw, &err);
	*sum = *raw;
	if (ok && strcmp(row->columns[2], "R") == 0) {
		struct placeholders placeholders = recorded_placeholders();
		const char *name = arena_printf(&arena, "R__%s.sql", row->columns[0]);
		int32_t again;

		ok = checksum_file_replaced(path, encoding, &placeholders, name, &again, sum, &err);
		ck_assert_int_eq(again, *raw);
	}
	ck_assert_msg(ok, "%s: %s", row->columns[0], err.message);
}

START_TEST(sums_as_recorded)
{
	size_t n;
	struct row *rows = read_table(GOLDEN "/checksums.tsv", &n);
	int32_t sum, raw;

	ck_assert_uint_eq(n, 117);
	for (size_t i = 0; i < n; i++) {
		sum_as_recorded(&rows[i], &sum, &raw);
		ck_assert_msg(sum == strtol(rows[i].columns[3], NULL, 10), "%s: %d, not %s",
		              rows[i].columns[0], sum, rows[i].columns[3]);
	}
}
END_TEST

START_TEST(sums_text_in_pieces_of_any_size)
{
	size_t n;
	struct row *rows = read_table(GOLDEN "/checksums.tsv", &n);

	for (size_t i = 0; i < n; i++) {
		struct text_memory memory;
		struct error err = ERROR_INIT(&arena);
		size_t len;
		int32_t sum;

		if (strcmp(rows[i].columns[1], "UTF-8") != 0 ||
		    strcmp(rows[i].columns[2], "V") != 0)
			continue;
		struct str text = {read_all(path_of(rows[i].columns[0]), &len), len};
		for (size_t size = 0; size < 6; size++) {
			text_memory_init(&memory, text, size);
			ck_assert(checksum_source(&memory.source, &sum, &err));
			ck_assert_int_eq(sum, strtol(rows[i].columns[3], NULL, 10));
		}
	}
}
END_TEST

/* The recorded vectors are short: line ends at every place of a word, alone and in a row. */
START_TEST(leaves_line_ends_out_wherever_they_are)
{
	enum { LONGEST = 300 };
	char text[LONGEST];

	for (size_t gap = 1; gap < 20; gap++) {
		struct checksum whole = {.past_start = true};
		struct crc32 expected = {0};

		for (size_t i = 0; i < LONGEST; i++) {
			text[i] = (char)('a' + i % 26);
			if (i % gap == 0)
				text[i] = i % 3 == 0 ? '\r' : '\n';
			if (text[i] != '\r' && text[i] != '\n')
				crc32_update(&expected, &text[i], 1);
		}
		checksum_update(&whole, (struct str){text, LONGEST});
		ck_assert_int_eq(checksum_value(&whole), crc32_signed(&expected));
	}
}
END_TEST

START_TEST(refuses_what_cannot_be_decoded)
{
	size_t n;
	struct row *rows = read_table(GOLDEN "/invalid.tsv", &n);

	ck_assert_uint_eq(n, 12);
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		struct error err = ERROR_INIT(&arena);
		int32_t sum;

		ck_assert(!checksum_file(path_of(row->columns[0]), row->columns[1], &sum, &err));
		ck_assert_str_eq(
			err.message,
			arena_printf(&arena,
		                     "Unable to calculate checksum of %s.sql\nPlease ensure "
		                     "you have configured the correct file encoding with "
		                     "'flyway.encoding' or enable 'flyway.detectEncoding' to "
		                     "let Flyway detect it for you",
		                     row->columns[0]));
		ck_assert_str_eq(err.cause,
		                 arena_printf(&arena, "java.nio.charset.%s", row->columns[3]));
	}
}
END_TEST

/* Both ways over more than one block, with characters and line ends across the edges. */
START_TEST(sums_large_files_alike)
{
	static const char *const lines[] = {"a\r\n", "日本\n", "é\r", "😀😀\n\n", "x"};
	struct scratch scratch;

	scratch_open(&scratch);
	for (size_t shift = 0; shift < 4; shift++) {
		struct buf text = BUF_EMPTY(1 << 20);
		struct text_memory memory;
		int32_t fast, slow;
		bool is_large;

		buf_repeat(&text, 'z', shift);
		for (size_t i = 0; text.len < 200000; i++)
			buf_add(&text, lines[i % COUNT(lines)]);
		scratch_write_bytes("large.sql", text.ptr, text.len);
		ck_assert(checksum_file("large.sql", "utf-8", &fast, &scratch.err));
		text_memory_init(&memory, buf_str(&text), 1000);
		ck_assert(checksum_source(&memory.source, &slow, &scratch.err));
		ck_assert_int_eq(fast, slow);
		ck_assert(
			checksum_small_file("large.sql", "utf-8", &fast, &is_large, &scratch.err));
		ck_assert(is_large);
		buf_release(&text);
	}
	scratch_close(&scratch);
}
END_TEST

START_TEST(sums_small_files_alike)
{
	int32_t sum, small;
	bool is_large = true;
	struct error err = ERROR_INIT(&arena);

	ck_assert(checksum_file(GOLDEN "/checksums.tsv", "UTF-8", &sum, &err));
	ck_assert(checksum_small_file(GOLDEN "/checksums.tsv", "UTF-8", &small, &is_large, &err));
	ck_assert(!is_large);
	ck_assert_int_eq(small, sum);
}
END_TEST

START_TEST(says_what_cannot_be_read)
{
	struct error err = ERROR_INIT(&arena);
	int32_t sum;

	ck_assert(!checksum_file("tests/nowhere.sql", "UTF-8", &sum, &err));
	ck_assert_str_eq(err.message,
	                 "Unable to read file tests/nowhere.sql: No such file or directory");
	error_clear(&err);
	ck_assert(!checksum_file(path_of("empty"), "nope", &sum, &err));
	ck_assert_str_eq(err.message, "java.nio.charset.UnsupportedCharsetException: nope");
	error_clear(&err);
	ck_assert(!checksum_file("tests", "UTF-8", &sum, &err));
	ck_assert_msg(strstr(err.message, "Unable to calculate checksum of tests") == err.message,
	              "%s", err.message);
}
END_TEST

START_TEST(says_that_no_file_can_be_replaced)
{
	const struct placeholders placeholders = {.prefix = "${", .suffix = "}", .separator = ":"};
	struct error err = ERROR_INIT(&arena);
	int32_t raw, sum;

	ck_assert(!checksum_file_replaced("tests/nowhere.sql", "UTF-8", &placeholders, NULL, &raw,
	                                  &sum, &err));
	ck_assert_str_eq(err.message,
	                 "Unable to read file tests/nowhere.sql: No such file or directory");
}
END_TEST

Suite *checksum_suite(void)
{
	Suite *suite = suite_create("checksum");
	TCase *tc = tcase_create("checksum");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, sums_as_recorded);
	tcase_add_test(tc, sums_text_in_pieces_of_any_size);
	tcase_add_test(tc, leaves_line_ends_out_wherever_they_are);
	tcase_add_test(tc, refuses_what_cannot_be_decoded);
	tcase_add_test(tc, sums_large_files_alike);
	tcase_add_test(tc, sums_small_files_alike);
	tcase_add_test(tc, says_what_cannot_be_read);
	tcase_add_test(tc, says_that_no_file_can_be_replaced);
	suite_add_tcase(suite, tc);
	return suite;
}
