/* SPDX-License-Identifier: Apache-2.0 */
/* test_result_log.c - tables of results in the log, and rows that cannot be read */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
#include "cflyway/db/result_log.h"

#include <unistd.h>

static struct scratch scratch;
static struct row_set rows;

static void set_up(void)
{
	scratch_open(&scratch);
}

static void tear_down(void)
{
	row_set_close(&rows);
	scratch_close(&scratch);
}

static void open_rows(size_t memory_limit)
{
	row_set_open(&rows, 2, memory_limit);
	row_set_title(&rows, 0, "id");
	row_set_title(&rows, 1, "name");
}

static void add(const char *first, const char *second)
{
	const char *const values[] = {first, second};

	row_set_add(&rows, values);
}

START_TEST(draws_a_table)
{
	open_rows(SPOOL_IN_MEMORY);
	add("1", "a");
	add(NULL, "three");
	result_log_rows(&scratch.log, &rows);
	ck_assert_str_eq(scratch_lines(&scratch), "INFO +----+-------+\n"
	                                          "| id | name  |\n"
	                                          "+----+-------+\n"
	                                          "| 1  | a     |\n"
	                                          "|    | three |\n"
	                                          "+----+-------+\n\n");
}
END_TEST

START_TEST(draws_a_table_without_rows)
{
	open_rows(SPOOL_IN_MEMORY);
	result_log_rows(&scratch.log, &rows);
	ck_assert_str_eq(scratch_lines(&scratch), "INFO +----+------+\n"
	                                          "| id | name |\n"
	                                          "+----+------+\n"
	                                          "| No rows r |\n"
	                                          "+----+------+\n\n");
}
END_TEST

START_TEST(draws_nothing_without_columns)
{
	row_set_open(&rows, 0, SPOOL_IN_MEMORY);
	row_set_add(&rows, NULL);
	result_log_rows(&scratch.log, &rows);
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

/* A large table goes to the log in pieces, without an empty line between them. */
START_TEST(writes_a_large_table_in_pieces)
{
	enum { ROWS = 10000 };
	size_t pieces = 0;

	open_rows(SPOOL_IN_MEMORY);
	for (size_t i = 0; i < ROWS; i++)
		add("1", "name");
	result_log_rows(&scratch.log, &rows);

	struct str rest = str_of(scratch_lines(&scratch));

	ck_assert(str_ends(rest, STR("+----+------+\n\n")));
	rest = str_sub(rest, 0, rest.len - 1);
	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');

		pieces += str_starts(line, STR("INFO ")) ? 1 : 0;
		ck_assert_uint_gt(line.len, 0);
	}
	ck_assert_uint_gt(pieces, 1);
}
END_TEST

START_TEST(says_that_rows_cannot_be_kept)
{
	open_rows(SPOOL_IN_MEMORY);
	add("1", "a");
	rows.has_failed = true;
	error_set(&rows.err, ERROR_GENERAL, "the disk is full");
	result_log_rows(&scratch.log, &rows);
	ck_assert_str_eq(scratch_lines(&scratch), "INFO cflyway: a result of 1 rows cannot be "
	                                          "shown: the disk is full\n");
}
END_TEST

START_TEST(says_that_rows_cannot_be_read)
{
	enum { ROWS = 3 };

	open_rows(0);
	for (size_t i = 0; i < ROWS; i++)
		add("1", "name");
	row_set_rewind(&rows);
	ck_assert_int_eq(ftruncate(rows.spool.file.fd, 30), 0);
	result_log_rows(&scratch.log, &rows);
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "INFO +----+------+\n"
	                 "| id | name |\n"
	                 "+----+------+\n"
	                 "| 1  | name |\n"
	                 "|    |      |\n"
	                 "|    |      |\n"
	                 "+----+------+\n"
	                 "INFO cflyway: a result of 3 rows cannot be shown: "
	                 "Unable to read file a temporary file: it has been cut\n");
}
END_TEST

Suite *result_log_suite(void)
{
	Suite *suite = suite_create("result_log");
	TCase *tc = tcase_create("result_log");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, draws_a_table);
	tcase_add_test(tc, draws_a_table_without_rows);
	tcase_add_test(tc, draws_nothing_without_columns);
	tcase_add_test(tc, writes_a_large_table_in_pieces);
	tcase_add_test(tc, says_that_rows_cannot_be_kept);
	tcase_add_test(tc, says_that_rows_cannot_be_read);
	suite_add_tcase(suite, tc);
	return suite;
}
