/* SPDX-License-Identifier: Apache-2.0 */
/* test_db_open_retries.c - a connection that is refused is tried again, as Flyway does */
#include "suites.h"

#include "fake_db.h"
#include "fake_sleep.h"
#include "scratch.h"

#include "cflyway/base/attr.h"

static struct scratch scratch;
static struct fake_db fake;
static struct db db;

static void set_up(void)
{
	scratch_open(&scratch);
	fake_db_init(&fake, &scratch.arena);
}

static void tear_down(void)
{
	scratch_close(&scratch);
}

#define REFUSED                                                                                    \
	"Connection to fake:5432 refused. Check that the hostname and port are correct and that "  \
	"the postmaster is accepting TCP/IP connections."

static const struct {
	int failures, retries, interval_s;
	bool ok;
	const char *pauses_ms;
} attempts[] = {
	{0, 3, 120, true, ""},
	{1, 0, 120, false, ""},
	{1, 1, 120, true, "1000 "},
	{2, 1, 120, false, "1000 "},
	{4, 9, 120, true, "1000 2000 4000 8000 "},
	{4, 9, 5, true, "1000 2000 4000 5000 "},
	{5, 9, 1, true, "1000 1000 1000 1000 1000 "},
	{2, 2, 0, true, ""},
};

START_TEST(pauses_twice_as_long_each_time)
{
	const struct settings settings = {
		.url = "jdbc:fake://h/d?password=secret",
		.user = "me",
		.connect_retries = attempts[_i].retries,
		.connect_retries_interval = attempts[_i].interval_s,
	};
	bool ok;

	if (attempts[_i].failures > 0)
		fake_db_add_fault(&fake, FAKE_FAILS, "OPEN", 1);
	fake.faults[0].times = (size_t)attempts[_i].failures;
	fake_sleep_begin(0);
	ok = db_open(&db, &fake.drivers, &scratch.arena, &settings, &scratch.log, &scratch.err);
	ck_assert_str_eq(fake_sleep_end(&scratch.arena), attempts[_i].pauses_ms);
	ck_assert_int_eq(ok, attempts[_i].ok);
	ck_assert_int_eq(db.driver != NULL, ok);
	if (ok) {
		ck_assert(!scratch.err.is_set);
		db_close(&db);
		return;
	}
	ck_assert_int_eq(scratch.err.code, ERROR_DB_CONNECTION);
	ck_assert_str_eq(scratch.err.sub_code, "CONNECTION_FAILURE");
	ck_assert_str_eq(scratch.err.message,
	                 "Unable to obtain connection from database "
	                 "(jdbc:fake://h/d?password=********) for user 'me': " REFUSED);
}
END_TEST

START_TEST(says_that_it_tries_again)
{
	const struct settings settings = {
		.url = "jdbc:fake:",
		.connect_retries = 2,
		.connect_retries_interval = 120,
	};

	fake_db_add_fault(&fake, FAKE_FAILS, "OPEN", 1);
	fake.faults[0].times = 2;
	fake_sleep_begin(0);
	bool ok =
		db_open(&db, &fake.drivers, &scratch.arena, &settings, &scratch.log, &scratch.err);
	(void)fake_sleep_end(&scratch.arena);
	ck_assert(ok);
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "WARN Connection error: " REFUSED "\nRetrying in 1 sec...\n"
	                 "WARN Connection error: " REFUSED "\nRetrying in 2 sec...\n"
	                 "INFO Database: jdbc:fake: (Fake 1.0)\n");
	db_close(&db);
}
END_TEST

/* --- drivers that fail in their own way ---------------------------------------------------- */

static bool fail_with_cause(struct db *database, struct error *err)
{
	const struct sql_failure failure = {.state = "08001", .message = "refused"};

	(void)database;
	error_set_sql(err, ERROR_DB_CONNECTION, &failure, "refused");
	err->cause = "java.net.ConnectException: nobody listens";
	return false;
}

static bool fail_without_sql(struct db *database, struct error *err)
{
	(void)database;
	return error_set(err, ERROR_JDBC_DRIVER, "no library");
}

START_TEST(names_the_cause_without_its_class)
{
	const struct settings settings = {
		.url = "jdbc:fake:",
		.connect_retries = 1,
		.connect_retries_interval = 120,
	};

	fake.driver.connection.open = fail_with_cause;
	fake_sleep_begin(0);
	bool ok =
		db_open(&db, &fake.drivers, &scratch.arena, &settings, &scratch.log, &scratch.err);
	(void)fake_sleep_end(&scratch.arena);
	ck_assert(!ok);
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "WARN Connection error: refused\n(Caused by nobody listens)\n"
	                 "Retrying in 1 sec...\n");
}
END_TEST

START_TEST(tries_once_if_a_pause_cannot_help)
{
	const struct settings settings = {
		.url = "jdbc:fake:",
		.connect_retries = 9,
		.connect_retries_interval = 120,
	};

	fake.driver.connection.open = fail_without_sql;
	fake_sleep_begin(0);
	bool ok =
		db_open(&db, &fake.drivers, &scratch.arena, &settings, &scratch.log, &scratch.err);
	ck_assert_str_eq(fake_sleep_end(&scratch.arena), "");
	ck_assert(!ok);
	ck_assert_ptr_null(scratch.err.sub_code);
	ck_assert_int_eq(scratch.err.code, ERROR_JDBC_DRIVER);
	ck_assert_str_eq(scratch.err.message, "no library");
}
END_TEST

/* --- the second connection ----------------------------------------------------------------- */

static const struct {
	const char *fails, *calls;
	bool ok;
} seconds[] = {
	{NULL, "2: OPEN\n2: SEND set x = 1\n2: SYNC\n2: DESCRIBE", true},
	{"OPEN", "2: OPEN", false},
	{"SEND", "2: OPEN\n2: SEND set x = 1\n2: CLOSE", false},
	{"DESCRIBE", "2: OPEN\n2: SEND set x = 1\n2: SYNC\n2: DESCRIBE\n2: CLOSE", false},
};

START_TEST(opens_a_second_connection_like_the_first)
{
	const struct settings settings = {
		.url = "jdbc:fake:",
		.init_sql = "set x = 1",
		.table = "h",
	};
	struct db second;

	fake_db_connect(&fake, &db, &settings, &scratch.log);
	(void)fake_db_calls(&fake);
	if (seconds[_i].fails != NULL)
		fake_db_add_fault(&fake, FAKE_FAILS, seconds[_i].fails, 1);
	ck_assert_int_eq(db_open_second(&second, &db, &scratch.err), seconds[_i].ok);
	ck_assert_int_eq(scratch.err.is_set, !seconds[_i].ok);
	ck_assert_str_eq(fake_db_calls(&fake), seconds[_i].calls);
	ck_assert_int_eq(second.driver != NULL, seconds[_i].ok);
	db_close(&second);
	db_close(&db);
	ck_assert_uint_eq(fake.opened, fake.closed);
}
END_TEST

Suite *db_open_retries_suite(void)
{
	Suite *suite = suite_create("db_open_retries");
	TCase *tc = tcase_create("retries");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, pauses_twice_as_long_each_time, 0, COUNT(attempts));
	tcase_add_test(tc, says_that_it_tries_again);
	tcase_add_test(tc, names_the_cause_without_its_class);
	tcase_add_test(tc, tries_once_if_a_pause_cannot_help);
	tcase_add_loop_test(tc, opens_a_second_connection_like_the_first, 0, COUNT(seconds));
	suite_add_tcase(suite, tc);
	return suite;
}
