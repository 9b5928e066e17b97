/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - tells the time, and writes times as Flyway does
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

/* Returns "00:01.234s": minutes, seconds and milliseconds; minutes do not turn into hours. */
const char *clock_format_duration(struct arena *arena, int64_t ms);

/* Returns the local time as "2026-11-21 14:38:33". */
const char *clock_format_local(struct arena *arena, struct timespec when);

/* Returns the local time as "2026-11-21T14:38:33.5434", with the digits that the fraction needs. */
const char *clock_format_iso(struct arena *arena, struct timespec when);

/*
 * Turns the local time "2026-11-21 14:38:33.458777" into "2026-11-21T13:38:33.458777Z". The
 * fraction of the result has 0, 3, 6 or 9 digits. A time in the hour that clocks skip or show twice
 * is standard time, as in Java. A string that is not a time ("infinity") is returned unchanged.
 */
const char *clock_local_to_utc(struct arena *arena, const char *local);

#endif
