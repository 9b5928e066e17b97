/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_pooler.c - a pooler that lends a server for one transaction, seen from the driver */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/handle.h"
#include "../../src/db/postgres/pooler.h"

#include "cflyway/db/driver.h"

static struct pg_fixture fixture;
static struct db *db;

#define DESCRIBE_COLUMNS "1,2,3,4,5,6,7,8,9,10,11,12"
#define LOGIN                                                                                      \
	"SELECT pg_catalog.set_config('session_authorization', NULL, true), "                      \
	"pg_catalog.set_config('role', NULL, true), "                                              \
	"pg_catalog.set_config('search_path', NULL, true)"

static void set_up(void)
{
	pg_fixture_open(&fixture);
	db = &fixture.db;
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
}

#define TO_PRIMARY "/*NO LOAD BALANCE*/ "

/* Without what keeps standbys from answering: see keeps_standbys_from_answering. */
static const char *calls(void)
{
	return str_replace(&fixture.arena, str_of(fake_libpq_calls(&fixture.conn)), STR(TO_PRIMARY),
	                   STR(""));
}

/* To the SQL as it is, and as it is when a pooler has been seen. */
static void reply_to(const char *sql, struct fake_reply reply)
{
	reply.sql = sql;
	fake_libpq_reply(&fixture.conn, reply);
	reply.sql = arena_printf(&fixture.arena, TO_PRIMARY "%s", sql);
	fake_libpq_reply(&fixture.conn, reply);
}

static void answer(const char *sql, const char *columns, const char *rows)
{
	reply_to(sql, (struct fake_reply){.columns = columns, .rows = rows});
}

static void refuse(const char *sql, const char *state, const char *failure)
{
	reply_to(sql, (struct fake_reply){.state = state, .failure = failure});
}

/* The server says that it is process 9, the client was told 7. */
static bool start(enum pooler pooler)
{
	fixture.settings.pooler = pooler;
	answer("WITH current", DESCRIBE_COLUMNS,
	       "me,me,d,it's,public,t,t,f,PostgreSQL 16.3,9,f,NULL");
	answer("SELECT pg_catalog.pg_backend_pid()", "1", "9");
	pg_pooler_init(fixture.pg); /* once more, with the setting */
	bool ok = pg_start(fixture.pg, &fixture.err);

	calls();
	return ok;
}

static bool describe(void)
{
	struct db_description found;

	return db_describe(db, "public", "h", &found, &fixture.err);
}

static bool connect_behind(enum pooler pooler)
{
	bool ok = start(pooler) && describe();

	calls();
	return ok;
}

/* --- noticing it --------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum pooler pooler;
	int backend_pid;
	bool is_expected;
	int descriptions; /* how often it is asked */
} poolers[] = {
	{"no pooler", POOLER_AUTO, 9, false, 1},
	{"a pooler", POOLER_AUTO, 7, true, 2},
	{"a pooler of sessions", POOLER_SESSION, 7, false, 1},
	{"a pooler that hides", POOLER_TRANSACTION, 9, true, 1},
};

static int count(const char *text, const char *word)
{
	int n = 0;

	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		n++;
	return n;
}

START_TEST(notices_a_pooler)
{
	fixture.conn.backend_pid = poolers[_i].backend_pid;
	ck_assert(start(poolers[_i].pooler));
	ck_assert(describe());
	ck_assert_msg(db->pools_transactions == poolers[_i].is_expected, "%s", poolers[_i].name);
	const char *text = calls();
	ck_assert_msg(count(text, "send WITH") == poolers[_i].descriptions, "%s: %s",
	              poolers[_i].name, text);
}
END_TEST

static const struct {
	enum pooler pooler;
	int backend_pid;
	bool is_expected;
} standbys[] = {
	{POOLER_AUTO, 9, false},
	{POOLER_SESSION, 7, true},
	{POOLER_AUTO, 7, true},
};

/* Whether the pooler reads SQL, or pools transactions, cannot be known. */
START_TEST(keeps_standbys_from_answering)
{
	const struct db_guard guard = {.table = "h", .check_history = true};

	fixture.conn.backend_pid = standbys[_i].backend_pid;
	ck_assert(connect_behind(standbys[_i].pooler));
	(void)!db_begin_guarded(db, &guard, true, &fixture.err);
	const char *text = fake_libpq_calls(&fixture.conn);
	ck_assert_msg(count(text, "send BEGIN") == 1, "%s", text);
	ck_assert_msg(count(text, "send SELECT") == 0 || !standbys[_i].is_expected, "%s", text);
	ck_assert_msg((count(text, "send " TO_PRIMARY "SELECT") >= 2) == standbys[_i].is_expected,
	              "%s", text);
}
END_TEST

START_TEST(refuses_options_of_the_url)
{
	ck_assert(start(POOLER_AUTO));
	fixture.pg->asks_for_options = true;
	ck_assert(!describe());
	ck_assert_str_eq(
		pg_fixture_error(&fixture),
		"currentSchema, readOnly and options in the URL do not get through a connection "
		"pooler that lends a server for one transaction at a time: use "
		"flyway.defaultSchema, or connect to the server directly");
}
END_TEST

