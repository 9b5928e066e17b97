/* SPDX-License-Identifier: Apache-2.0 */
/* test_pg_errors.c - errors of PostgreSQL in the words of its JDBC driver, as recorded with it */
#include "suites.h"

#include "../../src/db/postgres/errors.h"

static struct arena memory;

static void set_up(void)
{
	arena_init(&memory);
}

static void tear_down(void)
{
	arena_release(&memory);
}

static const struct {
	struct pg_message message;
	const char *expected;
} messages[] = {
	{{.severity = "ERROR", .primary = "relation \"nope\" does not exist", .position = "17"},
         "ERROR: relation \"nope\" does not exist\n  Position: 17"},
	{{.severity = "ERROR",
          .primary = "invalid input syntax for type integer: \"x\"",
          .context = "COPY a, line 2, column id: \"x\""},
         "ERROR: invalid input syntax for type integer: \"x\"\n"
         "  Where: COPY a, line 2, column id: \"x\""},
	{{.severity = "ERROR",
          .primary = "duplicate key value violates unique constraint \"big_a_key\"",
          .detail = "Key (a)=(5000) already exists."},
         "ERROR: duplicate key value violates unique constraint \"big_a_key\"\n"
         "  Detail: Key (a)=(5000) already exists."},
	{{.severity = "ERROR",
          .primary = "p",
          .detail = "d",
          .hint = "h",
          .position = "1",
          .context = "w\nw2"},
         "ERROR: p\n  Detail: d\n  Hint: h\n  Position: 1\n  Where: w\nw2"},
	{{.primary = "no severity"}, "ERROR: no severity"},
	{{.severity = "FATAL"}, "FATAL: "},
	{{.sqlstate = "42601",
          .primary = "syntax error at or near \"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\"",
          .position = "1"},
         "ERROR: syntax error at or near \"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
         "... (2 more lines left out)\n  Position: 1"},
	{{.sqlstate = "P0001", .primary = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12"},
         "ERROR: 1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12"},
};

START_TEST(puts_the_parts_in_order)
{
	ck_assert_str_eq(pg_message_text(&memory, &messages[_i].message), messages[_i].expected);
}
END_TEST

#define TO_LOCAL "connection to server at \"127.0.0.1\", port 54391 failed: "

/* What libpq 15 says with verbose errors, and what the JDBC driver says in the same place. */
static const struct {
	const char *libpq;
	bool needs_password, empty_password;
	const char *target_server;
	const char *state, *message, *cause;
} failures[] = {
	{TO_LOCAL "FATAL:  28P01: password authentication failed for user \"sc\"\n"
                  "LOCATION:  auth_failed, auth.c:339\n",
         false, false, NULL, "28P01", "FATAL: password authentication failed for user \"sc\"",
         NULL},
	{TO_LOCAL "FATAL:  3D000: database \"ax\" does not exist\n", false, false, NULL, "3D000",
         "FATAL: database \"ax\" does not exist", NULL},
	{TO_LOCAL "FATAL:  22023: invalid value for parameter \"search_path\": \"a b,c\"\n"
                  "DETAIL:  List syntax is invalid.\nLOCATION:  call_string_check_hook, guc.c:1\n",
         false, false, NULL, "22023",
         "FATAL: invalid value for parameter \"search_path\": \"a b,c\"\n"
         "  Detail: List syntax is invalid.",
         NULL},
	{TO_LOCAL "FATAL:  28000: no pg_hba.conf entry for host \"127.0.0.1\", user \"u\", "
                  "database \"a\", SSL encryption\nLOCATION:  x\n" TO_LOCAL
                  "FATAL:  28000: no pg_hba.conf entry for host \"127.0.0.1\", user \"u\", "
                  "database \"a\", no encryption\n",
         false, false, NULL, "28000",
         "FATAL: no pg_hba.conf entry for host \"127.0.0.1\", user \"u\", database \"a\", "
         "SSL encryption",
         NULL},
	{TO_LOCAL "FATAL:  28000: one\nHINT:  of one\n" TO_LOCAL
                  "FATAL:  28000: two\nDETAIL:  of two\nHINT:  of two\n",
         false, false, NULL, "28000", "FATAL: one\n  Hint: of one", NULL},
	{TO_LOCAL "fe_sendauth: no password supplied\n", true, false, NULL, "08004",
         "The server requested SCRAM-based authentication, but no password was provided.", NULL},
	{TO_LOCAL "fe_sendauth: no password supplied\n", true, true, NULL, "08004",
         "The server requested SCRAM-based authentication, but the password is an empty string.",
         NULL},
	{"connection to server at \"localhost\" (::1), port 1 failed: Connection refused\n"
         "\tIs the server running on that host and accepting TCP/IP connections?\n",
         false, false, NULL, "08001",
         "Connection to h:1 refused. Check that the hostname and port are correct and that the "
         "postmaster is accepting TCP/IP connections.",
         "Connection refused"},
	{"could not translate host name \"h\" to address: Name or service not known\n", false,
         false, NULL, "08001", "The connection attempt failed.",
         "java.net.UnknownHostException: h"},
	{"timeout expired", false, false, NULL, "08001", "The connection attempt failed.",
         "Connect timed out"},
	{TO_LOCAL "server does not support SSL, but SSL was required\n", false, false, NULL,
         "08004", "The server does not support SSL.", NULL},
	{TO_LOCAL "GSSAPI encryption required but it is not supported over a local socket\n", false,
         false, NULL, "08P01", "An error occurred while setting up the GSS Encoded connection.",
         NULL},
	{TO_LOCAL "channel binding required, but server did not complete authentication\n", false,
         false, NULL, "08004",
         "Channel binding is required, but server skipped authentication. Channel binding is only "
         "supported with SCRAM authentication over encrypted connections.",
         NULL},
	{"connection to server at \"10.0.0.1\", port 1 failed: Network is unreachable\n", false,
         false, NULL, "08001",
         "Connection to h:1 refused. Check that the hostname and port are correct and that the "
         "postmaster is accepting TCP/IP connections.",
         "Network is unreachable"},
	{TO_LOCAL "session is read-only\n", false, false, "primary", "08001",
         "Could not find a server with specified targetServerType: primary", NULL},
	{TO_LOCAL "session is not read-only\n", false, false, "secondary", "08001",
         "Could not find a server with specified targetServerType: secondary", NULL},
	{TO_LOCAL "server is in hot standby mode\n", false, false, "primary", "08001",
         "Could not find a server with specified targetServerType: primary", NULL},
	{TO_LOCAL "session is read-only\n", false, false, NULL, "08001",
         "The connection attempt failed.", NULL},
	{"a note:  nothing else\nFATAL:  28P01: no\n", false, false, NULL, "28P01", "FATAL: no",
         NULL},
	{"a note:  28P0\nb:  28p01: no\nb:  p28001: no\nb:  p2801: no\nc:  28P012: no\nd:  28P01:no\n",
         false, false, NULL, "08001", "The connection attempt failed.", NULL},
	{"FATAL:  0AZ09: zero to nine, A to Z\n", false, false, NULL, "0AZ09",
         "FATAL: zero to nine, A to Z", NULL},
	{TO_LOCAL "server is not in hot standby mode\n", false, false, "secondary", "08001",
         "Could not find a server with specified targetServerType: secondary", NULL},
};

START_TEST(maps_failed_connections)
{
	const struct db_host host = {"h", "h", "1"};
	struct error err = ERROR_INIT(&memory);

	ck_assert(!pg_fail_connect(failures[_i].libpq, failures[_i].needs_password,
	                           failures[_i].empty_password, &host, failures[_i].target_server,
	                           &err));
	ck_assert_str_eq(err.sql->state, failures[_i].state);
	ck_assert_str_eq(err.sql->message, failures[_i].message);
	ck_assert_pstr_eq(err.cause, failures[_i].cause);
}
END_TEST

START_TEST(words_a_batch_as_pgjdbc)
{
	const struct batch_entry entry = {
		.number = 3,
		.text = " insert into t\n values(\n1\n,\n2\n,\n3\n,\n4\n,\n5)\n;\n ",
	};
	struct sql_failure failure = {.message = "ERROR: no"};
	const char *cause = NULL;

	pg_describe_batch(&memory, &entry, &failure, &cause);
	ck_assert_str_eq(
		failure.batch,
		"Batch entry 3 insert into t\n values(\n1\n,\n2\n,\n3\n,\n4\n,\n"
		"... (2 more lines left out) was aborted: ERROR: no  Call getNextException "
		"to see other errors in the batch.");
	ck_assert_str_eq(failure.message, "ERROR: no");
	ck_assert_ptr_null(cause);
}
END_TEST

START_TEST(puts_brackets_around_ipv6)
{
	const struct db_host host = {"::1", "[::1]", "1"};
	struct error err = ERROR_INIT(&memory);

	pg_fail_connect("Connection refused", false, false, &host, NULL, &err);
	ck_assert_str_eq(err.message,
	                 "Connection to [::1]:1 refused. Check that the hostname and port are "
	                 "correct and that the postmaster is accepting TCP/IP connections.");
}
END_TEST

START_TEST(masks_a_login_before_the_host)
{
	const struct db_host host = {"u:secret@h", "u:********@h", "1"};
	struct error err = ERROR_INIT(&memory);

	pg_fail_connect("could not translate host name \"u:secret@h\" to address: x", false, false,
	                &host, NULL, &err);
	ck_assert_str_eq(err.cause, "java.net.UnknownHostException: u:********@h");
}
END_TEST

Suite *pg_errors_suite(void)
{
	Suite *suite = suite_create("pg_errors");
	TCase *tc = tcase_create("errors");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, puts_the_parts_in_order, 0, COUNT(messages));
	tcase_add_loop_test(tc, maps_failed_connections, 0, COUNT(failures));
	tcase_add_test(tc, words_a_batch_as_pgjdbc);
	tcase_add_test(tc, puts_brackets_around_ipv6);
	tcase_add_test(tc, masks_a_login_before_the_host);
	suite_add_tcase(suite, tc);
	return suite;
}
