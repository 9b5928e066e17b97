/* SPDX-License-Identifier: Apache-2.0 */
/* test_fake_db.c - the fake database itself: a whole migrate on it, and the faults it can have */
#include "suites.h"

#include "run_fixture.h"

static struct run_fixture fixture;

static void set_up(void)
{
	run_fixture_open(&fixture);
	run_fixture_write(&fixture, "V1__a.sql", "create table a;\ninsert into a;\n");
	run_fixture_write(&fixture, "V2__b.sql", "create table b;\n");
}

static void tear_down(void)
{
	run_fixture_close(&fixture);
}

#define CONNECTS "OPEN\nVERSION\nDESCRIBE\nSCHEMA public\nEMPTY public\n"
#define CREATES "BEGIN\nLOCK\nTABLE flyway_schema_history\nCREATE TABLE\nCREATE INDEX\nCOMMIT\n"
#define MIGRATES(rank, statements)                                                                 \
	"BEGIN\nLOCK\nCHECK " rank "\nPATH public\n" statements "SYNC\nROLE\n"

START_TEST(records_calls)
{
	ck_assert(run_fixture_run(&fixture, &command_migrate));
	run_fixture_expect_calls(
		&fixture, "calls",
		CONNECTS CREATES
		"SELECT -1\n" MIGRATES("-1", "SEND create table a\nSEND insert into a\n") "INSERT 1\nCOMMIT\n" MIGRATES(
			"1", "SEND create table b\n") "INSERT 2\nCOMMIT\nCLOSE");
}
END_TEST

/* The row and COMMIT of the first migration go with what the second one sends. */
START_TEST(queues_what_can_wait)
{
	fixture.fake.driver.durability.can_queue_commit = true;
	ck_assert(run_fixture_run(&fixture, &command_migrate));
	run_fixture_expect_calls(
		&fixture, "calls",
		CONNECTS CREATES
		"SELECT -1\n"
		"BEGIN\nLOCK\nCHECK -1\nPATH public\nSEND create table a\nSEND insert into a\n"
		"SYNC\nROLE\nINSERT 1\nCOMMIT queued\n" MIGRATES(
			"1", "SEND create table b\n") "INSERT 2\nCOMMIT\nCLOSE");
}
END_TEST

#define LOST "An I/O error occurred while sending to the backend."

static const struct {
	const char *name;
	enum fake_fault_kind kind;
	const char *call;
	size_t at;
	const char *reason; /* what the server said; NULL: the command is successful */
	size_t rows;        /* in the end */
} faults[] = {
	{"no such call", FAKE_FAILS, "COPY", 1, NULL, 2},
	{"refused", FAKE_FAILS, "SEND create table b", 1,
         "ERROR: syntax error at or near \"x\"\n  Position: 1", 1},
	{"refused by number", FAKE_FAILS, NULL, 15, "ERROR: permission denied for schema public",
         0},
	{"lost before", FAKE_LOSES, "COMMIT", 2, LOST, 0},
	{"lost behind", FAKE_LOSES_ANSWER, "COMMIT", 2, LOST, 1},
	{"cancelled", FAKE_CANCELS, "SEND", 2, "ERROR: canceling statement due to user request", 0},
};

START_TEST(has_faults)
{
	const char *reason = faults[_i].reason;
	bool ok;

	fake_db_add_fault(&fixture.fake, faults[_i].kind, faults[_i].call, faults[_i].at);
	ok = run_fixture_run(&fixture, &command_migrate);
	ck_assert_msg(ok == (reason == NULL), "%s", faults[_i].name);
	ck_assert_uint_eq(fake_db_view(&fixture.fake).n, faults[_i].rows);
	if (ok)
		return;
	ck_assert_ptr_nonnull(fixture.err.sql);
	ck_assert_str_eq(fixture.err.sql->message, reason);
	ck_assert_int_eq(fixture.db.is_cancelled, faults[_i].kind == FAKE_CANCELS);
}
END_TEST

START_TEST(finds_the_lock_busy)
{
	fixture.fake.busy_tries = 3;
	fixture.fake.lock_holder = "process 4711 of user other";
	ck_assert(run_fixture_run(&fixture, &command_migrate));
	ck_assert_int_eq(fixture.paused_ms, 3000);
	ck_assert_ptr_nonnull(
		strstr(scratch_lines(&fixture.scratch), "held by process 4711 of user other\n"));
}
END_TEST

/* As if another migrate had been faster, at the first check. */
static void add_row_of_another(void *ctx, const char *call)
{
	struct run_fixture *run = ctx;

	if (strcmp(call, "CHECK -1") == 0 && fake_db_view(&run->fake).n == 0)
		fake_db_add_row(&run->fake, "1", "a", "V1__a.sql", NULL);
}

START_TEST(lets_others_work_meanwhile)
{
	fixture.fake.on_call = add_row_of_another;
	fixture.fake.ctx = &fixture;
	ck_assert(run_fixture_run(&fixture, &command_migrate));
	ck_assert_str_eq(fake_db_rows(&fixture.fake),
	                 "1 1 a SQL V1__a.sql ok\n2 2 b SQL V2__b.sql ok\n");
	ck_assert_str_eq(fake_db_statements(&fixture.fake), "create table b");
}
END_TEST

START_TEST(reacts_to_statements)
{
	fake_db_add_reaction(&fixture.fake, (struct fake_reaction){.statement = "create table a",
	                                                           .notice_state = "00000",
	                                                           .notice = "be aware"});
	fake_db_add_reaction(&fixture.fake, (struct fake_reaction){.statement = "create table b",
	                                                           .titles = "id,name",
	                                                           .rows = "1,x\n2,y"});
	ck_assert(run_fixture_run(&fixture, &command_migrate));

	const char *lines = scratch_lines(&fixture.scratch);

	ck_assert_msg(strstr(lines, "be aware") != NULL, "%s", lines);
	ck_assert_msg(strstr(lines, "| id | name |") != NULL, "%s", lines);
}
END_TEST

Suite *fake_db_suite(void)
{
	Suite *suite = suite_create("fake_db");
	TCase *tc = tcase_create("fake_db");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, records_calls);
	tcase_add_test(tc, queues_what_can_wait);
	tcase_add_loop_test(tc, has_faults, 0, COUNT(faults));
	tcase_add_test(tc, finds_the_lock_busy);
	tcase_add_test(tc, lets_others_work_meanwhile);
	tcase_add_test(tc, reacts_to_statements);
	suite_add_tcase(suite, tc);
	return suite;
}