START_TEST(lets_options_pass_without_pooler)
{
	ck_assert(start(POOLER_SESSION));
	fixture.pg->asks_for_options = true;
	ck_assert(describe());
}
END_TEST

/* --- what is sent -------------------------------------------------------------------------- */

START_TEST(begins_with_local_settings)
{
	const struct db_guard guard = {.table = "\"public\".\"h\"", .schema = "app"};

	ck_assert(connect_behind(POOLER_AUTO));
	fixture.pg->role = PG_ROLE_UNKNOWN;
	ck_assert_int_eq(db_begin_guarded(db, &guard, false, &fixture.err), DB_OK);
	ck_assert_str_eq(calls(), "enter\nsend BEGIN\nsend " LOGIN
	                          "\nsend SELECT pg_catalog.set_config('search_path', $1, true) "
	                          "[\"app\",it's]\nflush");
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
}
END_TEST

START_TEST(sets_the_path_with_the_guard)
{
	const struct db_guard guard = {
		.table = "\"public\".\"h\"", .schema = "app", .check_history = true};

	ck_assert(connect_behind(POOLER_AUTO));
	ck_assert_int_eq(db_begin_guarded(db, &guard, false, &fixture.err), DB_OK);
	ck_assert(strstr(calls(), ", pg_catalog.set_config('search_path', $2, true)") != NULL);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
}
END_TEST

START_TEST(begins_a_transaction_of_its_own)
{
	ck_assert(connect_behind(POOLER_AUTO));
	ck_assert(db_begin(db, &fixture.err));
	ck_assert_str_eq(calls(), "simple BEGIN; " LOGIN);
}
END_TEST

START_TEST(asks_in_a_transaction)
{
	ck_assert(connect_behind(POOLER_AUTO));
	ck_assert(db_restore_role(db, &fixture.err));
	ck_assert(db_query(db, "SELECT 1", NULL, 0, NULL, NULL, &fixture.err));
	ck_assert_str_eq(calls(), "enter\nsend BEGIN\nsend " LOGIN
	                          "\nsend SELECT 1\nsend COMMIT\nsync\nexit");
}
END_TEST

