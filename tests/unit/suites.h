/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suites.h - the unit test suites, one per file test_NAME.c, listed in suites.def
 */
#ifndef CFLYWAY_TESTS_SUITES_H
#define CFLYWAY_TESTS_SUITES_H

#include <check.h>

#define SUITE(name) Suite *name##_suite(void);
#include "suites.def"
#undef SUITE

#endif
