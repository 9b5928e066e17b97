/* SPDX-License-Identifier: Apache-2.0 */
/* test_progress.c - how far migrate is: for people (a line) and for programs (events) */
#include "suites.h"

#include "../../src/core/progress_line.h"

#include "cflyway/base/buf.h"
#include "cflyway/core/progress_event.h"

static struct arena memory;
static struct buf shown;
static int64_t now_ms;

static void show_line(void *ctx, struct str line)
{
	(void)ctx;
	buf_printf(&shown, "[%.*s]", (int)line.len, line.ptr);
}

static void show_step(void *ctx, const struct log_step *step)
{
	(void)ctx;
	buf_printf(&shown, "%s %zu/%zu %s\n", step->operation, step->number, step->total,
	           step->message);
}

static int64_t tell_ms(const struct clock *clock)
{
	(void)clock;
	return now_ms;
}

static const struct clock clock_of_test = {.monotonic_ms = tell_ms};
static struct settings settings;
static struct log log_of_test;
static struct run run;

static const struct migration migration = {
	.script = "sub/V1__a.sql",
	.file_name = "V1__a.sql",
};

static void set_up(void)
{
	arena_init(&memory);
	shown = (struct buf)BUF_EMPTY(1 << 16);
	now_ms = 5000;
	settings = (struct settings){.says_progress = true};
	log_of_test = (struct log){.progress = show_line, .step = show_step};
	run = (struct run){
		.arena = &memory,
		.settings = &settings,
		.log = &log_of_test,
		.clock = &clock_of_test,
	};
}

static void tear_down(void)
{
	buf_release(&shown);
	arena_release(&memory);
}

static const char *take_shown(void)
{
	const char *text = str_dup(&memory, buf_str(&shown));

	buf_release(&shown);
	return text;
}

/* --- events -------------------------------------------------------------------------------- */

START_TEST(events_are_numbered_through)
{
	struct progress_events events = {0};

	progress_events_expect(&events, 1);
	progress_event_log(&events, &run, &migration, PROGRESS_STARTING);
	progress_event_log(&events, &run, &migration, PROGRESS_MIGRATING);
	progress_event_log(&events, &run, &migration, PROGRESS_COMPLETED);
	progress_events_expect(&events, 2);
	progress_event_log(&events, &run, &migration, PROGRESS_SKIPPING);
	ck_assert_str_eq(take_shown(),
	                 "migrate 1/1 Starting migration of sub/V1__a.sql ...\n"
	                 "migrate 2/2 Migrating sub/V1__a.sql\n"
	                 "migrate 3/3 Successfully completed migration of sub/V1__a.sql\n"
	                 "migrate 4/6 Skipping migration of sub/V1__a.sql\n");
}
END_TEST

START_TEST(a_group_is_counted_once)
{
	struct progress_events events = {0};

	progress_events_expect(&events, 2);
	for (size_t i = 0; i < 2; i++) {
		progress_events_expect(&events, 1);
		progress_event_log(&events, &run, &migration, PROGRESS_STARTING);
		progress_event_log(&events, &run, &migration, PROGRESS_MIGRATING);
	}
	ck_assert_str_eq(take_shown(), "migrate 1/2 Starting migration of sub/V1__a.sql ...\n"
	                               "migrate 2/2 Migrating sub/V1__a.sql\n"
	                               "migrate 3/3 Starting migration of sub/V1__a.sql ...\n"
	                               "migrate 4/4 Migrating sub/V1__a.sql\n");
}
END_TEST

START_TEST(events_are_for_those_who_ask)
{
	struct progress_events events = {0};

	settings.says_progress = false;
	progress_events_expect(&events, 1);
	progress_event_log(&events, &run, &migration, PROGRESS_STARTING);
	ck_assert_str_eq(take_shown(), "");
	ck_assert_uint_eq(events.said, 0);
}
END_TEST

/* --- the line ------------------------------------------------------------------------------ */

#define MEGABYTE ((size_t)1024 * 1024)

struct fixture {
	struct text_memory text;
	struct splitter *splitter;
	struct progress_line line;
};

