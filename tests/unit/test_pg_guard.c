/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_guard.c - what surrounds the statements of a script on PostgreSQL */
#include "suites.h"

#include "../../src/db/postgres/connect.h"
#include "../../src/db/postgres/guard.h"
#include "../../src/db/postgres/lock.h"
#include "../../src/db/postgres/wakeup.h"

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

/* The message before the script had 100 bytes last time; 3 commands follow it. */
static const struct {
	const char *name;
	enum pg_wakeup_wait waited;
	bool has_begun;
	size_t commands;
	bool has_result;
	int arrived_bytes, message_bytes;
	bool is_misjudged;
} starts[] = {
	{"measured", PG_WAKEUP_MEASURED, true, 3, false, 120, 120, false},
	{"measured with more", PG_WAKEUP_MEASURED, true, 3, true, 120, 0, false},
	{"measured with all", PG_WAKEUP_MEASURED, true, 0, false, 120, 0, false},
	{"measured a part", PG_WAKEUP_MEASURED, false, 5, false, 120, 0, false},
	{"slept until all was there", PG_WAKEUP_SLEPT, true, 0, false, 0, 100, false},
	{"slept until more was there", PG_WAKEUP_SLEPT, true, 2, false, 0, 100, false},
	{"slept, but the message is longer", PG_WAKEUP_SLEPT, true, 3, false, 0, 0, false},
	{"slept, but the message is much longer", PG_WAKEUP_SLEPT, false, 4, false, 0, 0, false},
	{"a long script", PG_WAKEUP_SLEPT_LONG, true, 3, false, 0, 100, false},
	{"a long COMMIT", PG_WAKEUP_SLEPT_LONG, false, 7, false, 0, 100, false},
	{"the message is shorter", PG_WAKEUP_SLEPT_LONG, true, 0, false, 0, 100, true},
	{"a usual wait", PG_WAKEUP_AWAKE, true, 3, false, 120, 100, false},
};

static int no_socket(const PGconn *conn)
{
	(void)conn;
	return -1;
}

START_TEST(learns_how_long_the_message_is)
{
	struct postgres pg = {
		.pq = {.socket = no_socket},
		.pipeline =
			{
				.n = starts[_i].commands,
				.is_waiting_for_start = !starts[_i].has_begun,
				.has_result = starts[_i].has_result,
			},
		.start =
			{
				.waited = starts[_i].waited,
				.arrived_bytes = starts[_i].arrived_bytes,
				.message_bytes = 100,
				.commands_after = 3,
			},
	};

	pg_wakeup_learn(&pg);
	ck_assert_msg(pg.start.message_bytes == starts[_i].message_bytes, "%s: %d bytes",
	              starts[_i].name, pg.start.message_bytes);
	ck_assert_msg(pg.start.is_misjudged == starts[_i].is_misjudged, "%s", starts[_i].name);
	ck_assert_int_eq(pg.start.waited, PG_WAKEUP_AWAKE);
}
END_TEST

Suite *pg_guard_suite(void)
{
	Suite *suite = suite_create("pg_guard");
	TCase *tc = tcase_create("flight");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, makes_the_key_of_the_lock, 0, COUNT(keys));
	tcase_add_loop_test(tc, puts_the_schema_in_front, 0, COUNT(paths));
	tcase_add_loop_test(tc, finds_the_time_zone, 0, COUNT(zones));
	tcase_add_loop_test(tc, learns_how_long_the_message_is, 0, COUNT(starts));
	suite_add_tcase(suite, tc);
	return suite;
}
