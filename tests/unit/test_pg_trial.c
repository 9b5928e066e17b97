/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_trial.c - the transaction of a trial on PostgreSQL, and what its savepoints take back */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/drivers.h"

#include "cflyway/db/trial.h"

static struct pg_fixture fixture;
static struct db *db;

static void set_up(void)
{
	pg_fixture_open(&fixture);
	fixture.conn.server_version = 150000;
	pg_fixture_connect(&fixture);
	db = &fixture.db;
}

static void tear_down(void)
{
	db_trial_end(db);
	pg_fixture_close(&fixture);
}

static const struct db_trial_limits limits = {.lock_timeout_ms = 1500};

static void reply(const char *sql, const char *rows)
{
	fake_libpq_reply(&fixture.conn,
	                 (struct fake_reply){.sql = sql, .columns = "value", .rows = rows});
}

static void refuse(const char *sql)
{
	fake_libpq_reply(&fixture.conn,
	                 (struct fake_reply){.sql = sql, .state = "42501", .failure = "no"});
}

#define ASKS_WHETHER_IT_CAN_WRITE "SELECT current_setting('transaction_read_only')"

/* A trial with a savepoint; forgets the calls so far. */
static void begin(void)
{
	reply(ASKS_WHETHER_IT_CAN_WRITE, "f");
	ck_assert_msg(db_trial_begin(db, &limits, &fixture.err), "%s", fixture.err.message);
	ck_assert(db_begin(db, &fixture.err));
	fake_libpq_calls(&fixture.conn);
}

/* Sends a statement of a script, and waits for it. */
static void run(const char *sql)
{
	ck_assert_msg(pg_fixture_send(&fixture, sql, 0) == DB_OK, "%s", fixture.err.message);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
}

/* The commands that were sent, without how they were sent. */
static const char *commands(void)
{
	struct str calls = str_of(fake_libpq_calls(&fixture.conn));
	struct str_list list = {0};

	while (calls.len > 0) {
		struct str line = str_cut(&calls, '\n');
		struct str rest = line;
		const struct str how = str_cut(&rest, ' ');

		if (str_eq(how, STR("send")) || str_eq(how, STR("simple")) ||
		    str_eq(how, STR("simple")))
			str_list_add(&fixture.arena, &list, str_dup(&fixture.arena, rest));
	}
	return str_list_join(&fixture.arena, &list, "\n");
}

/* --- the transaction ----------------------------------------------------------------------- */

START_TEST(begins_with_its_limits)
{
	reply(ASKS_WHETHER_IT_CAN_WRITE, "f");
	ck_assert(db_trial_begin(db, &limits, &fixture.err));
	const char *sent = commands();

	ck_assert_msg(str_starts(str_of(sent), STR("BEGIN\n" ASKS_WHETHER_IT_CAN_WRITE)), "%s",
	              sent);
	ck_assert_msg(strstr(sent, "set_config('lock_timeout', $1, true)") != NULL, "%s", sent);
	ck_assert_msg(str_ends(str_of(sent), STR(" [1500]")), "%s", sent);
}
END_TEST

START_TEST(begins_a_migration_with_a_savepoint)
{
	reply(ASKS_WHETHER_IT_CAN_WRITE, "f");
	if (_i == 1)
		refuse("SAVEPOINT");
	ck_assert(db_trial_begin(db, &limits, &fixture.err));
	commands();
	ck_assert_int_eq(db_begin(db, &fixture.err), _i == 0);
	ck_assert_str_eq(commands(), "SAVEPOINT cflyway_trial");
}
END_TEST

static const struct {
	const char *read_only, *refused;
	int version;
	const char *error;
} cannot[] = {
	{"t", NULL, 150000,
         "dryRun=execute runs the migrations and rolls them back, but this connection can only "
         "read: it is a standby, or default_transaction_read_only is on"},
	{"f", NULL, 90600, "dryRun=execute needs PostgreSQL 10 or newer"},
	{"f", "BEGIN", 150000, "42501 ERROR: no"},
	{"f", ASKS_WHETHER_IT_CAN_WRITE, 150000, "42501 ERROR: no"},
	{"f", "SELECT pg_catalog.set_config('lock_timeout'", 150000, "42501 ERROR: no"},
};

