/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pg_unusable.c - nothing succeeds on a connection that has been given up
 *
 * libpq can refuse to leave the pipeline and still call the connection good, as when the server has
 * ended the session before Sync. What is sent then is never answered.
 */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/pipeline.h"
#include "../../src/db/postgres/query.h"

static struct pg_fixture fixture;
static struct db *db;
static struct error *err;

#define LOST "08006 An I/O error occurred while sending to the backend."

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	fake_libpq_fail(&fixture.conn, "exit_pipeline_mode", 1, false);
	db = &fixture.db;
	err = &fixture.err;
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
}

static enum db_status run_batch(void)
{
	const struct pg_command own = {.kind = PG_OWN};

	if (!pg_pipeline_add(fixture.pg, own, "SELECT 1", NULL, 0, err))
		return DB_FAILED;
	return pg_pipeline_finish(fixture.pg, err);
}

static bool batch(void)
{
	return run_batch() == DB_OK;
}

static bool begin_guarded(void)
{
	const struct db_guard guard = pg_fixture_guard();

	return db_begin_guarded(db, &guard, true, err) == DB_OK && db_sync(db, err) == DB_OK;
}

static bool commit_row(void)
{
	static const char *const args[] = {"1"};
	const struct db_commit row = {
		.sql = "INSERT INTO h", .args = args, .n = COUNT(args), .table = "h"};

	return db_commit_row(db, &row, err);
}

static bool statement(void)
{
	return pg_fixture_send(&fixture, "CREATE TABLE t ()", 0) == DB_OK;
}

static bool query(void)
{
	return db_query(db, "SELECT 1", NULL, 0, NULL, NULL, err);
}

static bool query_restored(void)
{
	fixture.pg->role = PG_ROLE_TO_RESTORE;
	return query();
}

static bool command(void)
{
	return pg_command(fixture.pg, "SET a = b", err);
}

static bool begin(void)
{
	return db_begin(db, err);
}

static bool commit(void)
{
	return db_commit(db, err);
}

static bool take_lock(void)
{
	bool taken;

	return db_try_lock(db, LOCK_SESSION, "h", &taken, err);
}

static bool sync(void)
{
	return db_sync(db, err) == DB_OK;
}

static const struct {
	const char *name;
	bool (*use)(void);
} uses[] = {
	{"a batch", batch},
	{"begin_guarded", begin_guarded},
	{"commit_row", commit_row},
	{"a statement", statement},
	{"a query", query},
	{"a query after a script", query_restored},
	{"a command", command},
	{"begin", begin},
	{"commit", commit},
	{"a lock", take_lock},
	{"sync", sync},
};

START_TEST(takes_nothing_any_more)
{
	ck_assert_int_eq(run_batch(), DB_OK);
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
	fake_libpq_calls(&fixture.conn);
	ck_assert_msg(!uses[_i].use(), "%s", uses[_i].name);
	ck_assert_msg(strcmp(pg_fixture_error(&fixture), LOST) == 0, "%s: %s", uses[_i].name,
	              pg_fixture_error(&fixture));
	ck_assert_msg(*fake_libpq_calls(&fixture.conn) == '\0', "%s has sent something",
	              uses[_i].name);
	db_rollback(db);
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn), "");
}
END_TEST

/* What the server said when it ended the session is the reason, not libpq's state. */
START_TEST(says_why_the_session_has_ended)
{
	fake_libpq_reply(&fixture.conn, (struct fake_reply){.sql = "SELECT 1",
	                                                    .severity = "FATAL",
	                                                    .state = "57P01",
	                                                    .failure = "terminating connection"});
	ck_assert_int_eq(run_batch(), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), "57P01 FATAL: terminating connection");
	error_clear(err);
	ck_assert(!query());
	ck_assert_str_eq(pg_fixture_error(&fixture), LOST " | FATAL: terminating connection");
}
END_TEST

Suite *pg_unusable_suite(void)
{
	Suite *suite = suite_create("pg_unusable");
	TCase *tc = tcase_create("unusable");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, takes_nothing_any_more, 0, COUNT(uses));
	tcase_add_test(tc, says_why_the_session_has_ended);
	suite_add_tcase(suite, tc);
	return suite;
}
