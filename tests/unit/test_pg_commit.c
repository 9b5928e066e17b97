/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_commit.c - the role, the history row, COMMIT and the disk on PostgreSQL */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/own_settings.h"
#include "../../src/db/postgres/wakeup.h"

static struct pg_fixture fixture;
static struct db *db;
static struct error *err;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	pg_fixture_connect(&fixture);
	db = &fixture.db;
	err = &fixture.err;
}

static void tear_down(void)
{
	pg_fixture_close(&fixture);
}

static void reply(struct fake_reply reply)
{
	fake_libpq_reply(&fixture.conn, reply);
}

static const char *calls(void)
{
	return fake_libpq_calls(&fixture.conn);
}

#define RESET "pg_catalog.set_config('session_authorization', NULL, false)"
#define ROLE(name) "pg_catalog.set_config('role', '" name "', false)"
#define NO_TIMEOUTS                                                                                \
	"pg_catalog.set_config('statement_timeout', '0', true), "                                  \
	"pg_catalog.set_config('lock_timeout', '0', true)"
#define KEEP_TIMEOUTS                                                                              \
	"pg_catalog.set_config('cflyway.statement_timeout', "                                      \
	"pg_catalog.current_setting('statement_timeout'), true), "                                 \
	"pg_catalog.set_config('cflyway.lock_timeout', "                                           \
	"pg_catalog.current_setting('lock_timeout'), true), "
#define LAST_ROW "SELECT " PG_NOW_MS ", ROW(" NO_TIMEOUTS ", " RESET ", " ROLE("me") ")"
#define QUERY "send INSERT INTO h VALUES ($1) [4]"
#define CHECK                                                                                      \
	"SELECT CASE WHEN EXISTS (SELECT FROM h WHERE \"installed_rank\" "                         \
	"OPERATOR(pg_catalog.=) $1) THEN '1' ELSE 'cflyway: the history row is not there' END::int"
#define LOOK "FROM h WHERE \"installed_rank\" > $1 ORDER BY \"installed_rank\" [3]"
#define INSERT "\n" QUERY "\nsend " CHECK " [4]\nsend COMMIT"

/* --- the role ------------------------------------------------------------------------------ */

static const struct {
	const char *name, *login, *session, *role, *expected;
} roles[] = {
	{"as logged in", "me", "me", "me", "SELECT " RESET ", " ROLE("me")},
	{"initSql has set a role", "me", "me", "owner", "SELECT " RESET ", " ROLE("owner")},
	{"initSql has changed the session", "me", "you", "you",
         "SELECT " RESET
         ", pg_catalog.set_config('session_authorization', 'you', false), " ROLE("you")},
	{"unknown who logged in", NULL, "me", "me",
         "SELECT " RESET
         ", pg_catalog.set_config('session_authorization', 'me', false), " ROLE("me")},
	{"quotes", "it's", "it's", "it's", "SELECT " RESET ", " ROLE("it''s")},
	{"quotes in the session", "me", "y'", "y'",
         "SELECT " RESET
         ", pg_catalog.set_config('session_authorization', 'y''', false), " ROLE("y''")},
};

START_TEST(goes_back_to_the_role)
{
	const struct pg_own_sql *sql;

	fixture.conn.login = roles[_i].login;
	fixture.pg->origin.session = roles[_i].session;
	fixture.pg->origin.role = roles[_i].role;
	sql = pg_own_sql(fixture.pg);
	ck_assert_msg(strcmp(sql->role, roles[_i].expected) == 0, "%s: %s", roles[_i].name,
	              sql->role);
	ck_assert(pg_own_sql(fixture.pg) == sql);
}
END_TEST

static bool keep_value(void *ctx, size_t columns, const char *const *values, struct error *failure)
{
	struct str_list *list = ctx;

	(void)failure;
	for (size_t i = 0; i < columns; i++)
		str_list_add(&fixture.arena, list, values[i] != NULL ? values[i] : "NULL");
	return true;
}

static const struct {
	const char *name;
	bool in_transaction, set_aside;
	const char *restore;
	bool afterwards;
} queries[] = {
	{"outside of a transaction", false, false,
         "SELECT " KEEP_TIMEOUTS NO_TIMEOUTS ", " RESET ", " ROLE("me"), false},
	{"in a transaction", true, false,
         "SELECT " KEEP_TIMEOUTS NO_TIMEOUTS ", " RESET ", " ROLE("me"), true},
	{"in a group, the second time", true, true, "SELECT " RESET ", " ROLE("me"), true},
};

