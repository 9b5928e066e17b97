/* SPDX-License-Identifier: Apache-2.0 */
/* test_notices.c - notices of a statement, whatever becomes of it, and a disk that fails */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/attr.h"
#include "cflyway/db/notices.h"

#include <stdlib.h>

static struct scratch scratch;
static struct notices notices;

static void set_up(void)
{
	scratch_open(&scratch);
	notices_open(&notices);
}

static void tear_down(void)
{
	notices_close(&notices);
	unsetenv("TMPDIR");
	scratch_close(&scratch);
}

static void add_two(void)
{
	notices_add(&notices, "00000", "a notice");
	notices_add(&notices, "01000", "a\nwarning\r");
}

static const char *notes(void)
{
	return str_list_join(&scratch.arena, scratch_texts(&scratch.arena, &scratch.err.notes),
	                     "\n");
}

START_TEST(shows_them_as_flyway_after_a_success)
{
	add_two();
	notices_log(&notices, &scratch.log);
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "INFO DB: a notice\n"
	                 "WARN DB: a\nwarning\r (SQL State: 01000 - Error Code: 0)\n");
	notices_log(&notices, &scratch.log);
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

START_TEST(shows_them_in_lines_of_its_own_where_flyway_does_not)
{
	add_two();
	notices_log_own(&notices, &scratch.log, "COPY");
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "INFO cflyway: notice of COPY: a notice\n"
	                 "INFO cflyway: warning of COPY: a warning  (SQL State: 01000)\n");
	notices_log_own(&notices, &scratch.log, "COPY");
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

START_TEST(adds_them_to_the_error_of_a_failure)
{
	add_two();
	notices_note(&notices, &scratch.err);
	ck_assert_str_eq(notes(), "notice of the failed statement: a notice\n"
	                          "warning of the failed statement: a warning  (SQL State: 01000)");
	notices_note(&notices, &scratch.err);
	ck_assert_uint_eq(scratch.err.notes.n, 2);
}
END_TEST

static const struct {
	size_t n, lines;
	const char *first, *second;
} numbers[] = {
	{1, 1, "notice of the failed statement: 1", NULL},
	{NOTICES_SHOWN, NOTICES_SHOWN, "notice of the failed statement: 1",
         "notice of the failed statement: 2"},
	{NOTICES_SHOWN + 1, NOTICES_SHOWN + 1,
         "the first 1 notices of the failed statement are left out",
         "notice of the failed statement: 2"},
	{NOTICES_SHOWN + 7, NOTICES_SHOWN + 1,
         "the first 7 notices of the failed statement are left out",
         "notice of the failed statement: 8"},
};

START_TEST(shows_the_last_ones_of_many)
{
	for (size_t i = 1; i <= numbers[_i].n; i++)
		notices_add(&notices, "00000", arena_printf(&scratch.arena, "%zu", i));
	notices_note(&notices, &scratch.err);
	ck_assert_uint_eq(scratch.err.notes.n, numbers[_i].lines);
	ck_assert_str_eq(scratch.err.notes.items[0].text, numbers[_i].first);
	if (numbers[_i].second != NULL)
		ck_assert_str_eq(scratch.err.notes.items[1].text, numbers[_i].second);
	ck_assert_str_eq(
		scratch.err.notes.items[scratch.err.notes.n - 1].text,
		arena_printf(&scratch.arena, "notice of the failed statement: %zu", numbers[_i].n));
}
END_TEST

/* --- a disk that fails --------------------------------------------------------------------- */

#define INCOMPLETE "not all notices can be shown: the temporary file for them is incomplete"

/* More than stay in memory, without a folder for the file. */
static void add_too_many(void)
{
	enum { LONG = 1 << 20 };
	char *text = arena_alloc(&scratch.arena, LONG);

	setenv("TMPDIR", "/nonexistent", 1);
	memset(text, 'x', LONG - 1);
	for (size_t i = 0; i <= SPOOL_IN_MEMORY / LONG; i++)
		notices_add(&notices, "00000", text);
	notices_add(&notices, "00000", "last");
}

START_TEST(says_that_some_are_missing)
{
	add_too_many();
	notices_log(&notices, &scratch.log);
	ck_assert_str_eq(scratch_lines(&scratch), "INFO cflyway: " INCOMPLETE "\n");
	add_too_many();
	notices_log_own(&notices, &scratch.log, "COPY");
	ck_assert_str_eq(scratch_lines(&scratch), "INFO cflyway: " INCOMPLETE "\n");
	add_two();
	notices_log(&notices, &scratch.log);
	ck_assert(str_starts(str_of(scratch_lines(&scratch)), STR("INFO DB: a notice\n")));
}
END_TEST

START_TEST(shows_what_can_be_read)
{
	add_two();
	notices.spool.bytes.len -= 1; /* a part of the last one is lost */
	notices_note(&notices, &scratch.err);
	ck_assert_str_eq(notes(), "notice of the failed statement: a notice\n" INCOMPLETE);
}
END_TEST

Suite *notices_suite(void)
{
	Suite *suite = suite_create("notices");
	TCase *tc = tcase_create("notices");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, shows_them_as_flyway_after_a_success);
	tcase_add_test(tc, shows_them_in_lines_of_its_own_where_flyway_does_not);
	tcase_add_test(tc, adds_them_to_the_error_of_a_failure);
	tcase_add_loop_test(tc, shows_the_last_ones_of_many, 0, COUNT(numbers));
	tcase_add_test(tc, says_that_some_are_missing);
	tcase_add_test(tc, shows_what_can_be_read);
	suite_add_tcase(suite, tc);
	return suite;
}
