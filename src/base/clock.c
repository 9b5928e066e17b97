/* clock.c - what time it is, and how Flyway writes times */
#include "cflyway/base/clock.h"

#include <errno.h>
#include <inttypes.h>

enum { MS_PER_S = 1000, MS_PER_MIN = 60 * MS_PER_S, NS_PER_MS = 1000000 };

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
	return arena_printf(arena, "%04d-%02d-%02d %02d:%02d:%02d", local.tm_year + 1900,
	                    local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
	                    local.tm_sec);
}
