/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_driver.c - transactions, queries, locks and versions of PostgreSQL */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/drivers.h"
#include "../../src/db/postgres/handle.h"
#include "../../src/db/postgres/lock.h"
#include "../../src/db/postgres/query.h"

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

/* --- transactions -------------------------------------------------------------------------- */

START_TEST(begins_and_commits)
{
	fixture.pg->timeouts_set_aside = true;
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	ck_assert(db_begin(db, err));
	ck_assert(!fixture.pg->timeouts_set_aside);
	ck_assert_int_eq(db_tx_status(db), TX_ACTIVE);
	ck_assert(db_commit(db, err));
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
	ck_assert_str_eq(calls(), "simple BEGIN\nsimple COMMIT");
}
END_TEST

START_TEST(is_active_while_a_batch_is_under_way)
{
	ck_assert(db_begin(db, err));
	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", 0), DB_OK);
	ck_assert_int_eq(db_tx_status(db), TX_ACTIVE);
	ck_assert_int_eq(db_sync(db, err), DB_OK);
}
END_TEST

START_TEST(says_why_it_cannot_commit)
{
	reply((struct fake_reply){.sql = "COMMIT", .state = "23503", .failure = "deferred"});
	ck_assert(db_begin(db, err));
	ck_assert(!db_commit(db, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "23503 ERROR: deferred");
}
END_TEST

START_TEST(does_not_take_a_rollback_for_a_commit)
{
	reply((struct fake_reply){.sql = "BAD", .state = "42601", .failure = "no"});
	ck_assert(db_begin(db, err));
	ck_assert_int_eq(pg_fixture_send(&fixture, "BAD", STATEMENT_SYNC), DB_FAILED);
	ck_assert_int_eq(db_tx_status(db), TX_FAILED);
	error_clear(err);
	ck_assert(!db_commit(db, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "25P02 The database returned ROLLBACK, so the "
	                                             "transaction cannot be committed.");
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

START_TEST(rolls_back_what_is_open)
{
	db_rollback(db);
	ck_assert_str_eq(calls(), "");
	ck_assert(db_begin(db, err));
	if (_i == 1) {
		reply((struct fake_reply){.sql = "BAD", .state = "42601", .failure = "no"});
		ck_assert_int_eq(pg_fixture_send(&fixture, "BAD", STATEMENT_SYNC), DB_FAILED);
	}
	db_rollback(db);
	ck_assert(str_ends(str_of(calls()), STR("simple ROLLBACK")));
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

START_TEST(ends_the_batch_before_it_rolls_back)
{
	ck_assert(db_begin(db, err));
	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", 0), DB_OK);
	db_rollback(db);
	ck_assert_str_eq(calls(), "simple BEGIN\nenter\nsend ONE\nsync\nexit\nsimple ROLLBACK");
}
END_TEST

START_TEST(does_not_roll_back_what_is_lost)
{
	ck_assert(db_begin(db, err));
	fixture.pg->is_unusable = true;
	calls();
	db_rollback(db);
	ck_assert_str_eq(calls(), "");
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
	fixture.pg->is_unusable = false;
	fixture.conn.is_lost = true;
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
}
END_TEST

static const struct {
	const char *name, *read_only, *calls;
	bool committed;
} modes[] = {
	{"it may write", "f", "send SELECT current_setting('transaction_read_only')::bool", false},
	{"it may not", "t",
         "send SELECT current_setting('transaction_read_only')::bool\nsimple COMMIT\n"
         "simple BEGIN READ WRITE",
         true},
};

START_TEST(makes_a_transaction_writable)
{
	bool committed = false;

	reply((struct fake_reply){
		.sql = "SELECT current_setting", .columns = "b", .rows = modes[_i].read_only});
	ck_assert(db_begin(db, err));
	calls();
	ck_assert(db_ensure_writable(db, &committed, err));
	ck_assert_msg(committed == modes[_i].committed, "%s", modes[_i].name);
	ck_assert_str_eq(calls(), modes[_i].calls);
	ck_assert_int_eq(db_tx_status(db), TX_ACTIVE);
}
END_TEST

static const struct {
	const char *sql;
	bool committed;
} unwritable[] = {
	{"SELECT current_setting", false},
	{"COMMIT", false},
	{"BEGIN READ", true},
};

START_TEST(cannot_make_a_transaction_writable)
{
	bool committed = false;

	reply((struct fake_reply){.sql = unwritable[_i].sql, .state = "57014", .failure = "no"});
	reply((struct fake_reply){.sql = "SELECT current_setting", .columns = "b", .rows = "t"});
	ck_assert(db_begin(db, err));
	ck_assert(!db_ensure_writable(db, &committed, err));
	ck_assert_int_eq(committed, unwritable[_i].committed);
	ck_assert_str_eq(pg_fixture_error(&fixture), "57014 ERROR: no");
}
END_TEST

static PGTransactionStatusType pretended;

static PGTransactionStatusType pretend(const PGconn *conn)
{
	(void)conn;
	return pretended;
}

static const struct {
	PGTransactionStatusType libpq;
	enum tx_status status;
} statuses[] = {
	{PQTRANS_IDLE, TX_IDLE},      {PQTRANS_INTRANS, TX_ACTIVE}, {PQTRANS_ACTIVE, TX_ACTIVE},
	{PQTRANS_INERROR, TX_FAILED}, {PQTRANS_UNKNOWN, TX_LOST},
};

START_TEST(knows_the_state_of_the_transaction)
{
	fixture.pg->pq.transaction_status = pretend;
	pretended = statuses[_i].libpq;
	ck_assert_int_eq(db_tx_status(db), statuses[_i].status);
}
END_TEST

/* --- queries ------------------------------------------------------------------------------- */

struct reading {
	struct str_list values;
	size_t stop_after;
};

static bool read_row(void *ctx, size_t columns, const char *const *values, struct error *failure)
{
	struct reading *reading = ctx;

	ck_assert_int_eq((int)columns, 2);
	for (size_t i = 0; i < columns; i++)
		str_list_add(&fixture.arena, &reading->values,
		             values[i] != NULL ? values[i] : "NULL");
	if (reading->values.n / 2 == reading->stop_after)
		return error_set(failure, ERROR_GENERAL, "enough");
	return true;
}

START_TEST(reads_row_by_row)
{
	const char *const args[] = {"x", NULL};
	struct reading reading = {0};

	reply((struct fake_reply){.sql = "SELECT", .columns = "a,b", .rows = "1,2\n3,NULL\n5,6"});
	ck_assert(db_query(db, "SELECT a, b", args, 2, read_row, &reading, err));
	ck_assert_str_eq(str_list_join(&fixture.arena, &reading.values, " "), "1 2 3 NULL 5 6");
	ck_assert_str_eq(calls(), "send SELECT a, b [x|NULL]");
	ck_assert_int_eq((int)fixture.conn.whole_results, 0);
}
END_TEST

START_TEST(stops_where_the_reader_has_enough)
{
	struct reading reading = {.stop_after = 2};

	reply((struct fake_reply){.sql = "SELECT", .columns = "a,b", .rows = "1,2\n3,4\n5,6"});
	if (_i == 1)
		ck_assert(db_restore_role(db, err));
	ck_assert(!db_query(db, "SELECT a, b", NULL, 0, read_row, &reading, err));
	ck_assert_str_eq(err->message, "enough");
	ck_assert_str_eq(str_list_join(&fixture.arena, &reading.values, " "), "1 2 3 4");
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

START_TEST(says_why_a_query_fails)
{
	struct reading reading = {0};

	reply((struct fake_reply){.sql = "SELECT", .state = "42P01", .failure = "no table"});
	ck_assert(!db_query(db, "SELECT a, b", NULL, 0, read_row, &reading, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "42P01 ERROR: no table");
	ck_assert_int_eq((int)reading.values.n, 0);
}
END_TEST

#define LOST                                                                                       \
	"08006 An I/O error occurred while sending to the backend. | "                             \
	"server closed the connection unexpectedly"

START_TEST(says_that_the_connection_of_a_query_is_lost)
{
	if (_i == 0)
		fake_libpq_fail(&fixture.conn, "send_query_params", 1, true);
	else
		reply((struct fake_reply){.sql = "SELECT", .loses = true});
	ck_assert(!db_query(db, "SELECT 1", NULL, 0, NULL, NULL, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), LOST);
}
END_TEST

/* libpq gives this result again and again. */
START_TEST(gives_up_when_a_query_is_answered_with_copy)
{
	static const ExecStatusType kinds[] = {PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH};

	reply((struct fake_reply){.sql = "SELECT", .copy = kinds[_i]});
	ck_assert(!db_query(db, "SELECT 1", NULL, 0, NULL, NULL, err));
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "08P01 The server answered a query with COPY.");
	ck_assert_int_eq(db_tx_status(db), TX_LOST);
}
END_TEST

START_TEST(runs_commands)
{
	reply((struct fake_reply){.sql = "BAD", .state = "42601", .failure = "no"});
	ck_assert(pg_command(fixture.pg, "SET x = 1", err));
	ck_assert(pg_command(fixture.pg, "SELECT 1", err));
	ck_assert(!pg_command(fixture.pg, "BAD", err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "42601 ERROR: no");
	ck_assert_str_eq(calls(), "simple SET x = 1\nsimple SELECT 1\nsimple BAD");
}
END_TEST

/* A transaction that has failed says of every command why it did. */
START_TEST(remembers_why_the_transaction_has_failed)
{
	reply((struct fake_reply){.sql = "BAD", .state = "42601", .failure = "no"});
	ck_assert(db_begin(db, err));
	ck_assert(!pg_command(fixture.pg, "BAD", err));
	ck_assert(err->cause == NULL);
	error_clear(err);
	ck_assert(!pg_command(fixture.pg, "SELECT 1", err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "25P02 ERROR: current transaction is aborted");
	ck_assert_str_eq(err->cause, "ERROR: no");
}
END_TEST

/* --- locks --------------------------------------------------------------------------------- */

#define NAME "\"public\".\"flyway_schema_history\""
#define KEY "77433833903597"

static const struct {
	enum lock_kind kind;
	const char *answer, *sql;
	bool taken;
} tries[] = {
	{LOCK_TRANSACTION, "t", "simple SELECT pg_try_advisory_xact_lock(" KEY ")", true},
	{LOCK_TRANSACTION, "f", "simple SELECT pg_try_advisory_xact_lock(" KEY ")", false},
	{LOCK_SESSION, "t", "simple SELECT pg_try_advisory_lock(" KEY ")", true},
};

START_TEST(tries_the_lock)
{
	bool taken = !tries[_i].taken;

	reply((struct fake_reply){
		.sql = "SELECT pg_try", .columns = "b", .rows = tries[_i].answer});
	ck_assert(db_try_lock(db, tries[_i].kind, NAME, &taken, err));
	ck_assert_int_eq(taken, tries[_i].taken);
	ck_assert_str_eq(calls(), tries[_i].sql);
}
END_TEST

static const struct {
	const char *answer;
	bool held;
} unlocks[] = {{"t", true}, {"f", false}};

START_TEST(releases_the_lock)
{
	bool held = !unlocks[_i].held;

	reply((struct fake_reply){
		.sql = "SELECT pg_advisory", .columns = "b", .rows = unlocks[_i].answer});
	ck_assert(db_unlock(db, NAME, &held, err));
	ck_assert_int_eq(held, unlocks[_i].held);
	ck_assert_str_eq(calls(), "simple SELECT pg_advisory_unlock(" KEY ")");
}
END_TEST

START_TEST(knows_whether_it_holds_the_lock)
{
	bool held = !unlocks[_i].held;

	reply((struct fake_reply){
		.sql = "SELECT EXISTS", .columns = "b", .rows = unlocks[_i].answer});
	ck_assert(db_has_lock(db, NAME, &held, err));
	ck_assert_int_eq(held, unlocks[_i].held);
	/* the upper and the lower half of the key, as pg_locks shows it */
	ck_assert(str_ends(str_of(calls()), STR("[18028|4163491309]")));
}
END_TEST

START_TEST(cannot_ask_for_the_lock)
{
	bool answer = true;
	int64_t process;

	reply((struct fake_reply){.sql = "SELECT", .state = "57014", .failure = "no"});
	ck_assert(!db_try_lock(db, LOCK_SESSION, NAME, &answer, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "57014 ERROR: no");
	error_clear(err);
	ck_assert(!db_unlock(db, NAME, &answer, err));
	ck_assert_str_eq(pg_fixture_error(&fixture), "57014 ERROR: no");
	error_clear(err);
	ck_assert(!db_has_lock(db, NAME, &answer, err));
	ck_assert(!answer);
	ck_assert(db_lock_holder(db, NAME, &process) == NULL);
}
END_TEST

/* What is no boolean is no answer: a proxy may say anything. */
START_TEST(takes_one_row_for_the_answer)
{
	bool answer = false;

	reply((struct fake_reply){.sql = "SELECT", .columns = "b", .rows = _i == 0 ? "" : "t\nt"});
	ck_assert(!db_try_lock(db, LOCK_SESSION, NAME, &answer, err));
	ck_assert(!answer);
}
END_TEST

static const struct {
	const char *rows, *expected;
} holders[] = {
	{"4711,x,y,active,11:22:33,63000,select 1",
         "process 4711 of user x (application y), active; its transaction has been open for 1 min 3 "
         "s, since 11:22:33; its query: select 1"},
	{"4711,x,y,NULL,NULL,NULL,<insufficient privilege>",
         "process 4711 of user x (application y)"},
	{"4711,NULL,NULL,NULL,NULL,NULL,NULL", "process 4711"},
	{"", NULL},
};

START_TEST(names_who_holds_the_lock)
{
	int64_t process = 0;

	reply((struct fake_reply){
		.sql = "SELECT l.pid", .columns = "p,u,a,s,b,o,q", .rows = holders[_i].rows});
	ck_assert_pstr_eq(db_lock_holder(db, NAME, &process), holders[_i].expected);
	ck_assert_int_eq(process, holders[_i].expected != NULL ? 4711 : 0);
}
END_TEST

/* --- versions ------------------------------------------------------------------------------ */

static const struct {
	int version;
	bool ok;
	const char *product, *said;
} versions[] = {
	{150020, true, "PostgreSQL 15.20", ""},
	{180002, true, "PostgreSQL 18.2", ""},
	{190001, true, "PostgreSQL 19.1",
         "WARNING: Using PostgreSQL 19.1 which is newer than the version Flyway has been verified "
         "with. The latest verified version of PostgreSQL is 18."},
	{100023, true, "PostgreSQL 10.23", ""},
	{100000, true, "PostgreSQL 10.0", ""},
	{179999, true, "PostgreSQL 17.9999", ""}, /* the last one of 17 that there could be */
	{90624, true, "PostgreSQL 9.6", ""},
	{90000, true, "PostgreSQL 9.0", ""},
	{89999, false, "PostgreSQL 8.99",
         "PostgreSQL upgrade required: PostgreSQL 8.99 is outdated and no longer supported by "
         "Flyway. Flyway currently supports PostgreSQL 9.0 and newer."},
	{80422, false, "PostgreSQL 8.4",
         "PostgreSQL upgrade required: PostgreSQL 8.4 is outdated and no longer supported by "
         "Flyway. Flyway currently supports PostgreSQL 9.0 and newer."},
};

START_TEST(says_what_it_thinks_of_the_version)
{
	const char *said;

	fixture.conn.server_version = versions[_i].version;
	ck_assert(pg_start(fixture.pg, err));
	ck_assert_str_eq(db->product, versions[_i].product);
	ck_assert_int_eq(db->server_version, versions[_i].version / 10000);
	ck_assert_str_eq(str_list_join(&fixture.arena, &fixture.lines, "|"),
	                 "DEBUG libpq 16.3|DEBUG libpq 16.3");
	fixture.lines = (struct str_list){0};
	ck_assert_int_eq(db->driver->connection.check_version(db, err), versions[_i].ok);
	said = str_list_join(&fixture.arena, &fixture.lines, "|");
	ck_assert_str_eq(versions[_i].ok ? said : err->message, versions[_i].said);
}
END_TEST

START_TEST(cancels_what_is_running)
{
	db_cancel(db);
	ck_assert_str_eq(calls(), "cancel");
	db_close(db);
	ck_assert_str_eq(calls(), "free_cancel\nfinish");
	ck_assert(db->handle == NULL);
	db->driver = &db_postgres;
	db_cancel(db);
	db_close(db);
	ck_assert_str_eq(calls(), "");
}
END_TEST

Suite *pg_driver_suite(void)
{
	Suite *suite = suite_create("pg_driver");
	TCase *tc = tcase_create("driver");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, begins_and_commits);
	tcase_add_test(tc, is_active_while_a_batch_is_under_way);
	tcase_add_test(tc, says_why_it_cannot_commit);
	tcase_add_test(tc, does_not_take_a_rollback_for_a_commit);
	tcase_add_loop_test(tc, rolls_back_what_is_open, 0, 2);
	tcase_add_test(tc, ends_the_batch_before_it_rolls_back);
	tcase_add_test(tc, does_not_roll_back_what_is_lost);
	tcase_add_loop_test(tc, knows_the_state_of_the_transaction, 0, COUNT(statuses));
	tcase_add_loop_test(tc, makes_a_transaction_writable, 0, COUNT(modes));
	tcase_add_loop_test(tc, cannot_make_a_transaction_writable, 0, COUNT(unwritable));
	tcase_add_test(tc, reads_row_by_row);
	tcase_add_loop_test(tc, stops_where_the_reader_has_enough, 0, 2);
	tcase_add_test(tc, says_why_a_query_fails);
	tcase_add_loop_test(tc, says_that_the_connection_of_a_query_is_lost, 0, 2);
	tcase_add_loop_test(tc, gives_up_when_a_query_is_answered_with_copy, 0, 3);
	tcase_add_test(tc, runs_commands);
	tcase_add_test(tc, remembers_why_the_transaction_has_failed);
	tcase_add_loop_test(tc, tries_the_lock, 0, COUNT(tries));
	tcase_add_loop_test(tc, releases_the_lock, 0, COUNT(unlocks));
	tcase_add_loop_test(tc, knows_whether_it_holds_the_lock, 0, COUNT(unlocks));
	tcase_add_test(tc, cannot_ask_for_the_lock);
	tcase_add_loop_test(tc, takes_one_row_for_the_answer, 0, 2);
	tcase_add_loop_test(tc, names_who_holds_the_lock, 0, COUNT(holders));
	tcase_add_loop_test(tc, says_what_it_thinks_of_the_version, 0, COUNT(versions));
	tcase_add_test(tc, cancels_what_is_running);
	suite_add_tcase(suite, tc);
	return suite;
}
