/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_guard.c - what surrounds the statements of a script on PostgreSQL */
#include "suites.h"

#include "../../src/db/postgres/connect.h"
#include "../../src/db/postgres/guard.h"
#include "../../src/db/postgres/lock.h"

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

/* Recorded from the statements that Flyway 12.4.0 sends. */
static const struct {
	const char *table;
	int64_t key;
} keys[] = {
	{"\"public\".\"flyway_schema_history\"", 77433833903597},
	{"\"aa\".\"flyway_schema_history\"", 77430505244438},
	{"\"public\".\"tä😀\"", 77430072345117},
};

START_TEST(makes_the_key_of_the_lock)
{
	ck_assert_int_eq(pg_lock_key(keys[_i].table), keys[_i].key);
}
END_TEST

static const struct {
	const char *original, *schema, *expected;
} paths[] = {
	{"\"$user\", public", "public", "\"public\",\"$user\", public"},
	{"\"$user\", public", "aa", "\"aa\",\"$user\", public"},
	{"", "aa", "\"aa\""},
	{"aa", "aa", NULL},
	{"aa, public", "aa", NULL},
	{"aab, public", "aa", "\"aa\",aab, public"},
	{"\"aa\", public", "aa", "\"aa\",\"aa\", public"},
	{"public", "S\"1", "\"S\"\"1\",public"},
};

START_TEST(puts_the_schema_in_front)
{
	ck_assert_pstr_eq(pg_migration_search_path(&memory, paths[_i].original, paths[_i].schema),
	                  paths[_i].expected);
}
END_TEST

static const struct {
	const char *set, *expected;
} zones[] = {
	{"Europe/Berlin", "Europe/Berlin"},
	{":Europe/Berlin", "Europe/Berlin"},
	{"/usr/share/zoneinfo/Etc/UTC", "Etc/UTC"},
};

START_TEST(finds_the_time_zone)
{
	const char *before = getenv("TZ");
	const char *kept = before != NULL ? arena_strdup(&memory, before) : NULL;

	setenv("TZ", zones[_i].set, 1);
	const char *zone = pg_client_time_zone(&memory);

	if (kept != NULL)
		setenv("TZ", kept, 1);
	else
		unsetenv("TZ");
	ck_assert_str_eq(zone, zones[_i].expected);
}
END_TEST

Suite *pg_guard_suite(void)
{
	Suite *suite = suite_create("pg_guard");
	TCase *tc = tcase_create("guard");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, makes_the_key_of_the_lock, 0, COUNT(keys));
	tcase_add_loop_test(tc, puts_the_schema_in_front, 0, COUNT(paths));
	tcase_add_loop_test(tc, finds_the_time_zone, 0, COUNT(zones));
	suite_add_tcase(suite, tc);
	return suite;
}
