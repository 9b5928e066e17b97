/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_modes.c - the modes of PostgreSQL's locks on tables */
#include "suites.h"

#include "../../src/core/trial_modes.h"

#include "cflyway/base/attr.h"

/* The table of the documentation: a row for each level, with the levels that it conflicts with. */
static const char *const table[] = {"",      "8",      "78",      "5678",    "45678",
                                    "34678", "345678", "2345678", "12345678"};

START_TEST(knows_which_modes_conflict)
{
	for (int other = 0; other <= TRIAL_MODES_N; other++)
		ck_assert_msg(trial_modes_conflict((size_t)_i, (size_t)other) ==
		                      (strchr(table[_i], '0' + other) != NULL),
		              "%d and %d", _i, other);
}
END_TEST

static const struct {
	const char *name, *words, *blocks;
} modes[] = {
	{"AccessShareLock", "ACCESS SHARE", NULL},
	{"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE", "DDL and VACUUM"},
	{"ShareLock", "SHARE", "writes"},
	{"AccessExclusiveLock", "ACCESS EXCLUSIVE", "reads and writes"},
	{"SIReadLock", NULL, NULL},
	{"", NULL, NULL},
};

START_TEST(names_modes)
{
	const size_t level = trial_mode_level(str_of(modes[_i].name));

	ck_assert(str_same(trial_mode_words(level), modes[_i].words));
	ck_assert(str_same(trial_mode_blocks(level), modes[_i].blocks));
}
END_TEST

Suite *trial_modes_suite(void)
{
	Suite *suite = suite_create("trial_modes");
	TCase *tc = tcase_create("trial_modes");

	tcase_add_loop_test(tc, knows_which_modes_conflict, 0, COUNT(table));
	tcase_add_loop_test(tc, names_modes, 0, COUNT(modes));
	suite_add_tcase(suite, tc);
	return suite;
}
