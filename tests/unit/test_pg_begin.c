/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_begin.c - what precedes the statements of a script on PostgreSQL */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/connect.h"
#include "../../src/db/postgres/begin.h"
#include "../../src/db/postgres/lock.h"
#include "../../src/db/postgres/own_settings.h"
#include "../../src/db/postgres/wakeup.h"

static struct pg_fixture fixture;
static struct db *db;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	db = &fixture.db;
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
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
	ck_assert_pstr_eq(
		pg_migration_search_path(&fixture.arena, paths[_i].original, paths[_i].schema),
		paths[_i].expected);
}
END_TEST

/* --- what is sent -------------------------------------------------------------------------- */

#define LOCK                                                                                       \
	"send SELECT CASE WHEN pg_try_advisory_xact_lock(77430663566302) THEN '1' ELSE "           \
	"'cflyway: the lock on the schema history is held by another session' END::int\n"
#define HISTORY                                                                                    \
	"send SELECT CASE WHEN coalesce(max(\"installed_rank\"), -1) = $1::int THEN '1' ELSE "     \
	"'cflyway: the schema history has changed' END::int, " PG_NOW_MS
#define PATH ", pg_catalog.set_config('search_path', $2, false)"
#define FROM " FROM \"public\".\"h\""
#define BEGIN "enter\nsend BEGIN\n"

static const struct {
	const char *name, *schema;
	bool check_history, lock, has_run;
	const char *calls;
} guards[] = {
	{"all of it", "app", true, true, false,
         BEGIN LOCK HISTORY PATH FROM " [3|\"app\",public]\nflush"},
	{"under a session lock", "app", true, false, false,
         BEGIN HISTORY PATH FROM " [3|\"app\",public]\nflush"},
	{"the path is right already", "public", true, true, false,
         BEGIN LOCK HISTORY FROM " [3]\nflush"},
	{"no path", NULL, true, true, false, BEGIN LOCK HISTORY FROM " [3]\nflush"},
	{"no table yet", "app", false, true, false,
         BEGIN LOCK "send SELECT pg_catalog.set_config('search_path', $1, false) "
                    "[\"app\",public]\nflush"},
	{"no table, no path", NULL, false, true, false, BEGIN LOCK "flush"},
	{"BEGIN alone", NULL, false, false, false, BEGIN "flush"},
	{"after a script", NULL, false, true, true,
         BEGIN "send SELECT pg_catalog.set_config('session_authorization', NULL, false), "
               "pg_catalog.set_config('role', 'me', false)\n" LOCK "flush"},
};

static struct db_guard guard_of(size_t i)
{
	struct db_guard guard = pg_fixture_guard();

	guard.schema = guards[i].schema;
	guard.check_history = guards[i].check_history;
	return guard;
}

START_TEST(begins_a_migration)
{
	const struct db_guard guard = guard_of((size_t)_i);
	const char *calls;

	fixture.pg->role = guards[_i].has_run ? PG_ROLE_UNKNOWN : PG_ROLE_OURS;
	fixture.pg->timeouts_set_aside = true;
	ck_assert_int_eq(db_begin_guarded(db, &guard, guards[_i].lock, &fixture.err), DB_OK);
	calls = fake_libpq_calls(&fixture.conn);
	ck_assert_msg(strcmp(calls, guards[_i].calls) == 0, "%s:\n%s", guards[_i].name, calls);
	ck_assert(!fixture.pg->timeouts_set_aside);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "started");
}
END_TEST

/* Made once, and again when what it was made from has changed. */
START_TEST(makes_the_guards_again_for_another_table)
{
	struct db_guard guard = pg_fixture_guard();
	const struct pg_guard_sql *first;

	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &fixture.err), DB_OK);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
	first = fixture.pg->guard;
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &fixture.err), DB_OK);
	ck_assert(fixture.pg->guard == first);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
	if (_i == 0)
		guard.table = "\"other\".\"h\"";
	else if (_i == 1)
		guard.schema = "other";
	else
		fixture.pg->origin.search_path = "other";
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &fixture.err), DB_OK);
	ck_assert(fixture.pg->guard != first);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
}
END_TEST

static const struct {
	const char *name, *sql;
	enum db_status status;
} refusals[] = {
	{"the lock is held", "SELECT CASE WHEN pg_try", DB_LOCK_BUSY},
	{"the history has changed", "SELECT CASE WHEN coalesce", DB_HISTORY_CHANGED},
};

START_TEST(rolls_back_when_a_guard_has_failed)
{
	const struct db_guard guard = pg_fixture_guard();

	fake_libpq_reply(
		&fixture.conn,
		(struct fake_reply){.sql = refusals[_i].sql, .state = "22P02", .failure = "no"});
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &fixture.err), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "CREATE TABLE t ()", 0), DB_OK);
	ck_assert_msg(db_sync(db, &fixture.err) == refusals[_i].status, "%s", refusals[_i].name);
	ck_assert(str_ends(str_of(fake_libpq_calls(&fixture.conn)), STR("exit\nsimple ROLLBACK")));
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
}
END_TEST

static const char *const no_guards[] = {
	"BEGIN",
	"SELECT pg_catalog.set_config('session_authorization'",
	"SELECT pg_catalog.set_config('search_path'",
};

/* The state of a guard in the answer to something else. */
START_TEST(takes_only_guards_for_guards)
{
	struct db_guard guard = pg_fixture_guard();

	guard.check_history = false;
	fixture.pg->role = PG_ROLE_UNKNOWN;
	fake_libpq_reply(
		&fixture.conn,
		(struct fake_reply){.sql = no_guards[_i], .state = "22P02", .failure = "no"});
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &fixture.err), DB_OK);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), "22P02 ERROR: no");
}
END_TEST

