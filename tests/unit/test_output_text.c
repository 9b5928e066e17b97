/* SPDX-License-Identifier: Apache-2.0 */
/* test_output_text.c - lines of text: streams, colours, silence, progress */
#include "capture.h"
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/fs.h"
#include "cflyway/output/output.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct scratch scratch;
static struct output output;
static struct error err;
static struct capture captured_out, captured_err;
static const char *out, *errors;

static void setup(void)
{
	scratch_open(&scratch);
	error_init(&err, &scratch.arena);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static bool begin(const struct invocation *invocation)
{
	captured_out = capture_begin(stdout);
	captured_err = capture_begin(stderr);
	return output_open(&output, &scratch.arena, invocation, &err);
}

static bool end(void)
{
	bool ok = output_close(&output);

	errors = capture_end(&captured_err, &scratch.arena);
	out = capture_end(&captured_out, &scratch.arena);
	return ok;
}

/* --- lines --------------------------------------------------------------------------------- */

static void log_all(void)
{
	log_debug(&output.log, "debug");
	log_info(&output.log, "info");
	log_info(&output.log, "Successfully done");
	log_cflyway(&output.log, "own");
	log_notice(&output.log, "notice");
	log_warn(&output.log, "Successfully warned");
	log_error(&output.log, "error");
}

static const struct {
	struct invocation invocation;
	const char *out, *errors, *copy;
} lines[] = {
	{{.output_file = "copy"},
         "info\nSuccessfully done\ncflyway: own\nnotice\nWARNING: Successfully warned\n",
         "ERROR: error\n",
         "info\nSuccessfully done\ncflyway: own\nWARNING: Successfully warned\nERROR: error\n"},
	{{.debug = true},
         "DEBUG: debug\ninfo\nSuccessfully done\ncflyway: own\nnotice\n"
         "WARNING: Successfully warned\n",
         "ERROR: error\n",
         NULL},
	{{.quiet = true, .output_file = "copy"},
         "WARNING: Successfully warned\n",
         "ERROR: error\n",
         "WARNING: Successfully warned\nERROR: error\n"},
	{{.quiet = true, .debug = true}, "WARNING: Successfully warned\n", "ERROR: error\n", NULL},
	{{.color = COLOR_ALWAYS, .debug = true, .output_file = "copy"},
         "\033[90mDEBUG: debug\n\033[minfo\n\033[32mSuccessfully done\n\033[mcflyway: own\n"
         "\033[34mnotice\n\033[m\033[33mWARNING: Successfully warned\n\033[m",
         "\033[31mERROR: error\n\033[m",
         "DEBUG: debug\ninfo\nSuccessfully done\ncflyway: own\nWARNING: Successfully warned\n"
         "ERROR: error\n"},
	{{.migration_ids = true, .output_file = "copy"}, "", "", NULL},
	{{.output_type = OUTPUT_JSON, .output_file = "copy"}, "", "", ""},
};

static const char *read_copy(void)
{
	struct buf text = BUF_EMPTY(1 << 16);
	const char *copy = NULL;

	if (fs_kind("copy") == FS_FILE && fs_read_all("copy", &text, &err))
		copy = str_dup(&scratch.arena, buf_str(&text));
	buf_release(&text);
	return copy;
}

START_TEST(writes_lines)
{
	bool opened = begin(&lines[_i].invocation);

	log_all();
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(out, lines[_i].out);
	ck_assert_str_eq(errors, lines[_i].errors);
	ck_assert_pstr_eq(read_copy(), lines[_i].copy);
}
END_TEST

START_TEST(says_that_the_output_cannot_be_written)
{
	const struct invocation invocation = {.quiet = false};
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	bool opened = begin(&invocation);

	dup2(full, STDOUT_FILENO);
	close(full);
	log_info(&output.log, "lost");
	bool closed = end();
	clearerr(stdout);
	ck_assert(opened && !closed);
	ck_assert_str_eq(errors,
	                 "cflyway: the output could not be written: No space left on device\n");
}
END_TEST

START_TEST(says_that_the_copy_cannot_be_written)
{
	const struct invocation invocation = {.output_file = "/dev/full"};
	bool opened = begin(&invocation);

	log_info(&output.log, "shown");
	bool closed = end();
	ck_assert(opened && !closed);
	ck_assert_str_eq(out, "shown\n");
	ck_assert_str_eq(errors,
	                 "cflyway: the output could not be written: No space left on device\n");
}
END_TEST

START_TEST(tells_a_failure_to_open_as_java_does)
{
	const struct invocation invocation = {.output_file = "/nowhere/o"};
	bool opened = begin(&invocation);
	int status = output_not_open(&output, &scratch.arena, &err);
	bool closed = end();

	ck_assert(!opened && closed);
	ck_assert_int_eq(status, 1);
	ck_assert_str_eq(out, "");
	ck_assert_str_eq(errors, "Exception in thread \"main\" "
	                         "org.flywaydb.core.api.FlywayException: Could not initialize log "
	                         "file at /nowhere/o.\nCaused by: "
	                         "java.nio.file.NoSuchFileException: /nowhere/o\n");
}
END_TEST

/* --- progress ------------------------------------------------------------------------------ */

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

/* Where the terminal does not say how wide it is, 80 columns are usual: one stays free. */
static const struct {
	const char *line, *shown;
} widths[] = {
	{"short", "\rshort\033[K"},
	{SEVENTY "012345678", "\r" SEVENTY "012345678\033[K"},
	{SEVENTY TEN, "\r" SEVENTY "012345678\033[K"},
	{SEVENTY "ä2345678x", "\r" SEVENTY "ä2345678x\033[K"},
	{SEVENTY "0123456表", "\r" SEVENTY "0123456表\033[K"},
	{SEVENTY "01234567表", "\r" SEVENTY "01234567\033[K"},
	{SEVENTY "01234567ᄀ", "\r" SEVENTY "01234567\033[K"},
	{SEVENTY "01234567\u10ff9", "\r" SEVENTY "01234567\u10ff\033[K"},
};

START_TEST(shows_progress_where_it_fits)
{
	const struct invocation invocation = {.quiet = false};
	bool opened = begin(&invocation);

	console_progress(&output.console, str_of(widths[_i].line));
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(out, widths[_i].shown);
}
END_TEST

START_TEST(erases_progress_before_a_line)
{
	const struct invocation invocation = {.quiet = false};
	bool opened = begin(&invocation);

	console_progress(&output.console, STR(""));
	console_progress(&output.console, STR("one"));
	console_progress(&output.console, STR("two"));
	log_info(&output.log, "line");
	log_info(&output.log, "next");
	console_progress(&output.console, STR("three"));
	console_progress(&output.console, STR(""));
	console_progress(&output.console, STR(""));
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(out, "\rone\033[K\rtwo\033[K\r\033[Kline\nnext\n\rthree\033[K\r\033[K");
}
END_TEST

START_TEST(writes_steps_as_objects)
{
	const struct invocation invocation = {.quiet = true};
	const struct log_step step = {
		.message = "a \"b\"",
		.operation = "migrate",
		.number = 2,
		.total = 5,
	};
	bool opened = begin(&invocation);

	log_step(&output.log, &step);
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(out, "");
	ck_assert_str_eq(errors,
	                 "{\"message\":\"a \\\"b\\\"\",\"operation\":\"migrate\",\"step\":2,"
	                 "\"tag\":\"progress\",\"totalSteps\":5}\n");
}
END_TEST

/* --- ids ----------------------------------------------------------------------------------- */

static const struct migration versioned = {
	.version = {.kind = VERSION_NUMBER, .text = "1.2"},
	.description = "first",
};
static const struct migration repeatable = {.description = "My view"};
static const struct info_entry one = {.file = &versioned, .state = STATE_PENDING};
static const struct info_entry two = {.file = &repeatable, .state = STATE_PENDING};

START_TEST(prints_ids_alone)
{
	const struct invocation invocation = {.migration_ids = true};
	const struct settings settings = {.migration_ids = true};
	const struct info_entry *shown[] = {&one, &two};
	const struct result result = {
		.kind = RESULT_INFO,
		.info = {.lines = shown, .lines_n = 2, .ids_only = true},
	};
	bool opened = begin(&invocation);

	log_all();
	output_result(&output, &scratch.arena, &settings, &result);
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(out, "1.2,My view");
	ck_assert_str_eq(errors, "");
}
END_TEST

static const struct {
	bool quiet, is_created;
	const char *out;
} added[] = {
	{false, true, "created: sql/V2__b.sql\n"},
	{false, false, "sql/V2__b.sql\n"},
	{true, true, "sql/V2__b.sql\n"},
	{true, false, "sql/V2__b.sql\n"},
};

START_TEST(prints_the_path_of_a_new_file)
{
	const struct invocation invocation = {.quiet = added[_i].quiet};
	const struct settings settings = {.quiet = added[_i].quiet};
	const struct result result = {
		.kind = RESULT_ADD,
		.add = {.path = "sql/V2__b.sql",
	                .is_created = added[_i].is_created,
	                .path_only = added[_i].quiet},
	};
	bool opened = begin(&invocation);

	output_result(&output, &scratch.arena, &settings, &result);
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(out, added[_i].out);
	ck_assert_str_eq(errors, "");
}
END_TEST

/* --- reports ------------------------------------------------------------------------------- */

/* report.json is a folder. */
static const struct {
	bool is_default, quiet;
	enum output_type type;
	const char *out, *errors;
} reports[] = {
	{true, false, OUTPUT_TEXT,
         "WARNING: Unable to create default report files.\n"
         "cflyway: Unable to read file @/report.json: Is a directory\n",
         ""},
	{true, true, OUTPUT_TEXT,
         "WARNING: Unable to create default report files.\n"
         "cflyway: Unable to read file @/report.json: Is a directory\n",
         ""},
	{false, false, OUTPUT_TEXT, "",
         "ERROR: Unable to create report files\n"
         "cflyway: Unable to read file @/other.json: Is a directory\n"},
	{true, false, OUTPUT_JSON, "", ""},
};

START_TEST(says_why_there_is_no_report)
{
	const struct invocation invocation = {
		.output_type = reports[_i].type,
		.quiet = reports[_i].quiet,
	};
	const struct settings settings = {
		.report_enabled = true,
		.report_filename = reports[_i].is_default ? NULL : "other",
	};
	const struct result result = {.kind = RESULT_INFO};
	struct report report;
	struct note_list own;

	scratch_write("report.json/x", "");
	scratch_write("other.json/x", "");
	report_open(&report, &settings, NULL);
	bool opened = begin(&invocation);
	output_report(&output, &report, &clock_system);
	report_add(&report, &result, NULL);
	output_report(&output, &report, &clock_system);
	own = output.console.own;
	bool closed = end();
	report_close(&report);
	ck_assert(opened && closed);
	ck_assert_str_eq(scratch_shorten(&scratch, out), reports[_i].out);
	ck_assert_str_eq(scratch_shorten(&scratch, errors), reports[_i].errors);
	ck_assert_uint_eq(own.n, reports[_i].type == OUTPUT_JSON);
}
END_TEST

Suite *output_text_suite(void)
{
	Suite *suite = suite_create("output_text");
	TCase *tc = tcase_create("output_text");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, writes_lines, 0, COUNT(lines));
	tcase_add_test(tc, says_that_the_output_cannot_be_written);
	tcase_add_test(tc, says_that_the_copy_cannot_be_written);
	tcase_add_test(tc, tells_a_failure_to_open_as_java_does);
	tcase_add_loop_test(tc, shows_progress_where_it_fits, 0, COUNT(widths));
	tcase_add_test(tc, erases_progress_before_a_line);
	tcase_add_test(tc, writes_steps_as_objects);
	tcase_add_test(tc, prints_ids_alone);
	tcase_add_loop_test(tc, prints_the_path_of_a_new_file, 0, COUNT(added));
	tcase_add_loop_test(tc, says_why_there_is_no_report, 0, COUNT(reports));
	suite_add_tcase(suite, tc);
	return suite;
}
