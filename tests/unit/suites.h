/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suites.h - the unit test suites, one per file test_NAME.c, listed in suites.def
 */
#ifndef CFLYWAY_TESTS_SUITES_H
#define CFLYWAY_TESTS_SUITES_H

#include "watchdog.h"

#include <check.h>

/* The time zone of all tests; one that sets another brings it back. */
#define UNIT_TIME_ZONE "UTC0"

/* As in check.h, but the watchdog knows which test is running. */
#undef START_TEST
#define START_TEST(test)                                                                           \
	static void test##_body(int _i CK_ATTRIBUTE_UNUSED);                                       \
	static void test##_fn(int _i)                                                              \
	{                                                                                          \
		static const struct watched_test watched = {#test, __FILE__, __LINE__};            \
                                                                                                   \
		watchdog_watch(&watched, _i);                                                      \
		test##_body(_i);                                                                   \
	}                                                                                          \
	static const TTest test##_ttest = {#test, test##_fn, __FILE__, __LINE__};                  \
	static const TTest *test = &test##_ttest;                                                  \
	static void test##_body(int _i CK_ATTRIBUTE_UNUSED)

#define SUITE(name) Suite *name##_suite(void);
#include "suites.def"
#undef SUITE

#endif
