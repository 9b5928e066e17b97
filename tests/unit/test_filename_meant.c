/* SPDX-License-Identifier: Apache-2.0 */
/* test_filename_meant.c - the names that misnamed scripts were probably to have */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/filename_meant.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

#define UNDERSCORES "two underscores are needed: "

static const struct {
	const char *name, *meant;
} names[] = {
	{"V1_a.sql", UNDERSCORES "V1__a.sql"},
	{"V1_2_add_it.sql", UNDERSCORES "V1_2__add_it.sql"},
	{"V1.2_add_it.sql", UNDERSCORES "V1.2__add_it.sql"},
	{"V3-c.sql", UNDERSCORES "V3__c.sql"},
	{"V4 d e.SQL", UNDERSCORES "V4__d e.SQL"},
	{"V6.g.sql", UNDERSCORES "V6__g.sql"},
	{"V_5__e.sql", "the version follows the prefix: V5__e.sql"},
	{"v1__a.sql", "the prefix is V: V1__a.sql"},
	{"v7_x.sql", "the prefix is V, and " UNDERSCORES "V7__x.sql"},
	{"R_f.sql", UNDERSCORES "R__f.sql"},
	{"r__g.sql", "the prefix is R: R__g.sql"},
	{"b8__x.sql", "the prefix is B: B8__x.sql"},
	{"U8_x.sql", UNDERSCORES "U8__x.sql"},
	{"Users.sql", NULL},
	{"Values.sql", NULL},
	{"readme.sql", NULL},
	{"R1__x.sql", NULL},
	{"V1_.sql", NULL},
	{"V.sql", NULL},
	{"9_y.sql", NULL},
	{".sql", NULL},
};

static struct filename_rules rules_of(void)
{
	static const char *const suffixes[] = {".sql"};

	return (struct filename_rules){
		.versioned_prefix = "V",
		.repeatable_prefix = "R",
		.baseline_prefix = "B",
		.undo_prefix = "U",
		.separator = "__",
		.suffixes = {(const char **)suffixes, COUNT(suffixes)},
	};
}

START_TEST(says_what_is_wrong)
{
	const struct filename_rules rules = rules_of();
	const char *meant = filename_meant(&arena, names[_i].name, &rules);

	if (names[_i].meant == NULL)
		ck_assert_pstr_eq(meant, NULL);
	else
		ck_assert_pstr_eq(meant,
		                  arena_printf(&arena, "%s: %s", names[_i].name, names[_i].meant));
}
END_TEST

START_TEST(knows_other_rules)
{
	struct filename_rules rules = rules_of();

	rules.versioned_prefix = "Migration";
	rules.separator = "-";
	rules.undo_prefix = "";
	ck_assert_pstr_eq(filename_meant(&arena, "migration1_x.sql", &rules),
	                  "migration1_x.sql: the prefix is Migration, and the separator is -: "
	                  "Migration1-x.sql");
	ck_assert_pstr_eq(filename_meant(&arena, "U8_x.sql", &rules), NULL);
}
END_TEST

Suite *filename_meant_suite(void)
{
	Suite *suite = suite_create("filename_meant");
	TCase *tc = tcase_create("filename_meant");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, says_what_is_wrong, 0, COUNT(names));
	tcase_add_test(tc, knows_other_rules);
	suite_add_tcase(suite, tc);
	return suite;
}