START_TEST(cannot_begin)
{
	db->server_version = cannot[_i].version / 10000;
	if (cannot[_i].refused != NULL)
		refuse(cannot[_i].refused);
	reply(ASKS_WHETHER_IT_CAN_WRITE, cannot[_i].read_only);
	ck_assert(!db_trial_begin(db, &limits, &fixture.err));
	ck_assert_str_eq(pg_fixture_error(&fixture), cannot[_i].error);
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	ck_assert(db->driver == &db_postgres);
}
END_TEST

START_TEST(begins_on_the_oldest_server)
{
	db->server_version = 10;
	begin();
}
END_TEST

static const struct {
	int version;
	const char *commands;
} ends[] = {
	{14, "ROLLBACK"},
	{15, "ROLLBACK\nSELECT pg_catalog.pg_stat_force_next_flush()"},
};

/* What it read and wrote itself must not be counted while others are. */
START_TEST(rolls_back_at_its_end)
{
	begin();
	db->server_version = ends[_i].version;
	db_trial_end(db);
	ck_assert_str_eq(commands(), ends[_i].commands);
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	db_trial_end(db);
	ck_assert_str_eq(commands(), "");
}
END_TEST

START_TEST(goes_back_to_its_savepoint)
{
	begin();
	ck_assert_int_eq(pg_fixture_send(&fixture, "create table t ()", 0), DB_OK);
	db_rollback(db);
	ck_assert_str_eq(commands(), "create table t ()\nROLLBACK TO cflyway_trial\n"
	                             "RELEASE cflyway_trial");
	db_rollback(db);
	ck_assert_str_eq(commands(), "");
}
END_TEST

START_TEST(leaves_nothing_when_it_is_closed)
{
	begin();
	db_close(db);
	ck_assert_str_eq(fake_libpq_calls(&fixture.conn),
	                 "simple ROLLBACK\nsimple SELECT pg_catalog.pg_stat_force_next_flush()\n"
	                 "free_cancel\nfinish");
}
END_TEST

static bool ignore_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	(void)ctx, (void)columns, (void)values, (void)err;
	return true;
}

static bool send_more(void)
{
	return pg_fixture_send(&fixture, "drop table t", 0) == DB_OK;
}

static bool copy_more(void)
{
	const struct statement statement = {.text = "copy t from stdin", .len = 17};

	return db_copy(db, &statement, NULL, &fixture.err) == DB_OK;
}

static bool query_more(void)
{
	return db_query(db, "select 1", NULL, 0, ignore_row, NULL, &fixture.err);
}

static bool begin_more(void)
{
	return db_begin(db, &fixture.err);
}

static bool commit_more(void)
{
	return db_commit(db, &fixture.err);
}

static bool (*const more[])(void) = {send_more, copy_more, query_more, begin_more, commit_more};

/* COMMIT in a text that nobody takes for one must not make a real run of what follows. */
START_TEST(does_nothing_after_a_script_has_committed)
{
	begin();
	run("COMMIT");
	commands();
	ck_assert(!more[_i]());
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "The transaction of the dry run has been ended by a script: nothing more "
	                 "is executed, and what the script committed stays");
	ck_assert_str_eq(commands(), "");
}
END_TEST

/* As the callers see it: a migration is over, and the trial goes on. */
START_TEST(shows_the_state_of_its_savepoint)
{
	begin();
	ck_assert_int_eq(db_tx_status(db), TX_ACTIVE);
	ck_assert(db_commit(db, &fixture.err));
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	fake_libpq_reply(&fixture.conn, (struct fake_reply){.sql = "select 1", .loses = true});
	ck_assert(!query_more());
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
}
END_TEST

/* --- what COMMIT would check --------------------------------------------------------------- */

