/* SPDX-License-Identifier: Apache-2.0 */
/* test_name_index.c - names are found again, however many there are */
#include "suites.h"

#include "cflyway/base/name_index.h"

#include <stdint.h>

enum { MANY = 20000 };

static struct arena arena;

static void set_up(void)
{
	arena_init(&arena);
}

static void tear_down(void)
{
	arena_release(&arena);
}

START_TEST(finds_many_names)
{
	struct name_index index = {0};

	for (size_t i = 0; i < MANY; i++) {
		struct str name = str_of(arena_printf(&arena, "name.%zu", i));

		ck_assert_uint_eq(name_index_find(&index, name), SIZE_MAX);
		name_index_put(&arena, &index, name, i);
	}
	ck_assert_uint_eq(index.n, MANY);
	for (size_t i = 0; i < MANY; i++)
		ck_assert_uint_eq(
			name_index_find(&index, str_of(arena_printf(&arena, "name.%zu", i))), i);
	ck_assert_uint_eq(name_index_find(&index, STR("name.")), SIZE_MAX);
	ck_assert_uint_eq(name_index_find(&index, STR("NAME.1")), SIZE_MAX);
}
END_TEST

START_TEST(takes_the_last_position)
{
	struct name_index index = {0};

	name_index_put(&arena, &index, STR("a"), 1);
	name_index_put(&arena, &index, STR(""), 2);
	name_index_put(&arena, &index, STR("a"), 3);
	ck_assert_uint_eq(index.n, 2);
	ck_assert_uint_eq(name_index_find(&index, STR("a")), 3);
	ck_assert_uint_eq(name_index_find(&index, STR("")), 2);
}
END_TEST

START_TEST(ignores_the_case_of_letters)
{
	struct name_index index = {.ignores_case = true};

	name_index_put(&arena, &index, STR("Flyway:User"), 1);
	ck_assert_uint_eq(name_index_find(&index, STR("FLYWAY:uSER")), 1);
	name_index_put(&arena, &index, STR("flyway:user"), 2);
	ck_assert_uint_eq(index.n, 1);
	ck_assert_uint_eq(name_index_find(&index, STR("Flyway:User")), 2);
	ck_assert_uint_eq(name_index_find(&index, STR("Flyway[User")), SIZE_MAX);
}
END_TEST

Suite *name_index_suite(void)
{
	Suite *suite = suite_create("name_index");
	TCase *tc = tcase_create("name_index");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, finds_many_names);
	tcase_add_test(tc, takes_the_last_position);
	tcase_add_test(tc, ignores_the_case_of_letters);
	suite_add_tcase(suite, tc);
	return suite;
}
