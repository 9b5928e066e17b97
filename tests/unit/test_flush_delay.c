/* SPDX-License-Identifier: Apache-2.0 */
/* test_flush_delay.c - which COMMIT waits for the disk */
#include "suites.h"

#include "run_fixture.h"

#include "../../src/core/flush_delay.h"

#include "cflyway/migration/program.h"

static struct run_fixture fixture;
static struct flush_delay delay;

static void set_up(void)
{
	run_fixture_open(&fixture);
	run_fixture_set(&fixture, "cflyway.durability", "run");
	fixture.fake.may_flush_later = true;
	delay = (struct flush_delay){0};
}

static void connect_to_database(void)
{
	ck_assert(run_fixture_connect(&fixture, &command_migrate));
	fixture.fake.calls.n = 0;
	delay.run = &fixture.run;
}

static void tear_down(void)
{
	run_fixture_disconnect(&fixture);
	run_fixture_close(&fixture);
}

/* --- may it be put off? -------------------------------------------------------------------- */

static const struct {
	const char *name, *durability, *callback;
	size_t n;
	bool has_events, may, later;
	const char *calls;
} asked[] = {
	{"two migrations", "run", NULL, 2, false, true, true, "LATER"},
	{"the server does not let us", "run", NULL, 2, false, false, false, "LATER"},
	{"one migration", "run", NULL, 1, false, true, false, ""},
	{"no migration", "run", NULL, 0, false, true, false, ""},
	{"as the server is set", "migration", NULL, 2, false, true, false, ""},
	{"something runs between them", "run", NULL, 2, true, true, false, ""},
	{"callbacks run in them", "run", "beforeEachMigrate.sql", 2, false, true, false, ""},
	{"callbacks run around them", "run", "beforeMigrate.sql", 2, false, true, true, "LATER"},
};

START_TEST(asks_when_something_can_be_gained)
{
	run_fixture_set(&fixture, "cflyway.durability", asked[_i].durability);
	if (asked[_i].callback != NULL)
		run_fixture_write(&fixture, asked[_i].callback, "select 1;");
	fixture.fake.may_flush_later = asked[_i].may;
	connect_to_database();
	delay.flushes_later = true;
	ck_assert_msg(flush_delay_open(&delay, asked[_i].n, asked[_i].has_events, &fixture.err),
	              "%s", asked[_i].name);
	ck_assert_msg(delay.flushes_later == asked[_i].later, "%s", asked[_i].name);
	run_fixture_expect_calls(&fixture, asked[_i].name, asked[_i].calls);
}
END_TEST

START_TEST(fails_when_it_cannot_ask)
{
	connect_to_database();
	fake_db_add_fault(&fixture.fake, FAKE_FAILS, "LATER", 1);
	ck_assert(!flush_delay_open(&delay, 2, false, &fixture.err));
	ck_assert(fixture.err.is_set);
}
END_TEST

/* --- how does a COMMIT go? ----------------------------------------------------------------- */

static const struct program_kind program;
static const struct migration sql, script = {.program = &program};

#define PLAIN {.migration = &sql, .traits = {.runs_in_transaction = true}}
#define REACHES                                                                                    \
	{                                                                                          \
		.migration = &sql, .traits = {.runs_in_transaction = true, .reaches_out = true }   \
	}
#define COMMITS                                                                                    \
	{                                                                                          \
		.migration = &sql, .traits = {                                                     \
			.runs_in_transaction = true,                                               \
			.controls_transaction = true                                               \
		}                                                                                  \
	}
#define OUTSIDE {.migration = &sql}
#define PROGRAM {.migration = &script, .traits = {.runs_in_transaction = true}}

static const struct {
	const char *name;
	bool later;
	struct step step, next;
	bool has_next;
	enum db_flush flush;
	bool still_later; /* for the steps that follow */
} choices[] = {
	{"as the server is set", false, PLAIN, PLAIN, true, DB_FLUSH_AS_SET, false},
	{"plain, and one more", true, PLAIN, PLAIN, true, DB_FLUSH_LATER, true},
	{"the last one", true, PLAIN, PLAIN, false, DB_FLUSH_NOW, true},
	{"reaches out", true, REACHES, PLAIN, true, DB_FLUSH_NOW, false},
	{"before one that reaches out", true, PLAIN, REACHES, true, DB_FLUSH_NOW, true},
	{"commits by itself", true, COMMITS, PLAIN, true, DB_FLUSH_NOW, true},
	{"before one that commits by itself", true, PLAIN, COMMITS, true, DB_FLUSH_NOW, true},
	{"outside of a transaction", true, OUTSIDE, PLAIN, true, DB_FLUSH_NOW, true},
	{"before one outside", true, PLAIN, OUTSIDE, true, DB_FLUSH_NOW, true},
	{"a program", true, PROGRAM, PLAIN, true, DB_FLUSH_NOW, true},
	{"before a program", true, PLAIN, PROGRAM, true, DB_FLUSH_NOW, true},
};

