/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_send.c - statements of a script on PostgreSQL: which share a batch, which run alone */
#include "suites.h"

#include "pg_fixture.h"

#include "../../src/db/postgres/invalid_indexes.h"
#include "../../src/db/postgres/send.h"

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

static void reply(struct fake_reply reply)
{
	fake_libpq_reply(&fixture.conn, reply);
}

static const char *calls(void)
{
	return fake_libpq_calls(&fixture.conn);
}

static void begin(void)
{
	ck_assert(db_begin(db, &fixture.err));
	calls();
}

/* --- alone or not -------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned flags;
	const char *calls;
} kinds[] = {
	{"a plain one", 0, "enter\nsend SQL"},
	{"transaction control", STATEMENT_TRANSACTION_CONTROL, "send SQL"},
	{"not transactional", STATEMENT_NON_TRANSACTIONAL, "send SQL"},
	{"its effect is looked at", STATEMENT_SYNC, "send SQL"},
	{"it may drop the lock", STATEMENT_MAY_UNLOCK, "send SQL"},
	{"several commands", STATEMENT_SEVERAL, "simple SQL"},
	{"COPY", STATEMENT_COPY_IN, "send SQL"},
};

START_TEST(runs_alone_in_a_transaction)
{
	const char *found;

	begin();
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", kinds[_i].flags), DB_OK);
	found = calls();
	ck_assert_msg(strcmp(found, kinds[_i].calls) == 0, "%s: %s", kinds[_i].name, found);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "complete 0 -1");
	ck_assert_int_eq(fixture.pg->role, PG_ROLE_UNKNOWN);
	ck_assert_int_eq(fixture.pg->phase, PG_PHASE_OWN);
}
END_TEST

START_TEST(runs_alone_outside_of_a_transaction)
{
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", 0), DB_OK);
	ck_assert_str_eq(calls(), "send SQL");
	ck_assert_str_eq(pg_fixture_events(&fixture), "complete 0 -1");
}
END_TEST

/* BEGIN is in the same batch, so libpq does not know of a transaction yet. */
START_TEST(shares_the_batch_of_the_guards)
{
	const struct db_guard guard = pg_fixture_guard();

	ck_assert_int_eq(db_begin_guarded(db, &guard, true, &fixture.err), DB_OK);
	calls();
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", 0), DB_OK);
	ck_assert_str_eq(calls(), "send SQL");
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
}
END_TEST

START_TEST(ends_the_batch_before_it_runs_alone)
{
	begin();
	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", 0), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "COMMIT", STATEMENT_TRANSACTION_CONTROL), DB_OK);
	ck_assert_str_eq(calls(), "enter\nsend ONE\nsync\nexit\nsend COMMIT");
	ck_assert_str_eq(pg_fixture_events(&fixture), "complete 0 -1\ncomplete 1 -1");
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

/* What fails later in a batch of a script undoes this statement, and those before it. */
START_TEST(keeps_the_batch_of_a_script_together)
{
	const unsigned flags = STATEMENT_BATCHED | STATEMENT_MAY_UNLOCK;

	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", STATEMENT_BATCHED), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "TWO", flags), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "THREE", STATEMENT_BATCHED), DB_OK);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
	ck_assert_str_eq(calls(), "enter\nsend ONE\nsend TWO\nsend THREE\nsync\nexit");
}
END_TEST

START_TEST(does_not_run_alone_when_the_batch_has_failed)
{
	begin();
	reply((struct fake_reply){.sql = "ONE", .state = "42601", .failure = "syntax error"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", 0), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "COMMIT", STATEMENT_TRANSACTION_CONTROL),
	                 DB_FAILED);
	ck_assert_int_eq((int)db->failed_index, 0);
	ck_assert_str_eq(calls(), "enter\nsend ONE\nsync\nexit");
	ck_assert_int_eq(db_tx_status(db), TX_FAILED);
}
END_TEST

START_TEST(counts_statements_until_sync)
{
	begin();
	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", 0), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "TWO", STATEMENT_SYNC), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "THREE", 0), DB_OK);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "FOUR", 0), DB_OK);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture),
	                 "complete 0 -1\ncomplete 1 -1\ncomplete 2 -1\ncomplete 0 -1");
}
END_TEST

/* --- what comes back ----------------------------------------------------------------------- */

START_TEST(tells_rows_and_notices_of_a_statement_alone)
{
	reply((struct fake_reply){
		.sql = "SELECT", .columns = "a,b", .rows = "1,x\n2,NULL", .notice = "hear"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "SELECT a, b", STATEMENT_SYNC), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture),
	                 "notice 00000 hear\nresult 0 a,b: 1,x; 2,NULL\ncomplete 0 -1");
	ck_assert_int_eq((int)fixture.conn.whole_results, 0);
}
END_TEST

