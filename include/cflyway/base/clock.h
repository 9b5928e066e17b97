/*
 * clock.h - what time it is, and how Flyway writes times
 *
 * A fixed clock replaces the real one in tests.
 */
#ifndef CFLYWAY_BASE_CLOCK_H
#define CFLYWAY_BASE_CLOCK_H

#include "cflyway/base/arena.h"

#include <stdint.h>
#include <time.h>

struct clock {
	struct timespec (*now)(const struct clock *clock); /* since 1970, UTC */
	int64_t (*monotonic_ms)(const struct clock *clock);
	void (*sleep_ms)(const struct clock *clock, int64_t ms);
	void *ctx; /* for fixed clocks */
};

extern const struct clock clock_system;

/* "00:01.234s": minutes, seconds, milliseconds; minutes do not turn into hours. */
const char *clock_format_duration(struct arena *arena, int64_t ms);

/* Local time "2026-11-21 14:38:33". */
const char *clock_format_local(struct arena *arena, struct timespec when);

#endif