START_TEST(restores_the_role_before_a_query)
{
	const char *const args[] = {"4"};
	struct str_list values = {0};
	const char *expected;

	reply((struct fake_reply){.sql = "SELECT $1", .columns = "a,b", .rows = "4,NULL\n5,y"});
	if (queries[_i].in_transaction)
		ck_assert(db_begin(db, err));
	calls();
	fixture.pg->timeouts_set_aside = queries[_i].set_aside;
	ck_assert(db_restore_role(db, err));
	ck_assert_str_eq(calls(), "");
	ck_assert(db_query(db, "SELECT $1", args, 1, keep_value, &values, err));
	expected = arena_printf(&fixture.arena, "enter\nsend %s\nsend SELECT $1 [4]\nsync\nexit",
	                        queries[_i].restore);
	ck_assert_str_eq(calls(), expected);
	ck_assert_str_eq(str_list_join(&fixture.arena, &values, " "), "4 NULL 5 y");
	ck_assert_msg(fixture.pg->timeouts_set_aside == queries[_i].afterwards, "%s",
	              queries[_i].name);
	ck_assert_int_eq(fixture.pg->role, PG_ROLE_UNKNOWN);
}
END_TEST

START_TEST(restores_the_role_once)
{
	const char *const none = NULL;

	ck_assert(db_restore_role(db, err));
	ck_assert(db_query(db, "SELECT 1", &none, 0, NULL, NULL, err));
	calls();
	ck_assert(db_query(db, "SELECT 2", &none, 0, NULL, NULL, err));
	ck_assert_str_eq(calls(), "send SELECT 2");
}
END_TEST

static const char *const failing[] = {"SELECT 1", "SELECT pg_catalog"};