START_TEST(tells_how_many_rows_are_affected)
{
	reply((struct fake_reply){.sql = "DELETE", .tag = "DELETE 123456789012"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "DELETE FROM t", 0), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "complete 0 123456789012");
}
END_TEST

START_TEST(tells_nothing_where_nobody_listens)
{
	reply((struct fake_reply){.sql = "SELECT", .columns = "a", .rows = "1", .notice = "hear"});
	if (_i == 0)
		db->listener = NULL;
	else
		fixture.listener = (struct db_listener){.ctx = &fixture};
	ck_assert_int_eq(pg_fixture_send(&fixture, "SELECT a", 0), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
	ck_assert(!fixture.pg->listened.has_rows);
}
END_TEST

START_TEST(fails_with_the_words_of_the_server)
{
	reply((struct fake_reply){.sql = "BAD",
	                          .state = "42601",
	                          .failure = "syntax error",
	                          .detail = "d",
	                          .hint = "h",
	                          .position = "3",
	                          .context = "w"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "ONE", 0), DB_OK);
	ck_assert_int_eq(pg_fixture_send(&fixture, "BAD", 0), DB_FAILED);
	ck_assert_int_eq((int)db->failed_index, 1);
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "42601 ERROR: syntax error\n  Detail: d\n  Hint: h\n  Position: 3\n"
	                 "  Where: w");
	ck_assert_str_eq(pg_fixture_events(&fixture), "complete 0 -1");
}
END_TEST

/* The notices of the statement that fails are heard; what follows is ours again. */
START_TEST(does_not_listen_afterwards)
{
	const char *const none = NULL;

	reply((struct fake_reply){.sql = "SQL", .notice = "one"});
	reply((struct fake_reply){.sql = "SELECT ours", .notice = "two"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", 0), DB_OK);
	ck_assert(db_query(db, "SELECT ours", &none, 0, NULL, NULL, &fixture.err));
	ck_assert_str_eq(pg_fixture_events(&fixture), "notice 00000 one\ncomplete 0 -1");
}
END_TEST

START_TEST(refuses_another_date_style)
{
	reply((struct fake_reply){.sql = "SET", .parameter = "DateStyle", .value = "German, DMY"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "SET DateStyle TO German", STATEMENT_SYNC),
	                 DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture),
	                 "08006 The server's DateStyle parameter was changed to German, DMY. The "
	                 "JDBC driver requires DateStyle to begin with ISO for correct operation.");
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
	ck_assert_str_eq(calls(), "send SET DateStyle TO German\n"
	                          "simple SET client_encoding TO 'UTF8'; SET DateStyle TO 'ISO'");
}
END_TEST

/* In a transaction the rollback sets it back. */
START_TEST(leaves_the_date_style_to_the_rollback)
{
	reply((struct fake_reply){.sql = "SET", .parameter = "DateStyle", .value = "German, DMY"});
	begin();
	ck_assert_int_eq(pg_fixture_send(&fixture, "SET DateStyle TO German", STATEMENT_SYNC),
	                 DB_FAILED);
	ck_assert_str_eq(calls(), "send SET DateStyle TO German");
}
END_TEST

START_TEST(takes_a_server_that_names_no_parameters)
{
	fixture.conn.encoding = NULL;
	fixture.conn.date_style = NULL;
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", 0), DB_OK);
}
END_TEST

/* --- COPY whose rows nobody wants, or nobody has ------------------------------------------- */

#define COPY_REFUSED "0A000 COPY commands are only supported using the CopyManager API."

START_TEST(refuses_to_copy_to_standard_output)
{
	reply((struct fake_reply){.sql = "COPY", .copy = PGRES_COPY_OUT, .rows = "1\n2"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "COPY t TO STDOUT", STATEMENT_COPY_OUT),
	                 DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), COPY_REFUSED);
	ck_assert_str_eq(calls(), "send COPY t TO STDOUT\nout 1\nout 2");
}
END_TEST

