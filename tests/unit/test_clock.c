/* test_clock.c - what time it is, and how Flyway writes times */
#include "suites.h"

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

START_TEST(writes_local_times)
{
	const struct timespec when = {.tv_sec = times[_i].when, .tv_nsec = 999999999};
	const char *zone = getenv("TZ");
	const char *before = zone ? arena_strdup(&arena, zone) : NULL;

	setenv("TZ", times[_i].zone, 1);
	tzset();
	const char *text = clock_format_local(&arena, when);
	if (before)
		setenv("TZ", before, 1);
	else
		unsetenv("TZ");
	tzset();
	ck_assert_str_eq(text, times[_i].text);
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

Suite *clock_suite(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = tcase_create("clock");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, writes_durations_without_hours, 0, COUNT(durations));
	tcase_add_loop_test(tc, writes_local_times, 0, COUNT(times));
	tcase_add_test(tc, goes_forward);
	suite_add_tcase(suite, tc);
	return suite;
}
