/* SPDX-License-Identifier: Apache-2.0 */
/* test_row_set.c - rows that wait in memory or in a file */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/row_set.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROWS = 5000, IN_FILE = 100, LONG = 200 * 1000 };

/* With and without a file. */
static const size_t limits[] = {SPOOL_IN_MEMORY, IN_FILE};

static void add(struct row_set *set, int number, const char *text)
{
	char first[16];
	const char *const values[] = {first, text};

	snprintf(first, sizeof(first), "%d", number);
	row_set_add(set, values);
}

START_TEST(gives_back_what_it_got)
{
	struct row_set set;

	row_set_open(&set, 2, limits[_i]);
	row_set_title(&set, 0, "number");
	row_set_title(&set, 1, NULL);
	for (int i = 0; i < ROWS; i++)
		add(&set, i, i % 3 == 0 ? NULL : i % 3 == 1 ? "" : "h\xC3\xA9\xF0\x9F\x98\x80");
	row_set_rewind(&set);
	ck_assert(!set.has_failed);
	ck_assert_int_eq(set.spool.file.fd >= 0, limits[_i] == IN_FILE);
	ck_assert_uint_eq(set.rows, ROWS);
	ck_assert_str_eq(set.titles[0], "number");
	ck_assert_ptr_null(set.titles[1]);
	ck_assert_uint_eq(set.widths[0], 4);
	ck_assert_uint_eq(set.widths[1], 4);
	for (int i = 0; i < ROWS; i++) {
		ck_assert(row_set_next(&set));
		ck_assert_int_eq(strtol(set.values[0], NULL, 10), i);
		if (i % 3 == 0)
			ck_assert_ptr_null(set.values[1]);
		else
			ck_assert_str_eq(set.values[1],
			                 i % 3 == 1 ? "" : "h\xC3\xA9\xF0\x9F\x98\x80");
	}
	ck_assert(!row_set_next(&set));
	ck_assert(!set.has_failed);
	row_set_close(&set);
}
END_TEST

START_TEST(takes_values_that_are_larger_than_its_blocks)
{
	static char text[LONG];
	struct row_set set;

	memset(text, 'x', LONG - 1);
	row_set_open(&set, 2, limits[_i]);
	add(&set, 1, text);
	add(&set, 2, "short");
	row_set_rewind(&set);
	ck_assert_uint_eq(set.widths[1], LONG - 1);
	ck_assert(row_set_next(&set));
	ck_assert_str_eq(set.values[1], text);
	ck_assert(row_set_next(&set));
	ck_assert_str_eq(set.values[1], "short");
	ck_assert(!row_set_next(&set));
	row_set_close(&set);
}
END_TEST

START_TEST(keeps_nul_characters)
{
	const struct str values[] = {{"a\0b", 3}, {NULL, 0}};
	struct row_set set;

	row_set_open(&set, 2, limits[_i]);
	row_set_add_texts(&set, values);
	row_set_rewind(&set);
	ck_assert(row_set_next(&set));
	ck_assert_uint_eq(set.widths[0], 3);
	ck_assert_uint_eq(set.lengths[0], 3);
	ck_assert_mem_eq(set.values[0], "a\0b", 4);
	ck_assert_ptr_null(set.values[1]);
	row_set_close(&set);
}
END_TEST

START_TEST(is_empty_without_rows)
{
	struct row_set set;

	row_set_open(&set, 2, limits[_i]);
	row_set_rewind(&set);
	ck_assert(!row_set_next(&set));
	ck_assert(!set.has_failed);
	row_set_close(&set);
}
END_TEST

START_TEST(says_why_there_is_no_file)
{
	const char *before = getenv("TMPDIR");
	struct row_set set;

	ck_assert_int_eq(setenv("TMPDIR", "/nonexistent", 1), 0);
	row_set_open(&set, 2, IN_FILE);
	for (int i = 0; i < ROWS; i++)
		add(&set, i, "x");
	row_set_rewind(&set);
	ck_assert(set.has_failed);
	ck_assert(!row_set_next(&set));
	ck_assert_ptr_nonnull(strstr(set.err.message, "Unable to create a temporary file"));
	row_set_close(&set);
	if (before != NULL)
		setenv("TMPDIR", before, 1);
	else
		unsetenv("TMPDIR");
}
END_TEST

/* Rows of a length, 8 bytes; "1" and its end, 2 bytes; a length; "name" and its end, 5 bytes. */
static const struct {
	off_t kept_bytes;
	size_t rows;
} cuts[] = {
	{22, 0}, /* in a value */
	{23, 1}, /* between rows */
	{25, 1}, /* in a length */
	{32, 1}, /* in the first value of the next row */
	{46, 2},
};

START_TEST(gives_no_part_of_a_row)
{
	struct row_set set;
	size_t n = 0;

	row_set_open(&set, 2, 0);
	for (int i = 1; i <= 3; i++)
		add(&set, i, "name");
	row_set_rewind(&set);
	ck_assert_int_eq(ftruncate(set.spool.file.fd, cuts[_i].kept_bytes), 0);
	while (row_set_next(&set))
		n++;
	ck_assert_uint_eq(n, cuts[_i].rows);
	ck_assert(set.has_failed);
	ck_assert_str_eq(set.err.message, "Unable to read file a temporary file: it has been cut");
	ck_assert(!row_set_next(&set));
	row_set_close(&set);
}
END_TEST

Suite *row_set_suite(void)
{
	Suite *suite = suite_create("row_set");
	TCase *tc = tcase_create("row_set");

	tcase_add_loop_test(tc, gives_back_what_it_got, 0, COUNT(limits));
	tcase_add_loop_test(tc, takes_values_that_are_larger_than_its_blocks, 0, COUNT(limits));
	tcase_add_loop_test(tc, keeps_nul_characters, 0, COUNT(limits));
	tcase_add_loop_test(tc, is_empty_without_rows, 0, COUNT(limits));
	tcase_add_test(tc, says_why_there_is_no_file);
	tcase_add_loop_test(tc, gives_no_part_of_a_row, 0, COUNT(cuts));
	suite_add_tcase(suite, tc);
	return suite;
}