START_TEST(an_error_of_the_server_comes_before_the_refusal_of_a_copy)
{
	reply((struct fake_reply){.sql = "COPY", .state = "42P01", .failure = "no such relation"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "COPY t TO STDOUT", STATEMENT_COPY_OUT),
	                 DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), "42P01 ERROR: no such relation");
}
END_TEST

static const struct {
	ExecStatusType copy;
	const char *calls;
} copies[] = {
	{PGRES_COPY_IN, "simple COPY\nend: COPY commands are only supported using the "
                        "CopyManager API."},
	{PGRES_COPY_OUT, "simple COPY\nout 1\nout 2"},
};

START_TEST(ends_a_copy_that_nobody_saw)
{
	reply((struct fake_reply){.sql = "COPY", .copy = copies[_i].copy, .rows = "1\n2"});
	ck_assert_int_eq(pg_fixture_send(&fixture, "COPY", STATEMENT_SEVERAL), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), COPY_REFUSED);
	ck_assert_str_eq(calls(), copies[_i].calls);
	ck_assert_str_eq(pg_fixture_events(&fixture), "");
	ck_assert_int_eq(db_tx_status(db), TX_IDLE);
}
END_TEST

/* --- a lost connection --------------------------------------------------------------------- */

#define LOST                                                                                       \
	"08006 An I/O error occurred while sending to the backend. | "                             \
	"server closed the connection unexpectedly"

static const char *const sending[] = {"send_query_params", "send_query"};

START_TEST(cannot_send)
{
	unsigned flags = _i == 0 ? STATEMENT_SYNC : STATEMENT_SEVERAL;

	fake_libpq_fail(&fixture.conn, sending[_i], 1, true);
	fixture.pg->sent = 4;
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", flags), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), LOST);
	ck_assert_int_eq((int)db->failed_index, 4);
}
END_TEST

START_TEST(loses_the_connection_while_it_waits)
{
	reply((struct fake_reply){.sql = "SQL", .loses = true});
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", 0), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), LOST);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_FAILED);
}
END_TEST

START_TEST(says_at_sync_that_the_connection_is_lost)
{
	begin();
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_OK);
	fake_libpq_fail(&fixture.conn, "send_query", 1, true);
	db_rollback(db);
	ck_assert_int_eq(db_sync(db, &fixture.err), DB_FAILED);
	ck_assert_str_eq(pg_fixture_error(&fixture), LOST);
}
END_TEST

/* --- while somebody watches ---------------------------------------------------------------- */

static void on_waiting(void *ctx)
{
	struct pg_fixture *watching = ctx;

	str_list_add(&watching->arena, &watching->events, "waiting");
}

START_TEST(tells_that_it_waits)
{
	fixture.listener.waiting = on_waiting;
	fixture.conn.arriving = 1;
	ck_assert_int_eq(pg_fixture_send(&fixture, "SQL", 0), DB_OK);
	ck_assert_str_eq(pg_fixture_events(&fixture), "waiting\nwaiting\ncomplete 0 -1");
}
END_TEST

