/* SPDX-License-Identifier: Apache-2.0 */
/* test_next_version.c - the version that follows another one, at 2026-01-02 03:04:05.678 UTC */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/next_version.h"
#include "cflyway/migration/version.h"

static const struct timespec now = {.tv_sec = 1767323045, .tv_nsec = 678999999};

static struct arena arena;
static struct error err;

static void setup(void)
{
	arena_init(&arena);
	error_init(&err, &arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

static const struct {
	const char *raw; /* NULL: there is none */
	enum add_timestamp timestamp;
	const char *next;
} rows[] = {
	{NULL, ADD_TIMESTAMP_AUTO, "001"},
	{NULL, ADD_TIMESTAMP_NEVER, "001"},
	{NULL, ADD_TIMESTAMP_ALWAYS, "001_20260102030405"},

	/* numbers: length, zeros and separators stay */
	{"1", ADD_TIMESTAMP_AUTO, "2"},
	{"9", ADD_TIMESTAMP_AUTO, "10"},
	{"002", ADD_TIMESTAMP_AUTO, "003"},
	{"009", ADD_TIMESTAMP_AUTO, "010"},
	{"099", ADD_TIMESTAMP_AUTO, "100"},
	{"999", ADD_TIMESTAMP_AUTO, "1000"},
	{"0", ADD_TIMESTAMP_AUTO, "1"},
	{"2.0.54", ADD_TIMESTAMP_AUTO, "2.0.55"},
	{"1.0", ADD_TIMESTAMP_AUTO, "1.1"},
	{"1_2", ADD_TIMESTAMP_AUTO, "1_3"},
	{"1_2.09", ADD_TIMESTAMP_AUTO, "1_2.10"},
	{"123456789012345678901234567890", ADD_TIMESTAMP_AUTO, "123456789012345678901234567891"},
	{"3", ADD_TIMESTAMP_NEVER, "4"},
	{"3", ADD_TIMESTAMP_ALWAYS, "4_20260102030405"},
	{"3.1", ADD_TIMESTAMP_ALWAYS, "3.2.20260102030405"},

	/* a time after a number */
	{"002_20240829162505", ADD_TIMESTAMP_AUTO, "003_20260102030405"},
	{"002_20240829162505", ADD_TIMESTAMP_ALWAYS, "003_20260102030405"},
	{"002_20240829162505", ADD_TIMESTAMP_NEVER, "003"},
	{"1.9.202408291625", ADD_TIMESTAMP_AUTO, "1.10.202601020304"},
	{"7_20240829", ADD_TIMESTAMP_AUTO, "8_20260102"},
	{"7_20990829162505123", ADD_TIMESTAMP_AUTO, "8_20260102030405678"},

	/* a time alone: now, or one unit later */
	{"20240829162505", ADD_TIMESTAMP_AUTO, "20260102030405"},
	{"20260102030405", ADD_TIMESTAMP_AUTO, "20260102030406"},
	{"20280229235959", ADD_TIMESTAMP_AUTO, "20280301000000"},
	{"20270228235959", ADD_TIMESTAMP_AUTO, "20270301000000"},
	{"20991231235959", ADD_TIMESTAMP_AUTO, "21000101000000"},
	{"21001231235959", ADD_TIMESTAMP_AUTO, "21010101000000"},
	{"21000228235959", ADD_TIMESTAMP_AUTO, "21000301000000"},
	{"20280810101010", ADD_TIMESTAMP_AUTO, "20280810101011"},
	{"20240829162505", ADD_TIMESTAMP_NEVER, "20240829162506"},
	{"202408291625", ADD_TIMESTAMP_AUTO, "202601020304"},
	{"202601020304", ADD_TIMESTAMP_AUTO, "202601020305"},
	{"20240829162505123", ADD_TIMESTAMP_AUTO, "20260102030405678"},
	{"20260102030405678", ADD_TIMESTAMP_AUTO, "20260102030405679"},
	{"20260102030405999", ADD_TIMESTAMP_AUTO, "20260102030406000"},
	{"1724949045", ADD_TIMESTAMP_AUTO, "1767323045"},
	{"1767323045", ADD_TIMESTAMP_AUTO, "1767323046"},
	{"1724949045123", ADD_TIMESTAMP_AUTO, "1767323045678"},
	{"1767323045678", ADD_TIMESTAMP_AUTO, "1767323045679"},

	/* days */
	{"20240829", ADD_TIMESTAMP_AUTO, "20260102"},
	{"20260102", ADD_TIMESTAMP_AUTO, "20260102_1"},
	{"20270102", ADD_TIMESTAMP_AUTO, "20270102_1"},
	{"20240829_3", ADD_TIMESTAMP_AUTO, "20260102_1"},
	{"20240829.03", ADD_TIMESTAMP_AUTO, "20260102.01"},
	{"20260102_3", ADD_TIMESTAMP_AUTO, "20260102_4"},
	{"20240829_1625", ADD_TIMESTAMP_AUTO, "20260102_0304"},
	{"20240829_162505", ADD_TIMESTAMP_AUTO, "20260102_030405"},
	{"20260102_010101", ADD_TIMESTAMP_AUTO, "20260102_030405"},
	{"20260102_030405", ADD_TIMESTAMP_AUTO, "20260102_030406"},
	{"20260102_999999", ADD_TIMESTAMP_AUTO, "20260102_1000000"},
	{"2024.08.29", ADD_TIMESTAMP_AUTO, "2026.01.02"},
	{"2026.01.02", ADD_TIMESTAMP_AUTO, "2026.01.02.1"},
	{"2024_08_29_7", ADD_TIMESTAMP_AUTO, "2026_01_02_1"},
	{"2026_01_02_7", ADD_TIMESTAMP_AUTO, "2026_01_02_8"},
	{"2024082907", ADD_TIMESTAMP_AUTO, "2026010201"},
	{"2026010207", ADD_TIMESTAMP_AUTO, "2026010208"},
	{"2027010207", ADD_TIMESTAMP_AUTO, "2027010208"},

	/* what only looks like one */
	{"20241329162505", ADD_TIMESTAMP_AUTO, "20241329162506"},
	{"20240829252505", ADD_TIMESTAMP_AUTO, "20240829252506"},
	{"10000001", ADD_TIMESTAMP_AUTO, "10000002"},
	{"2024.13.01", ADD_TIMESTAMP_AUTO, "2024.13.02"},
	{"2024.8.29", ADD_TIMESTAMP_AUTO, "2024.8.30"},
	{"20240829.1.1", ADD_TIMESTAMP_AUTO, "20240829.1.2"},
	{"1.1724949045", ADD_TIMESTAMP_AUTO, "1.1724949046"},
	{"9999999999", ADD_TIMESTAMP_AUTO, "10000000000"},
};

START_TEST(follows_in_the_same_form)
{
	const char *next = NULL;

	ck_assert_msg(next_version(&arena, rows[_i].raw, rows[_i].timestamp, now, &next, &err),
	              "%s: %s", rows[_i].raw, err.message);
	ck_assert_msg(strcmp(next, rows[_i].next) == 0, "%s: %s instead of %s", rows[_i].raw, next,
	              rows[_i].next);
}
END_TEST

/* Whatever it is, migrate applies it after the old one. */
START_TEST(is_always_higher)
{
	struct version before, after;
	const char *next = NULL;

	if (rows[_i].raw == NULL)
		return;
	ck_assert(next_version(&arena, rows[_i].raw, rows[_i].timestamp, now, &next, &err));
	ck_assert(version_parse(&arena, rows[_i].raw, &before, &err));
	ck_assert(version_parse(&arena, next, &after, &err));
	ck_assert_msg(version_compare(&before, &after) < 0, "%s, %s", rows[_i].raw, next);
}
END_TEST

static const char *const no_numbers[] = {"1.-2", "+1", "1.", "\xef\xbc\x91", ""};

START_TEST(continues_plain_numbers_only)
{
	const char *next = "unchanged";

	ck_assert(!next_version(&arena, no_numbers[_i], ADD_TIMESTAMP_AUTO, now, &next, &err));
	ck_assert_str_eq(err.message,
	                 arena_printf(&arena,
	                              "Unable to continue version %s: give the next one with "
	                              "-version",
	                              no_numbers[_i]));
	ck_assert_str_eq(next, "unchanged");
}
END_TEST

START_TEST(stamps_a_version_once)
{
	ck_assert_str_eq(next_version_stamped(&arena, "7", now), "7_20260102030405");
	ck_assert_str_eq(next_version_stamped(&arena, "7.1", now), "7.1.20260102030405");
	ck_assert_str_eq(next_version_stamped(&arena, "7_20240829162505", now), "7_20240829162505");
	ck_assert_str_eq(next_version_stamped(&arena, "-7", now), "-7");
}
END_TEST

Suite *next_version_suite(void)
{
	Suite *suite = suite_create("next_version");
	TCase *tc = tcase_create("next_version");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, follows_in_the_same_form, 0, COUNT(rows));
	tcase_add_loop_test(tc, is_always_higher, 0, COUNT(rows));
	tcase_add_loop_test(tc, continues_plain_numbers_only, 0, COUNT(no_numbers));
	tcase_add_test(tc, stamps_a_version_once);
	suite_add_tcase(suite, tc);
	return suite;
}
