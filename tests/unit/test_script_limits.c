/* SPDX-License-Identifier: Apache-2.0 */
/* test_script_limits.c - V1__a.sql.cflyway.conf */
#include "scratch.h"
#include "suites.h"

#include "cflyway/config/options.h"
#include "cflyway/migration/script_limits.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static bool read_limits(const char *text, struct script_limits *limits)
{
	scratch_write("a.sql.cflyway.conf", text);
	return script_limits_read(&scratch.arena, "a.sql", limits, &scratch.err);
}

enum { NONE = SCRIPT_LIMIT_UNSET };

static const struct {
	const char *text;
	int lock, statement, retries, pause;
} valid[] = {
	{"", NONE, NONE, NONE, NONE},
	{"# nothing\n", NONE, NONE, NONE, NONE},
	{"lockTimeout=5s", 5000, NONE, NONE, NONE},
	{"cflyway.lockTimeout = 5s", 5000, NONE, NONE, NONE},
	{"lockTimeout=server\nstatementTimeout=0", DURATION_OF_SERVER, 0, NONE, NONE},
	{"migrationRetries=0\nmigrationRetryPause=10ms", NONE, NONE, 0, 10},
	{"migrationRetries=7", NONE, NONE, 7, NONE},
};

START_TEST(reads_limits)
{
	struct script_limits limits;

	ck_assert_msg(read_limits(valid[_i].text, &limits), "%s", scratch.err.message);
	ck_assert_int_eq(limits.lock_timeout_ms, valid[_i].lock);
	ck_assert_int_eq(limits.statement_timeout_ms, valid[_i].statement);
	ck_assert_int_eq(limits.retries, valid[_i].retries);
	ck_assert_int_eq(limits.retry_pause_ms, valid[_i].pause);
}
END_TEST

#define UNKNOWN "Unknown configuration property in a.sql.cflyway.conf: "

static const struct {
	const char *text, *message;
} invalid[] = {
	{"lockTimout=5s", UNKNOWN "lockTimout (did you mean lockTimeout?)"},
	{"cflyway.statementTimeOut=5s",
         UNKNOWN "cflyway.statementTimeOut (did you mean statementTimeout?)"},
	{"flyway.lockTimeout=5s", UNKNOWN "flyway.lockTimeout"},
	{"something=5s", UNKNOWN "something"},
	{"executeInTransaction=false", UNKNOWN "executeInTransaction (it belongs in a.sql.conf)"},
	{"retries=1\nlockTimout=5s\nfoo=1",
         "Unknown configuration properties in a.sql.cflyway.conf: retries, lockTimout (did you "
         "mean lockTimeout?), foo"},
	{"x=1\nlockTimeout=5", UNKNOWN "x"},
	{"lockTimeout=5",
         "Invalid value for lockTimeout in a.sql.cflyway.conf:1 (should be a time with its unit, "
         "such as 500ms, 5s or 2min, or server): 5"},
	{"\nmigrationRetryPause=server",
         "Invalid value for migrationRetryPause in a.sql.cflyway.conf:2 (should be a time with "
         "its unit, such as 500ms, 5s or 2min): server"},
	{"migrationRetries=-1",
         "Invalid value for migrationRetries in a.sql.cflyway.conf:1 (should be a number of 0 or "
         "more): -1"},
	{"migrationRetries=${HOME}",
         "Invalid value for migrationRetries in a.sql.cflyway.conf:1 (should be a number of 0 or "
         "more): ${HOME}"},
	{"lockTimeout",
         "Invalid value for lockTimeout in a.sql.cflyway.conf:1 (should be a time with its unit, "
         "such as 500ms, 5s or 2min, or server): "},
};

START_TEST(says_what_is_wrong)
{
	struct script_limits limits;

	ck_assert_msg(!read_limits(invalid[_i].text, &limits), "%s", invalid[_i].text);
	ck_assert_str_eq(scratch_error(&scratch), invalid[_i].message);
	ck_assert_int_eq(scratch.err.code, ERROR_CONFIGURATION);
}
END_TEST

START_TEST(fails_without_the_file)
{
	struct script_limits limits;

	ck_assert(!script_limits_read(&scratch.arena, "a.sql", &limits, &scratch.err));
	ck_assert_msg(strstr(scratch_error(&scratch), "a.sql.cflyway.conf") != NULL, "%s",
	              scratch_error(&scratch));
}
END_TEST

Suite *script_limits_suite(void)
{
	Suite *suite = suite_create("script_limits");
	TCase *tc = tcase_create("script_limits");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_limits, 0, COUNT(valid));
	tcase_add_loop_test(tc, says_what_is_wrong, 0, COUNT(invalid));
	tcase_add_test(tc, fails_without_the_file);
	suite_add_tcase(suite, tc);
	return suite;
}
