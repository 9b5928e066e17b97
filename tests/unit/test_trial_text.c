/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_text.c - numbers in the text of a dry run that executes */
#include "scratch.h"
#include "suites.h"

#include "cflyway/output/trial_output.h"

#include <inttypes.h>

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

#define KB INT64_C(1024)

static const struct {
	int64_t rows, wal_bytes;
	const char *shown;
} numbers[] = {
	{-1, -1, NULL},
	{-1, 0, NULL},
	{0, -1, "0 rows\n"},
	{1, 0, "1 row\n"},
	{2, 1, "2 rows, at most 1 bytes of WAL\n"},
	{-1, 1023, "at most 1023 bytes of WAL\n"},
	{999, KB, "999 rows, at most 1.0 kB of WAL\n"},
	{1000, 1536, "1,000 rows, at most 1.5 kB of WAL\n"},
	{999999, 100 * KB - 1, "999,999 rows, at most 99.9 kB of WAL\n"},
	{1234567, 100 * KB, "1,234,567 rows, at most 100 kB of WAL\n"},
	{10, KB *KB - 1, "10 rows, at most 1023 kB of WAL\n"},
	{10, KB *KB, "10 rows, at most 1.0 MB of WAL\n"},
	{10, 10 * KB *KB *KB, "10 rows, at most 10.0 GB of WAL\n"},
	{10, 5 * KB *KB *KB *KB, "10 rows, at most 5.0 TB of WAL\n"},
	{10, 5000 * KB *KB *KB *KB, "10 rows, at most 5000 TB of WAL\n"},
};

/* Between the line of the statement and the last line. */
static const char *numbers_of(const char *lines)
{
	const char *statement = strstr(lines, "create table a\n");

	ck_assert_msg(statement != NULL, "%s", lines);
	struct str rest = str_of(statement + strlen("create table a\n"));
	struct str line = str_cut(&rest, '\n');
	return str_starts(line, STR("Dry run:"))
	               ? NULL
	               : arena_printf(&scratch.arena, "%.*s\n", (int)str_trim(line).len,
	                              str_trim(line).ptr);
}

START_TEST(shows_rows_and_bytes)
{
	const struct migration file = {.file_name = "V1__a.sql"};
	struct trial_statement statement = {
		.line = 1,
		.text = "create table a",
		.rows = numbers[_i].rows,
		.wal_bytes = numbers[_i].wal_bytes,
	};
	struct trial_script script = {.file = &file, .statements = &statement, .n = 1};
	const struct trial_result trial = {.scripts = &script, .n = 1};

	trial_text_print(&scratch.arena, &trial, &scratch.log);
	const char *shown = numbers_of(scratch_lines(&scratch));
	ck_assert_msg(str_same(shown, numbers[_i].shown), "%" PRId64 ": %s", numbers[_i].wal_bytes,
	              shown);
}
END_TEST

Suite *trial_text_suite(void)
{
	Suite *suite = suite_create("trial_text");
	TCase *tc = tcase_create("trial_text");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, shows_rows_and_bytes, 0, COUNT(numbers));
	suite_add_tcase(suite, tc);
	return suite;
}
