/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watchdog.h - names the test that was running when the unit tests crash or hang
 *
 * Without a process of its own for each test (CK_FORK=no) libcheck cannot tell.
 */
#ifndef CFLYWAY_TESTS_WATCHDOG_H
#define CFLYWAY_TESTS_WATCHDOG_H

/* Where a test stands. */
struct watched_test {
	const char *name, *file;
	int line;
};

/*
 * Names the test on standard error before a signal or a sanitizer ends the process, and ends it
 * when one test takes longer than UNIT_TIMEOUT_S seconds (20; 0: as long as it likes).
 */
void watchdog_start(void);

/* A test begins: its i-th case. test must live on. Called by START_TEST. */
void watchdog_watch(const struct watched_test *test, int i);

#endif