START_TEST(fails_with_the_query_after_the_role)
{
	const char *const none = NULL;

	reply((struct fake_reply){.sql = failing[_i], .state = "42501", .failure = "denied"});
	ck_assert(db_restore_role(db, err));
	ck_assert(!db_query(db, "SELECT 1", &none, 0, NULL, NULL, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "42501 ERROR: denied");
}
END_TEST

START_TEST(cannot_restore_the_role_on_a_lost_connection)
{
	const char *const none = NULL;

	fake_libpq_fail(&fixture.conn, "send_query_params", (size_t)_i, true);
	ck_assert(db_restore_role(db, err));
	ck_assert(!db_query(db, "SELECT 1", &none, 0, NULL, NULL, err));
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
}
END_TEST

/* --- the row ------------------------------------------------------------------------------- */

static bool commit_row(bool is_queued, enum db_flush flush)
{
	static const char *const args[] = {"4"};
	const struct db_commit commit = {
		.sql = "INSERT INTO h VALUES ($1)",
		.args = args,
		.n = 1,
		.rank = 4,
		.table = "h",
		.is_queued = is_queued,
		.flush = flush,
	};

	return db_commit_row(db, &commit, err);
}

START_TEST(commits_the_row)
{
	ck_assert(db_begin(db, err));
	calls();
	fixture.pg->role = PG_ROLE_UNKNOWN;
	ck_assert(commit_row(false, DB_FLUSH_AS_SET));
	ck_assert_str_eq(calls(), "enter\nsend " LAST_ROW INSERT "\nsync\nexit");
	ck_assert_str_eq(pg_fixture_events(&fixture), "committed");
	ck_assert_int_eq(fixture.pg->role, PG_ROLE_OURS);
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

START_TEST(queues_the_row)
{
	const struct db_guard guard = pg_fixture_guard();

	ck_assert(db_can_queue_commit(db));
	ck_assert(db_begin(db, err));
	calls();
	ck_assert(commit_row(true, DB_FLUSH_AS_SET));
	ck_assert_str_eq(calls(), "enter\nsend " LAST_ROW INSERT);
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
	ck_assert_int_eq(db_begin_guarded(db, &guard, true, err), DB_OK);
	ck_assert(str_starts(str_of(calls()), STR("send BEGIN\nsend SELECT CASE")));
	ck_assert_int_eq(db_sync(db, err), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "committed\nstarted");
}
END_TEST

/* The time is asked for only where somebody wants to know. */
START_TEST(looks_at_the_clock_when_a_script_follows)
{
	ck_assert(db_begin(db, err));
	ck_assert(commit_row(_i == 1, DB_FLUSH_AS_SET));
	(void)poll(NULL, 0, 3);
	ck_assert_int_eq(pg_wakeup_ago_ms(fixture.pg) > 0, _i == 1);
	ck_assert_int_eq(db_sync(db, err), DB_OK);
}
END_TEST

static const struct {
	const char *name, *sql, *tag, *state;
	enum db_part part;
	const char *error;
	const char *severity;
} failures[] = {
	{"the role", "SELECT (pg_cat", NULL, "23505", DB_PART_ROW, "23505 ERROR: no", NULL},
	{"the row", "INSERT", NULL, "23505", DB_PART_ROW, "23505 ERROR: no", NULL},
	{"a value of the row", "INSERT", NULL, "22P02", DB_PART_ROW, "22P02 ERROR: no", NULL},
	{"a pooler without a server", "INSERT", NULL, "23505", DB_PART_COMMIT, "23505 FATAL: no",
         "FATAL"},
	{"COMMIT", "COMMIT", NULL, "23505", DB_PART_COMMIT, "23505 ERROR: no", NULL},
	{"a row that is not there", CHECK, NULL, "22P02", DB_PART_ROW,
         "02000 A trigger, a rule or a policy of the table has kept the row out of it, or hides it.",
         NULL},
	{"the look at the row", CHECK, NULL, "42501", DB_PART_ROW, "42501 ERROR: no", NULL},
	{"a COMMIT that was none", "COMMIT", "ROLLBACK", NULL, DB_PART_COMMIT,
         "25P02 The database returned ROLLBACK, so the transaction cannot be committed.", NULL},
};

START_TEST(tells_what_of_the_end_has_failed)
{
	bool is_tag = failures[_i].tag != NULL;

	reply((struct fake_reply){
		.sql = failures[_i].sql,
		.tag = failures[_i].tag,
		.state = failures[_i].state,
		.failure = is_tag ? NULL : "no",
		.severity = failures[_i].severity,
	});
	ck_assert(db_begin(db, err));
	db->failed_part = DB_PART_SCRIPT;
	ck_assert(!commit_row(false, DB_FLUSH_AS_SET));
	ck_assert_msg(db->failed_part == failures[_i].part, "%s", failures[_i].name);
	ck_assert_str_eq(pg_fixture_error(&fixture), failures[_i].error);
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
}
END_TEST

/* The row is looked at before COMMIT. */
START_TEST(waits_for_a_row_that_a_trigger_may_keep_out)
{
	const struct {
		const char *tag, *rows, *calls, *error;
	} ends[] = {
		{"INSERT 0 1", "4", LOOK "\nsimple COMMIT", NULL},
		{"INSERT 0 0", "4", QUERY "\nsync\nexit",
	         "02000 A trigger or a rule of the table has kept the row out of it."},
		{"INSERT 0 1", "", LOOK,
	         "02000 A trigger, a rule or a policy of the table has kept the row out of it, or "
	         "hides it."},
	};

	reply((struct fake_reply){.sql = "INSERT", .tag = ends[_i].tag});
	reply((struct fake_reply){
		.sql = "/*NO LOAD", .columns = "installed_rank", .rows = ends[_i].rows});
	ck_assert(db_begin(db, err));
	db->history_has_triggers = true;
	ck_assert(!db_can_queue_commit(db));
	calls();
	ck_assert(commit_row(false, DB_FLUSH_AS_SET) == (_i == 0));
	ck_assert(str_ends(str_of(calls()), str_of(ends[_i].calls)));
	ck_assert_pstr_eq(pg_fixture_error(&fixture), ends[_i].error);
	ck_assert_int_eq(db->failed_part, _i == 0 ? DB_PART_COMMIT : DB_PART_ROW);
}
END_TEST

START_TEST(does_not_know_how_it_ended_without_a_connection)
{
	ck_assert(db_begin(db, err));
	db->failed_part = DB_PART_SCRIPT;
	fake_libpq_fail(&fixture.conn, "send_query_params", (size_t)_i, true);
	ck_assert(!commit_row(false, DB_FLUSH_AS_SET));
	ck_assert_int_eq(db->failed_part, DB_PART_COMMIT);
}
END_TEST

/* --- the disk ------------------------------------------------------------------------------ */

static bool may_flush_later(void)
{
	bool may = true;

	ck_assert(db_may_flush_later(db, &may, err));
	return may;
}

static const struct {
	const char *name;
	int version;
	const char *rows;
	bool may;
} durabilities[] = {
	{"yes", 150020, "remote_apply,t", true},
	{"the oldest that can", 100000, "on,t", true},
	{"too old", 90624, "on,t", false},
	{"it would gain nothing", 150020, "off,f", false},
};

START_TEST(asks_whether_the_disk_may_wait)
{
	reply((struct fake_reply){.sql = "SELECT pg_catalog.current_setting('synchronous_commit')",
	                          .columns = "a,b",
	                          .rows = durabilities[_i].rows});
	db->server_version = durabilities[_i].version / 10000;
	ck_assert_msg(may_flush_later() == durabilities[_i].may, "%s", durabilities[_i].name);
	ck_assert_msg((fixture.pg->flush != NULL) == durabilities[_i].may, "%s",
	              durabilities[_i].name);
}
END_TEST

START_TEST(cannot_ask_whether_the_disk_may_wait)
{
	bool may = true;

	reply((struct fake_reply){.sql = "SELECT pg_catalog.current_setting('synchronous_commit')",
	                          .state = "42501",
	                          .failure = "denied"});
	ck_assert(!db_may_flush_later(db, &may, err));
	ck_assert(!may);
}
END_TEST

#define LATER                                                                                      \
	", pg_catalog.set_config('synchronous_commit', CASE "                                      \
	"pg_catalog.current_setting('synchronous_commit') WHEN 'local' THEN 'off' ELSE "           \
	"pg_catalog.current_setting('synchronous_commit') END, true)"
#define NOW ", pg_catalog.set_config('synchronous_commit', 'local', true)"

static const struct {
	bool may;
	enum db_flush flush;
	const char *sql;
} flushes[] = {
	{true, DB_FLUSH_AS_SET, ""},  {true, DB_FLUSH_LATER, LATER}, {true, DB_FLUSH_NOW, NOW},
	{false, DB_FLUSH_AS_SET, ""}, {false, DB_FLUSH_LATER, ""},   {false, DB_FLUSH_NOW, ""},
};

START_TEST(lets_the_disk_wait)
{
	reply((struct fake_reply){.sql = "SELECT pg_catalog.current_setting('synchronous_commit')",
	                          .columns = "a,b",
	                          .rows = "local,t"});
	if (flushes[_i].may)
		ck_assert(may_flush_later());
	ck_assert(db_begin(db, err));
	calls();
	ck_assert(commit_row(false, flushes[_i].flush));
	ck_assert_str_eq(calls(), arena_printf(&fixture.arena,
	                                       "enter\nsend " LAST_ROW "%s" INSERT "\nsync\nexit",
	                                       flushes[_i].sql));
}
END_TEST

START_TEST(waits_for_the_disk)
{
	reply((struct fake_reply){.sql = "SELECT pg_catalog.current_setting('synchronous_commit')",
	                          .columns = "a,b",
	                          .rows = "local,t"});
	ck_assert(db_flush(db, err));
	ck_assert(may_flush_later());
	calls();
	ck_assert(db_flush(db, err));
	ck_assert_str_eq(calls(),
	                 "simple BEGIN READ WRITE; SET LOCAL synchronous_commit = 'local'; SELECT "
	                 "pg_catalog.pg_logical_emit_message(true, 'cflyway', ''); COMMIT");
	reply((struct fake_reply){.sql = "BEGIN READ", .state = "53100", .failure = "full"});
	ck_assert(!db_flush(db, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "53100 ERROR: full");
}
END_TEST

Suite *pg_commit_suite(void)
{
	Suite *suite = suite_create("pg_commit");
	TCase *tc = tcase_create("commit");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, goes_back_to_the_role, 0, COUNT(roles));
	tcase_add_loop_test(tc, restores_the_role_before_a_query, 0, COUNT(queries));
	tcase_add_test(tc, restores_the_role_once);
	tcase_add_loop_test(tc, fails_with_the_query_after_the_role, 0, COUNT(failing));
	tcase_add_loop_test(tc, cannot_restore_the_role_on_a_lost_connection, 1, 3);
	tcase_add_test(tc, commits_the_row);
	tcase_add_test(tc, queues_the_row);
	tcase_add_loop_test(tc, looks_at_the_clock_when_a_script_follows, 0, 2);
	tcase_add_loop_test(tc, tells_what_of_the_end_has_failed, 0, COUNT(failures));
	tcase_add_loop_test(tc, waits_for_a_row_that_a_trigger_may_keep_out, 0, 3);
	tcase_add_loop_test(tc, does_not_know_how_it_ended_without_a_connection, 1, 4);
	tcase_add_loop_test(tc, asks_whether_the_disk_may_wait, 0, COUNT(durabilities));
	tcase_add_test(tc, cannot_ask_whether_the_disk_may_wait);
	tcase_add_loop_test(tc, lets_the_disk_wait, 0, COUNT(flushes));
	tcase_add_test(tc, waits_for_the_disk);
	suite_add_tcase(suite, tc);
	return suite;
}