#define CHECKS "SET CONSTRAINTS ALL IMMEDIATE"
#define ASKS_WHAT_WAITS "SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I'"
#define RELEASES "RELEASE cflyway_trial"

static const struct {
	const char *waiting; /* names of constraints */
	const char *again;
} constraints[] = {
	{"NULL", NULL},
	{"a.b", "SET CONSTRAINTS a.b DEFERRED"},
};

START_TEST(checks_constraints_that_wait_for_commit)
{
	begin();
	reply(ASKS_WHAT_WAITS, constraints[_i].waiting);
	ck_assert(db_commit(db, &fixture.err));
	const char *sent = commands();

	ck_assert_msg(str_starts(str_of(sent), STR(CHECKS "\n" ASKS_WHAT_WAITS)), "%s", sent);
	ck_assert_msg(str_ends(str_of(sent), STR(RELEASES)), "%s", sent);
	if (constraints[_i].again != NULL)
		ck_assert_msg(strstr(sent, constraints[_i].again) != NULL, "%s", sent);
	else
		ck_assert_msg(strstr(sent, " DEFERRED") == NULL, "%s", sent);
}
END_TEST

static const char *const refused[] = {
	CHECKS,
	ASKS_WHAT_WAITS,
	"SET CONSTRAINTS a.b DEFERRED",
	"SELECT pg_catalog.set_config($1",
	"DROP TABLE IF EXISTS pg_temp.t",
	RELEASES,
};

START_TEST(fails_where_commit_would)
{
	begin();
	refuse(refused[_i]);
	reply(ASKS_WHAT_WAITS, "a.b");
	reply("SELECT pg_catalog.current_setting", "old");
	run("set local x.y = 1");
	run("create temp table t (x int) on commit drop");
	ck_assert(!db_commit(db, &fixture.err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "42501 ERROR: no");
	ck_assert(!str_ends(str_of(commands()), STR("\n" RELEASES)) || _i == COUNT(refused) - 1);
}
END_TEST

/* --- what COMMIT takes back ---------------------------------------------------------------- */

static const struct {
	const char *sql;
	const char *taken_back; /* NULL: nothing */
} statements[] = {
	{"set local x.y = 1", "SELECT pg_catalog.set_config($1, $2, true) [x.y|old]"},
	{"SET LOCAL x.y=1", "SELECT pg_catalog.set_config($1, $2, true) [x.y|old]"},
	{"set local x.y =1", "SELECT pg_catalog.set_config($1, $2, true) [x.y|old]"},
	{"set local x.y to 1", "SELECT pg_catalog.set_config($1, $2, true) [x.y|old]"},
	{"-- a comment\n set /* one */ local\tx.y\nTO 1",
         "SELECT pg_catalog.set_config($1, $2, true) [x.y|old]"},
	{"set local role me", NULL},
	{"set local time zone 'UTC'", NULL},
	{"set x.y = 1", NULL},
	{"set session x.y = 1", NULL},
	{"select local x.y = 1", NULL},
	{"-- set local x.y = 1", NULL},
	{"/* set local x.y = 1", NULL},
	{"", NULL},
	{"create temp table t (x int) on commit drop", "DROP TABLE IF EXISTS pg_temp.t"},
	{"CREATE TEMPORARY TABLE \"T\"(x int) ON COMMIT DROP",
         "DROP TABLE IF EXISTS pg_temp.\"T\""},
	{"create temp table if not exists t on commit\n drop as select 1",
         "DROP TABLE IF EXISTS pg_temp.t"},
	{"create temp table t (commit int) on commit preserve rows", NULL},
	{"create temp table t (x int)", NULL},
	{"create table t (x int) on commit drop", NULL},
	{"create temp view t (x int) on commit drop", NULL},
	{"drop temp table t on commit drop", NULL},
};

START_TEST(takes_back_what_lasts_until_commit)
{
	begin();
	reply(ASKS_WHAT_WAITS, "NULL");
	reply("SELECT pg_catalog.current_setting", "old");
	run(statements[_i].sql);
	commands();
	ck_assert(db_commit(db, &fixture.err));
	const char *sent = commands();
	const char *taken_back = statements[_i].taken_back;

	if (taken_back != NULL)
		ck_assert_msg(
			str_ends(str_of(sent), str_of(arena_concat(&fixture.arena, "\n", taken_back,
		                                                   "\n" RELEASES))),
			"%s: %s", statements[_i].sql, sent);
	else
		ck_assert_msg(strstr(sent, "set_config") == NULL && strstr(sent, "DROP") == NULL,
		              "%s: %s", statements[_i].sql, sent);
}
END_TEST

/* The value before the first of them. */
START_TEST(takes_a_setting_back_once)
{
	begin();
	reply(ASKS_WHAT_WAITS, "NULL");
	reply("SELECT pg_catalog.current_setting", "old");
	run("set local a.a = 1");
	run("set local b.b = 1");
	run("set local b.b = 2");
	run("set local a.a = 2");
	run("create temp table s (x int) on commit drop");
	run("create temp table t (x int) on commit drop");
	commands();
	ck_assert(db_commit(db, &fixture.err));
	const char *sent = commands();

	ck_assert_msg(
		str_ends(str_of(sent), STR("SELECT pg_catalog.set_config($1, $2, true) [a.a|old]\n"
	                                   "SELECT pg_catalog.set_config($1, $2, true) [b.b|old]\n"
	                                   "DROP TABLE IF EXISTS pg_temp.s\n"
	                                   "DROP TABLE IF EXISTS pg_temp.t\n" RELEASES)),
		"%s", sent);
	ck_assert_msg(strstr(strstr(sent, "[a.a|") + 1, "[a.a|") == NULL, "%s", sent);
	ck_assert(db_begin(db, &fixture.err));
	commands();
	ck_assert(db_commit(db, &fixture.err));
	ck_assert(strstr(commands(), "set_config") == NULL);
}
END_TEST

/* SET LOCAL makes it, and nothing was there to go back to. */
START_TEST(leaves_a_setting_that_was_not_there)
{
	begin();
	reply(ASKS_WHAT_WAITS, "NULL");
	reply("SELECT pg_catalog.current_setting", "NULL");
	run("set local x.y = 1");
	ck_assert(db_commit(db, &fixture.err));
	ck_assert(strstr(commands(), "set_config") == NULL);
}
END_TEST

START_TEST(says_that_a_setting_cannot_be_read)
{
	begin();
	refuse("SELECT pg_catalog.current_setting");
	ck_assert_int_eq(pg_fixture_send(&fixture, "set local x.y = 1", 0), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), "42501 ERROR: no");
}
END_TEST

