/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c - tells the time, and writes times as Flyway does */
#include "cflyway/base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

enum { MS_PER_S = 1000, MS_PER_MIN = 60 * MS_PER_S, NS_PER_MS = 1000000 };
enum { FIRST_YEAR = 1900, FRACTION_DIGITS = 9 };

static struct timespec system_now(const struct clock *clock)
{
	struct timespec now;

	(void)clock;
	clock_gettime(CLOCK_REALTIME, &now);
	return now;
}

static int64_t system_monotonic_ms(const struct clock *clock)
{
	struct timespec now;

	(void)clock;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static void system_sleep_ms(const struct clock *clock, int64_t ms)
{
	struct timespec rest = {
		.tv_sec = (time_t)(ms / MS_PER_S),
		.tv_nsec = (long)(ms % MS_PER_S) * NS_PER_MS,
	};

	(void)clock;
	while (ms > 0 && nanosleep(&rest, &rest) != 0 && errno == EINTR)
		continue;
}

const struct clock clock_system = {
	.now = system_now,
	.monotonic_ms = system_monotonic_ms,
	.sleep_ms = system_sleep_ms,
};

const char *clock_format_duration(struct arena *arena, int64_t ms)
{
	return arena_printf(arena, "%02" PRId64 ":%02d.%03ds", ms / MS_PER_MIN,
	                    (int)(ms % MS_PER_MIN / MS_PER_S), (int)(ms % MS_PER_S));
}

const char *clock_format_local(struct arena *arena, struct timespec when)
{
	struct tm local = {0};

	localtime_r(&when.tv_sec, &local);
	return arena_printf(arena, "%04d-%02d-%02d %02d:%02d:%02d", local.tm_year + FIRST_YEAR,
	                    local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
	                    local.tm_sec);
}

const char *clock_format_iso(struct arena *arena, struct timespec when)
{
	struct tm local = {0};

	localtime_r(&when.tv_sec, &local);
	char *text = arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%09ld",
	                          local.tm_year + FIRST_YEAR, local.tm_mon + 1, local.tm_mday,
	                          local.tm_hour, local.tm_min, local.tm_sec, when.tv_nsec);
	size_t len = strlen(text);

	while (text[len - 1] == '0')
		len--;
	text[text[len - 1] == '.' ? len - 1 : len] = '\0';
	return text;
}

/* --- stored times -------------------------------------------------------------------------- */

/* Removes a separator (0: none) and a number with this many digits from *text. */
static bool take(const char **text, char separator, int digits, int *number)
{
	if (separator != '\0' && *(*text)++ != separator)
		return false;
	*number = 0;
	for (int i = 0; i < digits; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		*number = *number * 10 + (**text - '0');
	}
	return true;
}

/* Parses "2026-11-21 14:38:33" and leaves *text after it. */
static bool parse_local(const char **text, struct tm *local)
{
	*local = (struct tm){0};
	if (!take(text, '\0', 4, &local->tm_year) || !take(text, '-', 2, &local->tm_mon) ||
	    !take(text, '-', 2, &local->tm_mday) || !take(text, ' ', 2, &local->tm_hour) ||
	    !take(text, ':', 2, &local->tm_min) || !take(text, ':', 2, &local->tm_sec))
		return false;
	local->tm_year -= FIRST_YEAR;
	local->tm_mon -= 1;
	return true;
}

/* Reads the time as standard time, or as summer time if clocks show it only then. */
static time_t seconds_of(const struct tm *local)
{
	struct tm standard = *local, summer = *local;

	standard.tm_isdst = 0;
	summer.tm_isdst = 1;
	time_t by_standard = mktime(&standard), by_summer = mktime(&summer);
	bool is_summer = standard.tm_isdst > 0 && summer.tm_isdst > 0 &&
	                 summer.tm_hour == local->tm_hour && summer.tm_min == local->tm_min;

	return is_summer ? by_summer : by_standard;
}

/* Turns ".5" into ".500": groups of three digits; no fraction if it is zero. */
static const char *group_fraction(struct arena *arena, const char *text)
{
	char digits[FRACTION_DIGITS + 1] = "000000000";
	size_t n = 0;

	if (*text++ != '.')
		return "";
	for (size_t i = 0; i < FRACTION_DIGITS && text[i] >= '0' && text[i] <= '9'; i++) {
		digits[i] = text[i];
		if (digits[i] != '0')
			n = (i / 3 + 1) * 3;
	}
	return n == 0 ? "" : arena_printf(arena, ".%.*s", (int)n, digits);
}

const char *clock_local_to_utc(struct arena *arena, const char *text)
{
	struct tm local, utc;
	const char *rest = text;

	if (!parse_local(&rest, &local))
		return text;
	time_t when = seconds_of(&local);
	gmtime_r(&when, &utc);
	return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", utc.tm_year + FIRST_YEAR,
	                    utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
	                    group_fraction(arena, rest));
}
