/* SPDX-License-Identifier: Apache-2.0 */
/* fake_sleep.c - nanosleep that returns at once and keeps what it was asked for */
#include "fake_sleep.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { CALLS_MAX = 32, MS_PER_S = 1000, NS_PER_MS = 1000000 };

static struct {
	bool is_open;
	int interruptions;
	int64_t ms[CALLS_MAX];
	size_t n;
} fake;

void fake_sleep_begin(int interruptions)
{
	fake.is_open = true;
	fake.interruptions = interruptions;
	fake.n = 0;
}

const char *fake_sleep_end(struct arena *arena)
{
	const char *text = "";

	fake.is_open = false;
	for (size_t i = 0; i < fake.n && i < CALLS_MAX; i++)
		text = arena_printf(arena, "%s%lld ", text, (long long)fake.ms[i]);
	return text;
}

/* Takes the place of the function of the C library in this program. */
int nanosleep(const struct timespec *wanted, struct timespec *rest)
{
	int64_t ms = (int64_t)wanted->tv_sec * MS_PER_S + wanted->tv_nsec / NS_PER_MS;

	if (!fake.is_open) {
		errno = clock_nanosleep(CLOCK_REALTIME, 0, wanted, rest);
		return errno == 0 ? 0 : -1;
	}
	if (fake.n < CALLS_MAX)
		fake.ms[fake.n] = ms;
	fake.n++;
	if (fake.interruptions == 0)
		return 0;
	fake.interruptions--;
	rest->tv_sec = (time_t)(ms / 2 / MS_PER_S);
	rest->tv_nsec = (long)(ms / 2 % MS_PER_S) * NS_PER_MS;
	errno = EINTR;
	return -1;
}