Suite *pg_trial_suite(void)
{
	Suite *suite = suite_create("pg_trial");
	TCase *tc = tcase_create("trial");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, begins_with_its_limits);
	tcase_add_loop_test(tc, begins_a_migration_with_a_savepoint, 0, 2);
	tcase_add_loop_test(tc, cannot_begin, 0, COUNT(cannot));
	tcase_add_test(tc, begins_on_the_oldest_server);
	tcase_add_loop_test(tc, rolls_back_at_its_end, 0, COUNT(ends));
	tcase_add_test(tc, goes_back_to_its_savepoint);
	tcase_add_test(tc, leaves_nothing_when_it_is_closed);
	tcase_add_loop_test(tc, does_nothing_after_a_script_has_committed, 0, COUNT(more));
	tcase_add_test(tc, shows_the_state_of_its_savepoint);
	tcase_add_loop_test(tc, checks_constraints_that_wait_for_commit, 0, COUNT(constraints));
	tcase_add_loop_test(tc, fails_where_commit_would, 0, COUNT(refused));
	tcase_add_loop_test(tc, takes_back_what_lasts_until_commit, 0, COUNT(statements));
	tcase_add_test(tc, takes_a_setting_back_once);
	tcase_add_test(tc, leaves_a_setting_that_was_not_there);
	tcase_add_test(tc, says_that_a_setting_cannot_be_read);
	suite_add_tcase(suite, tc);
	return suite;
}
