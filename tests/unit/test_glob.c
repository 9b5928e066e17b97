/* SPDX-License-Identifier: Apache-2.0 */
/* test_glob.c - locations with wildcards; the matches are recorded from Flyway 12.4.0 */
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/glob.h"

/* Below "sql"; relative is the script name, NULL where nothing is found. */
static const struct {
	const char *pattern, *path, *relative;
} cases[] = {
	{"*", "V1__a.sql", NULL},
	{"*", "sub/V2__b.sql", "V2__b.sql"},
	{"*", "a/b/c/V8__x.sql", "b/c/V8__x.sql"},
	{"s?b", "sub/V2__b.sql", "V2__b.sql"},
	{"s?b", "sb/V2__b.sql", NULL},
	{"**/V2__b.sql", "sub/V2__b.sql", "sub/V2__b.sql"},
	{"**/V1__a.sql", "V1__a.sql", "V1__a.sql"},
	{"**/**/V2__b.sql", "sub/V2__b.sql", "sub/V2__b.sql"},
	{"**/**/V7__x.sql", "a/b/V7__x.sql", "a/b/V7__x.sql"},
	{"**/*.sql", "V1__a.sql", "V1__a.sql"},
	{"**/b", "a/b/c/V8__x.sql", "c/V8__x.sql"},
	{"**/b/c", "a/b/c/V8__x.sql", "V8__x.sql"},
	{"**/b/*", "a/b/c/V8__x.sql", "V8__x.sql"},
	{"**/b/*", "a/b/V7__x.sql", NULL},
	{"*/b", "a/b/V7__x.sql", "V7__x.sql"},
	{"*/b", "b/V7__x.sql", NULL},
	{"**", "sub/V2__b.sql", NULL},
	{"**", "V1__a.sql", NULL},
	{"**/V*", "sub/V2__b.sql", NULL},
	{"**.sql", "V1__a.sql", "V1__a.sql"},
	{"**.sql", "sub/V2__b.sql", NULL},
	{"a**/V*.sql", "a/V7__x.sql", NULL},
	{"a**/b", "a/b/V7__x.sql", NULL},
	{"V*.sql", "V1__a.sql", "V1__a.sql"},
	{"V*.sql", "sub/V2__b.sql", NULL},
	{"V9__?.sql", "V9__é.sql", "V9__é.sql"},
	{"*.*/x", "a.b/x/V1__a.sql", "V1__a.sql"},
	{"s*/V*.sql", "sub/V2__b.sql", "sub/V2__b.sql"},
	{"*.SQL", "V1__a.sql", NULL},
};

START_TEST(finds_scripts)
{
	struct str relative;
	bool found = glob_match(str_of(cases[_i].pattern), str_of(cases[_i].path), &relative);

	ck_assert_msg(found == (cases[_i].relative != NULL), "%s: %s", cases[_i].pattern,
	              cases[_i].path);
	if (found)
		ck_assert_str_eq(relative.ptr, cases[_i].relative);
}
END_TEST

/* A pattern that would take a simple matcher for ever. */
START_TEST(stays_fast)
{
	char pattern[401] = "", path[2001];
	struct str relative;

	for (size_t i = 0; i < sizeof(pattern) - 1; i++)
		pattern[i] = "**/a/*b/"[i % 8];
	memset(path, 'a', sizeof(path) - 1);
	for (size_t i = 1; i < sizeof(path) - 1; i += 2)
		path[i] = '/';
	path[sizeof(path) - 1] = '\0';
	ck_assert(!glob_match(str_of(pattern), str_of(path), &relative));
	memset(path, 'a', sizeof(path) - 1);
	ck_assert(!glob_match(str_of("*a*a*a*a*a*a*a*a*a*a*a*a*a*ab.c"), str_of(path), &relative));
}
END_TEST

static const struct {
	const char *pattern, *directory;
	bool may;
} below[] = {
	{"*", "sub", true},         {"s*", "sub", true},
	{"s*", "other", false},     {"s*", "sub/deep", true},
	{"*.sql", "sub", false},    {"*.sql", "V1__a.sql", false},
	{"*/*.sql", "sub", true},   {"*/*.sql", "sub/deep", false},
	{"a/b/c", "a", true},       {"a/b/c", "a/x", false},
	{"a/b/c", "a/b/c/d", true}, {"a/**/c", "a/x/y", true},
	{"a/**/c", "b/x/y", false}, {"**", "a", false},
	{"**/*.sql", "a/b", true},
};

START_TEST(knows_where_scripts_may_be)
{
	ck_assert_msg(glob_may_match_below(str_of(below[_i].pattern),
	                                   str_of(below[_i].directory)) == below[_i].may,
	              "%s: %s", below[_i].pattern, below[_i].directory);
}
END_TEST

START_TEST(tells_files_from_directories)
{
	ck_assert(glob_names_files(str_of("*/V*.sql")));
	ck_assert(!glob_names_files(str_of("*.*/x")));
}
END_TEST

Suite *glob_suite(void)
{
	Suite *suite = suite_create("glob");
	TCase *tc = tcase_create("glob");

	tcase_add_loop_test(tc, finds_scripts, 0, COUNT(cases));
	tcase_add_loop_test(tc, knows_where_scripts_may_be, 0, COUNT(below));
	tcase_add_test(tc, stays_fast);
	tcase_add_test(tc, tells_files_from_directories);
	suite_add_tcase(suite, tc);
	return suite;
}
