/* SPDX-License-Identifier: Apache-2.0 */
/* test_script_listener.c - what is shown of statements that succeed, fail, or are never executed */
#include "scratch.h"
#include "suites.h"

#include "../../src/core/script_listener.h"

static struct scratch scratch;
static struct settings settings;
static struct db db;
static struct run run;
static struct script_listener listener;

static void ignore_start(void *ctx, int64_t ago_ms)
{
	(void)ctx;
	(void)ago_ms;
}

static void setup(void)
{
	scratch_open(&scratch);
	settings = (struct settings){.output_query_results = true};
	db = (struct db){.arena = &scratch.arena, .log = &scratch.log};
	run = (struct run){
		.arena = &scratch.arena,
		.settings = &settings,
		.log = &scratch.log,
		.db = &db,
	};
	script_listener_open(&listener, &run, ignore_start, NULL);
}

static void teardown(void)
{
	script_listener_close(&listener);
	scratch_close(&scratch);
}

static void send_text(const char *text, unsigned flags)
{
	const struct statement statement = {
		.text = text,
		.len = strlen(text),
		.line = 1,
		.flags = flags,
	};

	script_listener_sent(&listener, &statement);
}

static void give_notice(const char *sqlstate, const char *message)
{
	db.listener->notice(db.listener->ctx, sqlstate, message);
}

static void give_row(size_t index, const char *value)
{
	struct row_set rows;

	row_set_open(&rows, 1, SPOOL_IN_MEMORY);
	row_set_title(&rows, 0, "x");
	row_set_add(&rows, &value);
	db.listener->result(db.listener->ctx, index, &rows);
	row_set_close(&rows);
}

static void complete(size_t index, int64_t affected)
{
	db.listener->complete(db.listener->ctx, index, affected);
}

/* Statements stay in flight in a ring that grows. */
START_TEST(knows_the_statements_that_are_in_flight)
{
	enum { STATEMENTS = 300, DONE = 40 };

	scratch.log.debug = true;
	for (size_t i = 0; i < STATEMENTS; i++) {
		send_text(arena_printf(&scratch.arena, "s%zu", i), 0);
		if (i < DONE)
			complete(i, -1);
	}
	ck_assert_ptr_null(script_listener_find(&listener, DONE - 1));
	for (size_t i = DONE; i < STATEMENTS; i++)
		ck_assert_str_eq(script_listener_find(&listener, i)->text,
		                 arena_printf(&scratch.arena, "s%zu", i));
	ck_assert_ptr_null(script_listener_find(&listener, STATEMENTS));
	ck_assert_uint_eq(listener.progress.completed, DONE);
	complete(STATEMENTS - 1, -1);
	ck_assert_ptr_null(script_listener_find(&listener, STATEMENTS - 1));
	script_listener_restart(&listener);
	send_text("again", 0);
	ck_assert_str_eq(script_listener_find(&listener, 0)->text, "again");
}
END_TEST

START_TEST(shows_notices_when_their_statement_has_succeeded)
{
	send_text("a", 0);
	send_text("b", 0);
	give_notice("00000", "one");
	give_notice("01000", "two");
	ck_assert_str_eq(scratch_lines(&scratch), "");
	complete(0, -1);
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "INFO DB: one\nWARN DB: two (SQL State: 01000 - Error Code: 0)\n");
	complete(1, -1);
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

START_TEST(shows_notices_before_the_result)
{
	send_text("a", 0);
	give_notice("00000", "one");
	give_row(0, "5");
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "INFO DB: one\nINFO +---+\n| x |\n+---+\n| 5 |\n+---+\n\n");
}
END_TEST

START_TEST(adds_notices_to_the_error_of_their_statement)
{
	const struct str_list *texts;

	send_text("a", 0);
	send_text("b", 0);
	give_notice("00000", "of a");
	complete(0, -1);
	scratch_lines(&scratch);
	give_notice("00000", "one\r\ntwo");
	give_notice("25001", "three");
	script_listener_failed(&listener, 1, &scratch.err);
	ck_assert_str_eq(scratch_lines(&scratch), "");
	texts = scratch_texts(&scratch.arena, &scratch.err.notes);
	ck_assert_str_eq(str_list_join(&scratch.arena, texts, "\n"),
	                 "notice of the failed statement: one  two\n"
	                 "warning of the failed statement: three (SQL State: 25001)");
	script_listener_failed(&listener, 1, &scratch.err);
	ck_assert_uint_eq(scratch.err.notes.n, 2);
}
END_TEST

START_TEST(adds_the_last_of_many_notices)
{
	for (size_t i = 1; i <= NOTICES_SHOWN + 3; i++)
		give_notice("00000", arena_printf(&scratch.arena, "%zu", i));
	script_listener_failed(&listener, 0, &scratch.err);
	ck_assert_uint_eq(scratch.err.notes.n, NOTICES_SHOWN + 1);
	ck_assert_str_eq(scratch.err.notes.items[0].text,
	                 "the first 3 notices of the failed statement are left out");
	ck_assert_str_eq(scratch.err.notes.items[1].text, "notice of the failed statement: 4");
	ck_assert_str_eq(scratch.err.notes.items[NOTICES_SHOWN].text,
	                 "notice of the failed statement: 23");
}
END_TEST

