/* SPDX-License-Identifier: Apache-2.0 */
/* test_clock.c - what time it is, and how Flyway writes times */
#include "suites.h"

#include "fake_sleep.h"

#include "cflyway/base/clock.h"

#include <stdlib.h>

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
	int64_t ms;
	const char *text;
} durations[] = {
	{0, "00:00.000s"},        {5, "00:00.005s"},     {1234, "00:01.234s"},
	{59999, "00:59.999s"},    {60000, "01:00.000s"}, {4500000, "75:00.000s"},
	{6000000, "100:00.000s"},
};

START_TEST(writes_durations_without_hours)
{
	ck_assert_str_eq(clock_format_duration(&arena, durations[_i].ms), durations[_i].text);
}
END_TEST

static const struct {
	const char *zone;
	time_t when;
	const char *text;
} times[] = {
	{"UTC0", 0, "1970-01-01 00:00:00"},
	{"UTC0", 1795271913, "2026-11-21 14:38:33"},
	{"JST-9", 1795271913, "2026-11-21 23:38:33"},
	{"EST5", 1795271913, "2026-11-21 09:38:33"},
};

/* The zone in which functions of the C library see times, until leave_zone. */
static const char *enter_zone(const char *zone)
{
	const char *before = getenv("TZ");

	before = before != NULL ? arena_strdup(&arena, before) : NULL;
	setenv("TZ", zone, 1);
	tzset();
	return before;
}

static void leave_zone(const char *before)
{
	if (before != NULL)
		setenv("TZ", before, 1);
	else
		unsetenv("TZ");
	tzset();
}

START_TEST(writes_local_times)
{
	const struct timespec when = {.tv_sec = times[_i].when, .tv_nsec = 999999999};
	const char *before = enter_zone(times[_i].zone);
	const char *text = clock_format_local(&arena, when);

	leave_zone(before);
	ck_assert_str_eq(text, times[_i].text);
}
END_TEST

static const struct {
	const char *zone;
	struct timespec when;
	const char *text;
} iso_times[] = {
	{"UTC0", {.tv_sec = 1795271913}, "2026-11-21T14:38:33"},
	{"UTC0", {.tv_sec = 1795271913, .tv_nsec = 543428170}, "2026-11-21T14:38:33.54342817"},
	{"UTC0", {.tv_sec = 1795271913, .tv_nsec = 1}, "2026-11-21T14:38:33.000000001"},
	{"UTC0", {.tv_sec = 1795271910, .tv_nsec = 500000000}, "2026-11-21T14:38:30.5"},
	{"JST-9", {.tv_sec = 1795271913, .tv_nsec = 120000000}, "2026-11-21T23:38:33.12"},
};

START_TEST(writes_iso_times_with_as_many_digits_as_needed)
{
	const char *before = enter_zone(iso_times[_i].zone);
	const char *text = clock_format_iso(&arena, iso_times[_i].when);

	leave_zone(before);
	ck_assert_str_eq(text, iso_times[_i].text);
}
END_TEST

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static const struct {
	const char *zone, *local, *utc;
} stored_times[] = {
	{"UTC0", "2026-11-21 14:38:33.458777", "2026-11-21T14:38:33.458777Z"},
	{"UTC0", "2026-11-21 14:38:33.5", "2026-11-21T14:38:33.500Z"},
	{"UTC0", "2026-11-21 14:38:33.0001", "2026-11-21T14:38:33.000100Z"},
	{"UTC0", "2026-11-21 14:38:33.1234567891", "2026-11-21T14:38:33.123456789Z"},
	{"UTC0", "2026-11-21 14:38:33.000", "2026-11-21T14:38:33Z"},
	{"UTC0", "2026-11-21 14:38:33", "2026-11-21T14:38:33Z"},
	{"JST-9", "2026-11-21 15:07:00", "2026-11-21T06:07:00Z"},
	{"EST5", "2026-12-31 23:00:00", "2027-01-01T04:00:00Z"},
	{BERLIN, "2020-07-02 03:04:05.678", "2020-07-02T01:04:05.678Z"},
	{BERLIN, "2020-01-02 03:04:05", "2020-01-02T02:04:05Z"},
	{BERLIN, "2020-10-25 02:30:00.000001", "2020-10-25T01:30:00.000001Z"}, /* shown twice */
	{BERLIN, "2020-03-29 02:30:00", "2020-03-29T01:30:00Z"},               /* skipped */
	{BERLIN, "2020-10-25 01:59:59", "2020-10-24T23:59:59Z"},
	{"UTC0", "infinity", "infinity"},
	{"UTC0", "2026-11-21", "2026-11-21"},
	{"UTC0", "2026-11-21 14:38", "2026-11-21 14:38"},
	{"UTC0", "2026-11-21T14:38:33", "2026-11-21T14:38:33"},
	{"UTC0", "", ""},
};

START_TEST(takes_stored_times_as_local)
{
	const char *before = enter_zone(stored_times[_i].zone);
	const char *text = clock_local_to_utc(&arena, stored_times[_i].local);

	leave_zone(before);
	ck_assert_str_eq(text, stored_times[_i].utc);
}
END_TEST

START_TEST(goes_forward)
{
	int64_t before = clock_system.monotonic_ms(&clock_system);

	clock_system.sleep_ms(&clock_system, -1);
	clock_system.sleep_ms(&clock_system, 0);
	clock_system.sleep_ms(&clock_system, 2);
	ck_assert_int_ge(clock_system.monotonic_ms(&clock_system), before + 1);
	ck_assert_int_gt(clock_system.now(&clock_system).tv_sec, 1700000000);
}
END_TEST

static const struct {
	int64_t ms;
	int interruptions;
	const char *asked_ms;
} pauses[] = {
	{1, 0, "1 "}, {1999, 0, "1999 "},           {60000, 0, "60000 "}, {0, 0, ""},
	{-1, 0, ""},  {4000, 2, "4000 2000 1000 "}, /* the rest, after a signal */
};

START_TEST(sleeps_until_the_end_whatever_signals_come)
{
	fake_sleep_begin(pauses[_i].interruptions);
	clock_system.sleep_ms(&clock_system, pauses[_i].ms);
	ck_assert_str_eq(fake_sleep_end(&arena), pauses[_i].asked_ms);
}
END_TEST

Suite *clock_suite(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = tcase_create("clock");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, writes_durations_without_hours, 0, COUNT(durations));
	tcase_add_loop_test(tc, writes_local_times, 0, COUNT(times));
	tcase_add_loop_test(tc, writes_iso_times_with_as_many_digits_as_needed, 0,
	                    COUNT(iso_times));
	tcase_add_loop_test(tc, takes_stored_times_as_local, 0, COUNT(stored_times));
	tcase_add_test(tc, goes_forward);
	tcase_add_loop_test(tc, sleeps_until_the_end_whatever_signals_come, 0, COUNT(pauses));
	suite_add_tcase(suite, tc);
	return suite;
}