START_TEST(chooses_for_each_commit)
{
	connect_to_database();
	delay.flushes_later = choices[_i].later;
	ck_assert_msg(flush_delay_choose(&delay, &choices[_i].step,
	                                 choices[_i].has_next ? &choices[_i].next : NULL) ==
	                      choices[_i].flush,
	              "%s", choices[_i].name);
	ck_assert_msg(delay.flushes_later == choices[_i].still_later, "%s", choices[_i].name);
}
END_TEST

/* --- the end ------------------------------------------------------------------------------- */

START_TEST(counts_what_has_not_reached_the_disk)
{
	connect_to_database();
	flush_delay_committed(&delay, DB_FLUSH_LATER);
	flush_delay_committed(&delay, DB_FLUSH_LATER);
	ck_assert_uint_eq(delay.unflushed, 2);
	flush_delay_committed(&delay, DB_FLUSH_NOW);
	ck_assert_uint_eq(delay.unflushed, 0);
	flush_delay_committed(&delay, DB_FLUSH_LATER);
	flush_delay_committed(&delay, DB_FLUSH_AS_SET);
	ck_assert_uint_eq(delay.unflushed, 0);
}
END_TEST

#define LOST(n)                                                                                    \
	n " before may not have reached the disk yet (cflyway.durability=run): if the server has " \
	  "crashed, they are gone together with their rows\n"

static const struct {
	const char *name;
	size_t unflushed;
	const char *fault; /* of the flush */
	bool in_transaction, has_error;
	const char *calls, *text;
} ends[] = {
	{"all is there", 0, NULL, false, false, "", ""},
	{"one is missing", 1, NULL, false, false, "FLUSH", ""},
	{"one is missing after an error", 1, NULL, false, true, "FLUSH", "error: x\n"},
	{"the flush fails", 1, "FLUSH", false, false, "FLUSH",
         "INFO cflyway: " LOST("1 migration")},
	{"the flush fails after an error", 2, "FLUSH", false, true, "FLUSH",
         "error: x\nnote: " LOST("2 migrations")},
	{"in a transaction nothing can be flushed", 2, NULL, true, false, "",
         "INFO cflyway: " LOST("2 migrations")},
};

START_TEST(waits_for_the_disk_at_the_end)
{
	struct error *err = &fixture.err;

	connect_to_database();
	scratch_lines(&fixture.scratch);
	if (ends[_i].in_transaction)
		ck_assert(db_begin(&fixture.db, err));
	if (ends[_i].fault != NULL)
		fake_db_add_fault(&fixture.fake, FAKE_FAILS, ends[_i].fault, 1);
	if (ends[_i].has_error)
		error_set(err, ERROR_GENERAL, "x");
	fixture.fake.calls.n = 0;
	delay.unflushed = ends[_i].unflushed;
	flush_delay_close(&delay, ends[_i].has_error ? err : NULL);
	run_fixture_expect(&fixture, ends[_i].name, ends[_i].text);
	run_fixture_expect_calls(&fixture, ends[_i].name, ends[_i].calls);
	ck_assert_uint_eq(delay.unflushed, 0);
}
END_TEST

Suite *flush_delay_suite(void)
{
	Suite *suite = suite_create("flush_delay");
	TCase *tc = tcase_create("flush_delay");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, asks_when_something_can_be_gained, 0, COUNT(asked));
	tcase_add_test(tc, fails_when_it_cannot_ask);
	tcase_add_loop_test(tc, chooses_for_each_commit, 0, COUNT(choices));
	tcase_add_test(tc, counts_what_has_not_reached_the_disk);
	tcase_add_loop_test(tc, waits_for_the_disk_at_the_end, 0, COUNT(ends));
	suite_add_tcase(suite, tc);
	return suite;
}
