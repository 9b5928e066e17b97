/* SPDX-License-Identifier: Apache-2.0 */
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

/* Local time "2026-11-21T14:38:33.5434": the fraction with as many digits as it has. */
const char *clock_format_iso(struct arena *arena, struct timespec when);

/*
 * "2026-11-21 14:38:33.458777", taken as local time, becomes "2026-11-21T13:38:33.458777Z". The
 * fraction has 0, 3, 6 or 9 digits. In the hour that clocks skip or show twice it is standard time,
 * as for Java. What is no time ("infinity") is returned as it is.
 */
const char *clock_local_to_utc(struct arena *arena, const char *local);

#endif