/* Past the limit of what is kept in memory. */
START_TEST(keeps_many_notices_in_a_file)
{
	char *message = arena_alloc(&scratch.arena, SPOOL_IN_MEMORY / 2 + 1);
	size_t len = strlen("INFO DB: \n") + SPOOL_IN_MEMORY / 2;

	memset(message, 'x', SPOOL_IN_MEMORY / 2);
	message[SPOOL_IN_MEMORY / 2] = '\0';
	scratch.lines.max = (size_t)4 * SPOOL_IN_MEMORY;
	for (size_t i = 0; i < 3; i++)
		give_notice("00000", message);
	give_notice("00000", "last");
	complete(0, -1);
	const char *lines = scratch_lines(&scratch);
	ck_assert_uint_eq(strlen(lines), 3 * len + strlen("INFO DB: last\n"));
	ck_assert_str_eq(lines + 3 * len, "INFO DB: last\n");
}
END_TEST

/* Flyway shows none of a COPY, whatever becomes of it. */
START_TEST(shows_notices_of_copy_in_lines_of_our_own)
{
	send_text("copy a from stdin", STATEMENT_COPY_IN);
	give_notice("00000", "row 1");
	complete(0, 1);
	ck_assert_str_eq(scratch_lines(&scratch), "INFO cflyway: notice of COPY: row 1\n");
}
END_TEST

START_TEST(shows_the_statements_that_were_executed)
{
	scratch.log.debug = true;
	send_text("a", 0);
	send_text("b", 0);
	send_text("c", 0);
	send_text("d", 0);
	ck_assert_str_eq(scratch_lines(&scratch), "");
	complete(0, 3);
	give_row(1, "5");
	complete(1, 1);
	script_listener_failed(&listener, 2, &scratch.err);
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "DEBUG Executing SQL: a\nDEBUG 3 rows affected\nDEBUG Executing SQL: b\n"
	                 "INFO +---+\n| x |\n+---+\n| 5 |\n+---+\n\nDEBUG 1 row affected\n"
	                 "DEBUG Executing SQL: c\n");
	ck_assert_str_eq(script_listener_find(&listener, 2)->text, "c");
	ck_assert_ptr_null(script_listener_find(&listener, 1));
	ck_assert_ptr_null(script_listener_find(&listener, 4));
}
END_TEST

START_TEST(holds_back_what_a_statement_brings)
{
	script_listener_hold(&listener);
	give_notice("00000", "one");
	complete(0, -1);
	ck_assert_str_eq(scratch_lines(&scratch), "");
	script_listener_release(&listener);
	ck_assert_str_eq(scratch_lines(&scratch), "INFO DB: one\n");
	script_listener_hold(&listener);
	give_notice("00000", "two");
	complete(0, -1);
	script_listener_drop(&listener);
	script_listener_release(&listener);
	ck_assert_str_eq(scratch_lines(&scratch), "");
}
END_TEST

/* Lines that were lost with the temporary file are said once. */
START_TEST(says_that_lines_have_been_lost)
{
	script_listener_hold(&listener);
	log_info(listener.log, "first");
	listener.has_lost_lines = true;
	script_listener_release(&listener);
	ck_assert_str_eq(scratch_lines(&scratch),
	                 "INFO cflyway: not all results can be shown: the temporary file for them "
	                 "is incomplete\n");
	script_listener_hold(&listener);
	log_info(listener.log, "second");
	log_warn(listener.log, "third");
	ck_assert_str_eq(scratch_lines(&scratch), "");
	script_listener_release(&listener);
	ck_assert_str_eq(scratch_lines(&scratch), "INFO second\nWARN third\n");
}
END_TEST

Suite *script_listener_suite(void)
{
	Suite *suite = suite_create("script_listener");
	TCase *tc = tcase_create("script_listener");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, says_that_lines_have_been_lost);
	tcase_add_test(tc, knows_the_statements_that_are_in_flight);
	tcase_add_test(tc, shows_notices_when_their_statement_has_succeeded);
	tcase_add_test(tc, shows_notices_before_the_result);
	tcase_add_test(tc, adds_notices_to_the_error_of_their_statement);
	tcase_add_test(tc, adds_the_last_of_many_notices);
	tcase_add_test(tc, keeps_many_notices_in_a_file);
	tcase_add_test(tc, shows_notices_of_copy_in_lines_of_our_own);
	tcase_add_test(tc, shows_the_statements_that_were_executed);
	tcase_add_test(tc, holds_back_what_a_statement_brings);
	suite_add_tcase(suite, tc);
	return suite;
}
