/* SPDX-License-Identifier: Apache-2.0 */
/* test_cherry_pick.c - which migrations an item of cherryPick names */
#include "suites.h"

#include "cflyway/config/option_value.h"
#include "cflyway/migration/cherry_pick.h"

/* version "": a repeatable migration */
static const struct {
	const char *item, *version, *description;
	bool matches;
} cases[] = {
	{"2.1", "2.1", "x", true},
	{"2_1", "2.1", "x", true},
	{"2.1.0", "2.1", "x", true},
	{"2.1", "2.1.0", "x", true},
	{"02", "2", "x", true},
	{"-1", "-1", "x", true},
	{"2", "2.1", "x", false},
	{"21", "2.1", "x", false},
	{" 2 ", "2", "x", true},
	{"create_table", "3", "create table", true},
	{"create table", "3", "create table", true},
	{"create_table", "", "create table", true},
	{"Create_table", "3", "create table", false},
	{"create", "3", "create table", false},
	{"2024", "", "2024", true},
	{"2024", "1", "2024", false},
	{"2_1", "", "2 1", true},
	{"2.1", "", "2 1", false},
	{"1.", "1", "x", false},
	{"1.", "3", "1.", true},
	{".1", "1", "x", false},
	{"1..2", "1.2", "x", false},
	{"1.2", "1.2", "y", true},
	{"-", "1", "-", true},
	{"1-2", "1", "1-2", true},
	{"latest", "1", "latest", true},
	{"9223372036854775807", "9223372036854775807", "x", true},
};

START_TEST(matches_by_version_or_description)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct version version = version_empty();
	struct str_list texts = {0};

	if (cases[_i].version[0] != '\0')
		ck_assert(version_parse(&arena, cases[_i].version, &version, &err));
	str_list_add(&arena, &texts, cases[_i].item);
	struct cherry_pick picks = cherry_pick_parse(&arena, &texts);
	ck_assert_uint_eq(picks.n, 1);
	ck_assert_msg(cherry_pick_find(&picks, &version, cases[_i].description) ==
	                      (cases[_i].matches ? 0 : 1),
	              "\"%s\", version %s, \"%s\"", cases[_i].item, cases[_i].version,
	              cases[_i].description);
	arena_release(&arena);
}
END_TEST

/* Of an item that is there twice, the first place counts. */
static const struct {
	const char *list, *version;
	size_t n, place;
} lists[] = {
	{"", "1", 0, 0},       {",", "1", 0, 0},     {" , ,", "1", 0, 0},
	{"3,2,1", "3", 3, 0},  {"3,2,1", "1", 3, 2}, {"3, 2 ,1", "2", 3, 1},
	{"3,1,,1", "1", 3, 1}, {"1,2", "3", 2, 2},   {"x,1,1.0", "1", 3, 1},
};

START_TEST(finds_the_first_place)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct version version;
	struct str_list texts = option_parse_list(&arena, lists[_i].list);
	struct cherry_pick picks = cherry_pick_parse(&arena, &texts);

	ck_assert(version_parse(&arena, lists[_i].version, &version, &err));
	ck_assert_uint_eq(picks.n, lists[_i].n);
	ck_assert_uint_eq(cherry_pick_find(&picks, &version, "y"), lists[_i].place);
	arena_release(&arena);
}
END_TEST

Suite *cherry_pick_suite(void)
{
	Suite *suite = suite_create("cherry_pick");
	TCase *tc = tcase_create("cherry_pick");

	tcase_add_loop_test(tc, matches_by_version_or_description, 0, COUNT(cases));
	tcase_add_loop_test(tc, finds_the_first_place, 0, COUNT(lists));
	suite_add_tcase(suite, tc);
	return suite;
}
