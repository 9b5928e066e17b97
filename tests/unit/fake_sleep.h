/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_sleep.h - nanosleep that returns at once and keeps what it was asked for
 */
#ifndef CFLYWAY_TESTS_FAKE_SLEEP_H
#define CFLYWAY_TESTS_FAKE_SLEEP_H

#include "cflyway/base/arena.h"

/* From now on nobody sleeps. The first calls, so many, are interrupted by a signal half way. */
void fake_sleep_begin(int interruptions);

/* "1000 2000 " for the milliseconds of each call since; nanosleep is as before. */
const char *fake_sleep_end(struct arena *arena);

#endif