static void begin(struct fixture *fixture, size_t statements, size_t size_bytes)
{
	const struct split_options options = {.path = "x", .max_statement_size = SIZE_MAX};
	const struct script_traits traits = {.statements = statements, .size_bytes = size_bytes};

	text_memory_init(&fixture->text, str_of("select 1; select 2;"), 0);
	fixture->splitter = split_open(&dialect_postgres, &fixture->text.source, &options);
	progress_line_begin(&fixture->line, &run, &migration, &traits, fixture->splitter);
}

static void end(struct fixture *fixture)
{
	progress_line_end(&fixture->line);
	split_close(fixture->splitter);
}

START_TEST(the_line_comes_after_a_second_and_then_five_times_a_second)
{
	static const struct {
		int64_t at_ms;
		bool is_shown;
	} ticks[] = {
		{0, false},   {999, false}, {1000, true},  {1001, false}, {1199, false},
		{1200, true}, {5000, true}, {5199, false}, {5200, true},
	};
	struct fixture fixture;

	begin(&fixture, 2, MEGABYTE);
	for (size_t i = 0; i < COUNT(ticks); i++) {
		now_ms = 5000 + ticks[i].at_ms;
		progress_line_tick(&fixture.line);
		ck_assert_msg((take_shown()[0] != '\0') == ticks[i].is_shown, "at %d ms",
		              (int)ticks[i].at_ms);
	}
	end(&fixture);
	ck_assert_str_eq(take_shown(), "[]");
}
END_TEST

static const struct {
	int64_t elapsed_ms;
	size_t statements, completed, size_bytes;
	const char *line;
} lines[] = {
	{1000, 10, 0, MEGABYTE, "[V1__a.sql: statement 1 of 10, 0.0 of 1.0 MB, 00:01]"},
	{59999, 10, 3, 3 * MEGABYTE / 2, "[V1__a.sql: statement 4 of 10, 0.0 of 1.5 MB, 00:59]"},
	{60000, 10, 9, 0, "[V1__a.sql: statement 10 of 10, 0.0 of 0.0 MB, 01:00]"},
	{3725000, 10, 10, 0, "[V1__a.sql: statement 10 of 10, 0.0 of 0.0 MB, 62:05]"},
};

START_TEST(the_line_tells_statements_size_and_time)
{
	struct fixture fixture;

	begin(&fixture, lines[_i].statements, lines[_i].size_bytes);
	fixture.line.completed = lines[_i].completed;
	now_ms += lines[_i].elapsed_ms;
	progress_line_tick(&fixture.line);
	ck_assert_str_eq(take_shown(), lines[_i].line);
	end(&fixture);
}
END_TEST

START_TEST(what_was_never_shown_is_not_taken_away)
{
	struct fixture fixture;

	begin(&fixture, 2, MEGABYTE);
	progress_line_tick(&fixture.line);
	end(&fixture);
	ck_assert_str_eq(take_shown(), "");
}
END_TEST

START_TEST(after_the_end_nothing_is_shown)
{
	struct fixture fixture;

	begin(&fixture, 2, MEGABYTE);
	now_ms += 2000;
	progress_line_tick(&fixture.line);
	end(&fixture);
	progress_line_end(&fixture.line);
	now_ms += 2000;
	progress_line_tick(&fixture.line);
	ck_assert_str_eq(take_shown(), "[V1__a.sql: statement 1 of 2, 0.0 of 1.0 MB, 00:02][]");
}
END_TEST

START_TEST(without_a_terminal_nothing_is_shown)
{
	struct fixture fixture;

	log_of_test.progress = NULL;
	begin(&fixture, 2, MEGABYTE);
	now_ms += 2000;
	progress_line_tick(&fixture.line);
	end(&fixture);
	ck_assert_str_eq(take_shown(), "");
}
END_TEST

Suite *progress_suite(void)
{
	Suite *suite = suite_create("progress");
	TCase *tc = tcase_create("progress");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, events_are_numbered_through);
	tcase_add_test(tc, a_group_is_counted_once);
	tcase_add_test(tc, events_are_for_those_who_ask);
	tcase_add_test(tc, the_line_comes_after_a_second_and_then_five_times_a_second);
	tcase_add_loop_test(tc, the_line_tells_statements_size_and_time, 0, COUNT(lines));
	tcase_add_test(tc, what_was_never_shown_is_not_taken_away);
	tcase_add_test(tc, after_the_end_nothing_is_shown);
	tcase_add_test(tc, without_a_terminal_nothing_is_shown);
	suite_add_tcase(suite, tc);
	return suite;
}
