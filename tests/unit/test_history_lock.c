/* SPDX-License-Identifier: Apache-2.0 */
/* test_history_lock.c - waits for the lock: how often, how long, and until when */
#include "suites.h"

#include "run_fixture.h"

#include "cflyway/core/history_lock.h"

typedef bool lock_fn(const struct run *run, struct error *err);

static struct run_fixture fixture;

#define WAITING                                                                                    \
	"INFO cflyway: waiting for the lock on \"public\".\"flyway_schema_history\", held by x\n"
#define TOO_OFTEN                                                                                  \
	"error: Number of retries exceeded while attempting to acquire PostgreSQL advisory lock. " \
	"Configure the number of retries with the 'lockRetryCount' configuration option: "         \
	"https://help.red-gate.com/help/flyway-cli12/help_4.aspx?topic=reference/configuration/"   \
	"flyway-namespace/flyway-lock-retry-count-setting\n"
#define HELD "note: the lock on \"public\".\"flyway_schema_history\" is held by x\n"
#define INTERRUPTED                                                                                \
	"error: Interrupted while waiting for the lock on \"public\".\"flyway_schema_history\"\n"  \
	"note: interrupted while waiting for the lock: nothing that needs it has run\n"

static void setup(void)
{
	run_fixture_open(&fixture);
}

static void teardown(void)
{
	run_fixture_close(&fixture);
}

static void connect_to(size_t busy_tries, const char *holder)
{
	fixture.fake.busy_tries = busy_tries;
	fixture.fake.lock_holder = holder;
	ck_assert(run_fixture_connect(&fixture, &command_migrate));
	scratch_lines(&fixture.scratch);
	fixture.fake.calls.n = 0;
}

static const struct {
	const char *name;
	lock_fn *lock;
	size_t busy;
	const char *retries, *holder;
	bool ok;
	int paused_ms;
	const char *lines, *calls;
} cases[] = {
	{"free", history_lock_begin, 0, "50", "x", true, 0, "", "BEGIN\nLOCK"},
	{"free for the session", history_lock_session, 0, "50", "x", true, 0, "", "LOCK session"},
	{"free again", history_lock_wait, 0, "50", "x", true, 1000, WAITING,
         "HOLDER\nBEGIN\nLOCK\nROLLBACK"},
	{"busy twice", history_lock_begin, 2, "50", "x", true, 2000, WAITING,
         "BEGIN\nLOCK\nROLLBACK\nHOLDER\nBEGIN\nLOCK\nROLLBACK\nBEGIN\nLOCK"},
	{"busy twice for the session", history_lock_session, 2, "50", "x", true, 2000, WAITING,
         "LOCK session\nHOLDER\nLOCK session\nLOCK session"},
	{"busy twice more", history_lock_wait, 2, "50", NULL, true, 3000, "",
         "HOLDER\nBEGIN\nLOCK\nROLLBACK\nBEGIN\nLOCK\nROLLBACK\nBEGIN\nLOCK\nROLLBACK"},
	{"one retry is enough", history_lock_session, 1, "1", NULL, true, 1000, "",
         "LOCK session\nHOLDER\nLOCK session"},
	{"one retry is not enough", history_lock_session, 2, "1", "x", false, 2000,
         WAITING TOO_OFTEN HELD, "LOCK session\nHOLDER\nLOCK session\nHOLDER"},
	{"no retry", history_lock_session, 1, "0", NULL, false, 1000, TOO_OFTEN,
         "LOCK session\nHOLDER\nHOLDER"},
	{"no retry in a transaction", history_lock_begin, 1, "0", NULL, false, 1000, TOO_OFTEN,
         "BEGIN\nLOCK\nROLLBACK\nHOLDER\nHOLDER"},
	{"no retry while waiting", history_lock_wait, 1, "0", NULL, false, 1000, TOO_OFTEN,
         "HOLDER\nHOLDER"},
	{"without end", history_lock_session, 60, "-1", NULL, true, 60000, "", NULL},
};

START_TEST(waits_for_the_lock)
{
	run_fixture_set(&fixture, "lockRetryCount", cases[_i].retries);
	connect_to(cases[_i].busy, cases[_i].holder);
	bool ok = cases[_i].lock(&fixture.run, &fixture.err);
	ck_assert_msg(ok == cases[_i].ok, "%s", cases[_i].name);
	ck_assert_int_eq(fixture.paused_ms, cases[_i].paused_ms);
	run_fixture_expect(&fixture, cases[_i].name, cases[_i].lines);
	if (cases[_i].calls != NULL)
		run_fixture_expect_calls(&fixture, cases[_i].name, cases[_i].calls);
	run_fixture_disconnect(&fixture);
}
END_TEST

static lock_fn *const locks[] = {history_lock_begin, history_lock_session, history_lock_wait};

/* A signal comes while the fixture's clock sleeps. */
static void cancel(const struct clock *clock, int64_t ms)
{
	struct run_fixture *own = clock->ctx;

	own->paused_ms += ms;
	if (own->paused_ms == 300)
		own->db.is_cancelled = 1;
}

START_TEST(notices_a_signal_while_it_sleeps)
{
	connect_to(9, NULL);
	fixture.clock.sleep_ms = cancel;
	ck_assert(!locks[_i](&fixture.run, &fixture.err));
	ck_assert_int_eq(fixture.paused_ms, 300);
	run_fixture_expect(&fixture, "cancelled", INTERRUPTED);
	run_fixture_disconnect(&fixture);
}
END_TEST

static const struct {
	lock_fn *lock;
	const char *call;
	enum tx_status status;
} failures[] = {
	{history_lock_begin, "BEGIN", TX_IDLE},  {history_lock_begin, "LOCK", TX_IDLE},
	{history_lock_wait, "BEGIN", TX_IDLE},   {history_lock_wait, "LOCK", TX_IDLE},
	{history_lock_session, "LOCK", TX_IDLE},
};

START_TEST(leaves_no_transaction_behind_a_failure)
{
	connect_to(0, NULL);
	fake_db_add_fault(&fixture.fake, FAKE_FAILS, failures[_i].call, 1);
	ck_assert(!failures[_i].lock(&fixture.run, &fixture.err));
	ck_assert(fixture.err.is_set);
	ck_assert_int_eq(db_tx_status(&fixture.db), failures[_i].status);
	run_fixture_disconnect(&fixture);
}
END_TEST

Suite *history_lock_suite(void)
{
	Suite *suite = suite_create("history_lock");
	TCase *tc = tcase_create("history_lock");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, waits_for_the_lock, 0, COUNT(cases));
	tcase_add_loop_test(tc, notices_a_signal_while_it_sleeps, 0, COUNT(locks));
	tcase_add_loop_test(tc, leaves_no_transaction_behind_a_failure, 0, COUNT(failures));
	suite_add_tcase(suite, tc);
	return suite;
}