START_TEST(ends_the_transaction_of_a_query_that_fails)
{
	ck_assert(connect_behind(POOLER_AUTO));
	refuse("SELECT 1", "42601", "no");
	ck_assert(!db_query(db, "SELECT 1", NULL, 0, NULL, NULL, &fixture.err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "42601 ERROR: no");
	ck_assert(str_ends(str_of(calls()), STR("sync\nexit\nsimple ROLLBACK")));
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

START_TEST(leaves_nothing_with_the_row)
{
	const char *const args[] = {"4"};
	const struct db_commit commit = {.sql = "INSERT", .args = args, .n = 1, .table = "h"};

	ck_assert(connect_behind(POOLER_AUTO));
	ck_assert(db_begin(db, &fixture.err));
	calls();
	ck_assert(db_commit_row(db, &commit, &fixture.err));
	ck_assert(strstr(calls(), "pg_catalog.set_config('session_authorization', NULL, false), "
	                          "pg_catalog.set_config('role', NULL, false), "
	                          "pg_catalog.set_config('search_path', NULL, false), "
	                          "pg_catalog.set_config('session_authorization', 'me', true), "
	                          "pg_catalog.set_config('role', 'me', true))\nsend INSERT [4]\n"
	                          "send SELECT CASE") != NULL);
}
END_TEST

START_TEST(keeps_the_path_for_the_next_of_a_group)
{
	ck_assert(connect_behind(POOLER_AUTO));
	ck_assert(db_begin(db, &fixture.err));
	ck_assert(db_restore_role(db, &fixture.err));
	calls();
	ck_assert(db_query(db, "INSERT", NULL, 0, NULL, NULL, &fixture.err));
	ck_assert(strstr(calls(), "pg_catalog.set_config('role', NULL, false), "
	                          "pg_catalog.set_config('search_path', 'it''s', true), ") != NULL);
}
END_TEST

/* --- initSql ------------------------------------------------------------------------------- */

static bool run_init_sql(const char *sql)
{
	fixture.settings.init_sql = sql;
	db->listener = NULL;
	return db_run_init_sql(db, &fixture.err);
}

START_TEST(runs_init_sql_in_each_transaction)
{
	ck_assert(start(POOLER_AUTO));
	ck_assert(run_init_sql("set role x;\nset session a = 1"));
	ck_assert_str_eq(calls(),
	                 "send SELECT pg_catalog.pg_backend_pid()\n"
	                 "simple BEGIN; " LOGIN "; SET LOCAL role x; ROLLBACK\n"
	                 "simple BEGIN; " LOGIN "; SET LOCAL role x; SET LOCAL a = 1; ROLLBACK");
	ck_assert(describe());
	const char *text = calls();
	ck_assert_msg(strstr(text, "\nsend SET LOCAL role x\nsend SET LOCAL a = 1\nsend WITH") !=
	                      NULL,
	              "%s", text);
	ck_assert(db_begin(db, &fixture.err));
	ck_assert_str_eq(calls(), "simple BEGIN; " LOGIN "; SET LOCAL role x; SET LOCAL a = 1");
}
END_TEST

START_TEST(refuses_other_init_sql)
{
	ck_assert(start(POOLER_AUTO));
	ck_assert(!run_init_sql("set role x;\nselect 1"));
	ck_assert(str_starts(str_of(pg_fixture_error(&fixture)),
	                     STR("Behind a connection pooler that lends a server for one "
	                         "transaction at a time, initSql may hold only SET statements")));
	ck_assert(str_ends(str_of(pg_fixture_error(&fixture)), STR("in line 2 of initSql")));
}
END_TEST

START_TEST(reports_init_sql_that_fails)
{
	ck_assert(start(POOLER_TRANSACTION));
	refuse("BEGIN", "22023", "no");
	ck_assert(!run_init_sql("set role x"));
	ck_assert_str_eq(pg_fixture_error(&fixture), "22023 ERROR: no | initSql:1:1");
	ck_assert_str_eq(fixture.err.message, "Failed to execute script ");
}
END_TEST

START_TEST(runs_init_sql_as_it_is_without_pooler)
{
	ck_assert(start(POOLER_SESSION));
	ck_assert(run_init_sql("set role x"));
	ck_assert_str_eq(calls(), "send set role x");
}
END_TEST

/* --- what is refused ----------------------------------------------------------------------- */

START_TEST(runs_no_trial)
{
	const struct db_trial_limits limits = {.lock_timeout_ms = 1};

	ck_assert(connect_behind(POOLER_AUTO));
	ck_assert(!db->driver->trial.begin(db, &limits, &fixture.err));
	ck_assert_str_eq(calls(), "");
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "dryRun=execute needs a session of its own, which a connection pooler "
	                 "that lends a server for one transaction at a time does not give: connect "
	                 "to the server directly");
}
END_TEST

static const struct {
	const char *answer, *error;
	bool taken;
} session_locks[] = {
	{"t", NULL, true},
	{"f", NULL, false},
	{"NULL",
         "cflyway.pooler=session, but the connection pooler has lent this connection another "
         "server meanwhile, so it does not pool sessions: connect to the server directly, or set "
         "pool_mode=session in the pooler",
         false},
};

START_TEST(locks_only_the_session_that_it_has_seen)
{
	bool taken = true;

	ck_assert(connect_behind(POOLER_SESSION));
	answer("SELECT CASE", "1", session_locks[_i].answer);
	bool ok = db_try_lock(db, LOCK_SESSION, "a", &taken, &fixture.err);
	ck_assert_int_eq(ok, session_locks[_i].error == NULL);
	ck_assert_int_eq(taken, session_locks[_i].taken);
	ck_assert_str_eq(calls(), "simple SELECT CASE WHEN pg_catalog.pg_backend_pid() = 9 THEN "
	                          "pg_try_advisory_lock(77431708279258) END");
	if (!ok)
		ck_assert_str_eq(pg_fixture_error(&fixture), session_locks[_i].error);
}
END_TEST

/* --- what a pooler says itself -------------------------------------------------------------- */

START_TEST(explains_statement_pooling)
{
	ck_assert(connect_behind(POOLER_AUTO));
	refuse("BEGIN", "08P01", "transaction blocks not allowed in statement pooling mode");
	ck_assert(!db_begin(db, &fixture.err));
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "08P01 ERROR: transaction blocks not allowed in statement pooling mode | "
	                 "the connection pooler pools single statements (pool_mode=statement), but "
	                 "each migration needs a transaction: connect to the server directly, or "
	                 "use another pool_mode");
}
END_TEST

Suite *pg_pooler_suite(void)
{
	Suite *suite = suite_create("pg_pooler");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, notices_a_pooler, 0, COUNT(poolers));
	tcase_add_loop_test(tc, keeps_standbys_from_answering, 0, COUNT(standbys));
	tcase_add_test(tc, refuses_options_of_the_url);
	tcase_add_test(tc, lets_options_pass_without_pooler);
	tcase_add_test(tc, begins_with_local_settings);
	tcase_add_test(tc, sets_the_path_with_the_guard);
	tcase_add_test(tc, begins_a_transaction_of_its_own);
	tcase_add_test(tc, asks_in_a_transaction);
	tcase_add_test(tc, ends_the_transaction_of_a_query_that_fails);
	tcase_add_test(tc, leaves_nothing_with_the_row);
	tcase_add_test(tc, keeps_the_path_for_the_next_of_a_group);
	tcase_add_test(tc, runs_init_sql_in_each_transaction);
	tcase_add_test(tc, refuses_other_init_sql);
	tcase_add_test(tc, reports_init_sql_that_fails);
	tcase_add_test(tc, runs_init_sql_as_it_is_without_pooler);
	tcase_add_test(tc, runs_no_trial);
	tcase_add_loop_test(tc, locks_only_the_session_that_it_has_seen, 0, COUNT(session_locks));
	tcase_add_test(tc, explains_statement_pooling);
	suite_add_tcase(suite, tc);
	return suite;
}