/* --- indexes that stay --------------------------------------------------------------------- */

#define SENTENCE(name)                                                                             \
	"the index " name " is INVALID: no query uses it, every write still maintains it. Drop "   \
	"it before you build it again: DROP INDEX CONCURRENTLY " name ";"

static const char *leftovers(void)
{
	struct str_list sentences = {0};

	ck_assert(db_find_leftovers(db, &sentences, &fixture.err));
	return str_list_join(&fixture.arena, &sentences, "\n");
}

static const struct {
	const char *name, *sql;
	bool in_transaction, asks;
} builders[] = {
	{"outside of a transaction", "create index Concurrently i", false, true},
	{"in a transaction", "create index concurrently i", true, false},
	{"another statement", "create index concurrent i", false, false},
	{"the last word", "REINDEX TABLE CONCURRENTLY", false, true},
	{"an empty one", "", false, false},
};

START_TEST(names_invalid_indexes)
{
	static const char both[] =
		SENTENCE("\"public\".\"one\"") "\n" SENTENCE("\"public\".\"t\"\"wo\"");
	const char *found;

	reply((struct fake_reply){
		.sql = "SELECT n.nspname", .columns = "n,i", .rows = "public,one\npublic,t\"wo"});
	if (builders[_i].in_transaction)
		begin();
	ck_assert_int_eq(pg_fixture_send(&fixture, builders[_i].sql, STATEMENT_NON_TRANSACTIONAL),
	                 DB_OK);
	calls();
	found = leftovers();
	ck_assert_msg(strcmp(found, builders[_i].asks ? both : "") == 0, "%s: %s",
	              builders[_i].name, found);
	/* under our own time limits, and not twice */
	ck_assert_msg((strstr(calls(), "'statement_timeout', '0'") != NULL) == builders[_i].asks,
	              "%s", builders[_i].name);
	ck_assert_str_eq(leftovers(), "");
}
END_TEST

Suite *pg_send_suite(void)
{
	Suite *suite = suite_create("pg_send");
	TCase *tc = tcase_create("send");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, runs_alone_in_a_transaction, 0, COUNT(kinds));
	tcase_add_test(tc, runs_alone_outside_of_a_transaction);
	tcase_add_test(tc, shares_the_batch_of_the_guards);
	tcase_add_test(tc, ends_the_batch_before_it_runs_alone);
	tcase_add_test(tc, keeps_the_batch_of_a_script_together);
	tcase_add_test(tc, does_not_run_alone_when_the_batch_has_failed);
	tcase_add_test(tc, counts_statements_until_sync);
	tcase_add_test(tc, tells_rows_and_notices_of_a_statement_alone);
	tcase_add_test(tc, tells_how_many_rows_are_affected);
	tcase_add_loop_test(tc, tells_nothing_where_nobody_listens, 0, 2);
	tcase_add_test(tc, fails_with_the_words_of_the_server);
	tcase_add_test(tc, does_not_listen_afterwards);
	tcase_add_test(tc, refuses_another_date_style);
	tcase_add_test(tc, leaves_the_date_style_to_the_rollback);
	tcase_add_test(tc, takes_a_server_that_names_no_parameters);
	tcase_add_test(tc, refuses_to_copy_to_standard_output);
	tcase_add_test(tc, an_error_of_the_server_comes_before_the_refusal_of_a_copy);
	tcase_add_loop_test(tc, ends_a_copy_that_nobody_saw, 0, COUNT(copies));
	tcase_add_loop_test(tc, cannot_send, 0, COUNT(sending));
	tcase_add_test(tc, loses_the_connection_while_it_waits);
	tcase_add_test(tc, says_at_sync_that_the_connection_is_lost);
	tcase_add_test(tc, tells_that_it_waits);
	tcase_add_loop_test(tc, names_invalid_indexes, 0, COUNT(builders));
	suite_add_tcase(suite, tc);
	return suite;
}