START_TEST(turns_back_only_for_guards)
{
	static const struct {
		enum db_status status;
		bool rolls_back;
	} cases[] = {
		{DB_OK, false},
		{DB_FAILED, false},
		{DB_LOCK_BUSY, true},
		{DB_HISTORY_CHANGED, true},
	};

	ck_assert(db_begin(db, &fixture.err));
	ck_assert_int_eq(pg_turn_back(db, cases[_i].status), cases[_i].status);
	ck_assert_int_eq(db_tx_status(db), cases[_i].rolls_back ? TX_IDLE : TX_ACTIVE);
}
END_TEST

START_TEST(forgets_what_was_sent_before)
{
	const struct db_guard guard = pg_fixture_guard();

	fixture.pg->sent = 7;
	db->failed_part = DB_PART_COMMIT;
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &fixture.err), DB_OK);
	ck_assert_int_eq((int)fixture.pg->sent, 0);
	ck_assert_int_eq(db->failed_part, DB_PART_SCRIPT);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
}
END_TEST

START_TEST(cannot_begin_on_a_lost_connection)
{
	const struct db_guard guard = pg_fixture_guard();

	fake_libpq_fail(&fixture.conn, "send_query_params", 2, true);
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &fixture.err), DB_FAILED);
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
}
END_TEST

/* --- outside of a transaction, and in a group ----------------------------------------------- */

START_TEST(awaits_the_guards_outside_of_a_transaction)
{
	const struct db_guard guard = pg_fixture_guard();

	ck_assert_int_eq(db_prepare_guarded(db, &guard, &fixture.err), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "started");
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn),
	                 "enter\n" HISTORY PATH FROM " [3|\"app\",public]\nflush\nsync\nexit");
}
END_TEST

START_TEST(says_when_the_history_has_changed_outside_of_a_transaction)
{
	const struct db_guard guard = pg_fixture_guard();

	fake_libpq_reply(
		&fixture.conn,
		(struct fake_reply){.sql = "SELECT CASE", .state = "22P02", .failure = "no"});
	ck_assert_int_eq(db_prepare_guarded(db, &guard, &fixture.err), DB_HISTORY_CHANGED);
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
}
END_TEST

START_TEST(starts_at_once_when_there_is_nothing_to_prepare)
{
	struct db_guard guard = pg_fixture_guard();

	guard.check_history = false;
	guard.schema = NULL;
	ck_assert_int_eq(db_prepare_guarded(db, &guard, &fixture.err), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "started");
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), "");
}
END_TEST

/* The row of the one before was written under other time limits. */
START_TEST(gives_time_limits_back_in_a_group)
{
	const struct db_guard guard = pg_fixture_guard();
	const char *limits = arena_printf(&fixture.arena, "send %s\n", pg_give_back_timeouts);
	const char *calls;

	ck_assert(db_begin(db, &fixture.err));
	fixture.pg->timeouts_set_aside = _i == 1;
	fake_libpq_calls(&fixture.conn);
	ck_assert_int_eq(db_prepare_guarded(db, &guard, &fixture.err), DB_OK);
	calls = fake_libpq_calls(&fixture.conn);
	ck_assert_msg((strstr(calls, limits) != NULL) == (_i == 1), "%s", calls);
	ck_assert_msg(strstr(calls, "sync") == NULL, "%s", calls);
	ck_assert(!fixture.pg->timeouts_set_aside);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
}
END_TEST

START_TEST(does_not_give_time_limits_back_outside_of_a_transaction)
{
	const struct db_guard guard = pg_fixture_guard();

	fixture.pg->timeouts_set_aside = true;
	ck_assert_int_eq(db_prepare_guarded(db, &guard, &fixture.err), DB_OK);
	ck_assert(strstr(fake_libpq_calls(&fixture.conn), "timeout") == NULL);
	ck_assert(!fixture.pg->timeouts_set_aside);
}
END_TEST

Suite *pg_begin_suite(void)
{
	Suite *suite = suite_create("pg_begin");
	TCase *tc = tcase_create("guard");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, makes_the_key_of_the_lock, 0, COUNT(keys));
	tcase_add_loop_test(tc, puts_the_schema_in_front, 0, COUNT(paths));
	tcase_add_loop_test(tc, begins_a_migration, 0, COUNT(guards));
	tcase_add_loop_test(tc, makes_the_guards_again_for_another_table, 0, 3);
	tcase_add_loop_test(tc, rolls_back_when_a_guard_has_failed, 0, COUNT(refusals));
	tcase_add_loop_test(tc, takes_only_guards_for_guards, 0, COUNT(no_guards));
	tcase_add_loop_test(tc, turns_back_only_for_guards, 0, 4);
	tcase_add_test(tc, forgets_what_was_sent_before);
	tcase_add_test(tc, cannot_begin_on_a_lost_connection);
	tcase_add_test(tc, awaits_the_guards_outside_of_a_transaction);
	tcase_add_test(tc, says_when_the_history_has_changed_outside_of_a_transaction);
	tcase_add_test(tc, starts_at_once_when_there_is_nothing_to_prepare);
	tcase_add_loop_test(tc, gives_time_limits_back_in_a_group, 0, 2);
	tcase_add_test(tc, does_not_give_time_limits_back_outside_of_a_transaction);
	suite_add_tcase(suite, tc);
	return suite;
}
