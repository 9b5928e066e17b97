/* SPDX-License-Identifier: Apache-2.0 */
/* test_output.c - one document for all verbs; the log of a JSON call */
#include "capture.h"
#include "suites.h"

#include "cflyway/base/about.h"
#include "cflyway/output/output.h"
#include "cflyway/output/report_error.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

/* --- calls ----------------------------------------------------------------------------------- */

static const char *verbs[] = {"baseline", "testConnection"};

static struct library libraries[] = {{"one", "1.2"}, {"two", "3"}};

static struct result baseline_result(void)
{
	return (struct result){.kind = RESULT_BASELINE, .baseline = {"1", NULL}};
}

static void play(const char *script, struct output *output)
{
	const struct settings settings = {.output_type = OUTPUT_JSON};
	struct error err = ERROR_INIT(&arena);

	for (; *script != '\0'; script++) {
		struct result result = baseline_result();

		switch (*script) {
		case 'b': /* a result */
			output_result(output, &arena, &settings, &result);
			break;
		case 'h': /* one that has no document */
			result.kind = RESULT_HELP;
			output_result(output, &arena, &settings, &result);
			break;
		case 'l': /* versions of libraries */
			result = (struct result){
				.kind = RESULT_VERSION,
				.version = {libraries, COUNT(libraries)},
			};
			output_result(output, &arena, &settings, &result);
			break;
		case 'v': /* validation that fails */
			result.kind = RESULT_VALIDATE;
			result.on_failure = ON_FAILURE_RESULT;
			error_set(&err, ERROR_VALIDATE_ERROR, "invalid");
			ck_assert_int_eq(output_failure(output, &arena, &result, &err), 0);
			break;
		case 'f': /* a failure */
			error_set(&err, ERROR_GENERAL, "failed");
			ck_assert_int_eq(output_failure(output, &arena, &result, &err), 1);
			break;
		case 'n': /* a failure with a note */
			error_set(&err, ERROR_GENERAL, "failed");
			error_note(&err, "note");
			ck_assert_int_eq(output_failure(output, &arena, NULL, &err), 1);
			break;
		case 'i':
			log_info(&output->log, "info \"%s\"\nsecond\n\n", "ä");
			break;
		case 'e':
			log_info(&output->log, "%s", "");
			break;
		case 'w':
			log_warn(&output->log, "warning");
			break;
		case 'o':
			log_cflyway(&output->log, "ours");
			break;
		case 'r': /* a remark about a line */
			log_remark(&output->log, "a\"b\x01.sql", 3, "here\nand there");
			break;
		case 'p': /* a failure with a place and a cause */
			error_set(&err, ERROR_GENERAL, "failed");
			note_list_add(&arena, &err.notes,
			              &(struct note){.kind = NOTE_CAUSE, .text = "why"});
			note_list_add(&arena, &err.notes,
			              &(struct note){.kind = NOTE_PLACE,
			                             .text = "a.sql:4:7\n4 | x",
			                             .place = &(struct note_place){"a.sql", 4, 7}});
			ck_assert_int_eq(output_failure(output, &arena, NULL, &err), 1);
			break;
		case '!':
			output_begin(output);
			break;
		default:
			ck_abort_msg("unknown step %c", *script);
		}
	}
}

#define NOTE(text) "{\n    \"kind\" : \"note\",\n    \"message\" : \"" text "\"\n  }"

#define BASELINE(indent)                                                                           \
	indent "  \"baselineVersion\" : \"1\",\n" indent "  \"database\" : null,\n" indent         \
	       "  \"flywayVersion\" : \"12.4.0\",\n" indent                                        \
	       "  \"operation\" : \"baseline\",\n" indent                                          \
	       "  \"successfullyBaselined\" : true,\n" indent "  \"warnings\" : [ ]"
#define FAILED                                                                                     \
	"{\n  \"error\" : {\n    \"errorCode\" : \"ERROR\",\n    \"message\" : \"failed\",\n"      \
	"    \"cause\" : null\n  }"
#define LOGGED                                                                                     \
	"{\"level\":\"INFO\",\"message\":\"info \\\"ä\\\"\"}\n"                                   \
	"{\"level\":\"INFO\",\"message\":\"second\"}\n"

static const struct {
	const char *name;
	size_t verbs;
	bool logs;
	const char *script;
	const char *out, *err;
} calls[] = {
	{"one verb is the document", 1, false, "!b", "{\n" BASELINE("") "\n}\n", ""},
	{"several verbs", 2, false, "!bb",
         "{\n  \"individualResults\" : [ {\n" BASELINE("  ") "\n  }, {\n" BASELINE(
		 "  ") "\n  } ]\n}\n",
         ""},
	{"verbs without a document", 2, false, "!hh", "", ""},
	{"one of two has a document", 2, false, "!bh",
         "{\n  \"individualResults\" : [ {\n" BASELINE("  ") "\n  } ]\n}\n", ""},
	{"a failure takes the place of results", 2, false, "!bf", FAILED "\n}\n", ""},
	{"a failure before the first verb", 1, false, "f", FAILED "\n}\n", ""},
	{"lines of our own", 1, false, "io!wb",
         "{\n" BASELINE("") ",\n  \"cflyway\" : [ " NOTE("ours") " ]\n}\n", ""},
	{"notes of a failure", 2, false, "!bon",
         FAILED ",\n  \"cflyway\" : [ " NOTE("ours") ", " NOTE("note") " ]\n}\n", ""},
	{"versions of libraries", 1, false, "!l",
         "{\n  \"command\" : \"version\",\n  \"edition\" : null,\n"
         "  \"pluginVersions\" : [ ],\n  \"version\" : \"" FLYWAY_VERSION "\",\n"
         "  \"cflyway\" : [ " NOTE("cflyway " CFLYWAY_VERSION) ", " NOTE("one 1.2") ", " NOTE(
		 "two 3") " ]\n}\n",
         ""},
	{"own lines without a document", 1, false, "!oh", "", ""},
	{"logs as objects", 1, true, "i!wb", "{\n" BASELINE("") "\n}\n",
         LOGGED "{\"level\":\"WARN\",\"message\":\"warning\"}\n"},
	{"logs of a bad configuration", 1, true, "if", FAILED "\n}\n", ""},
	{"an empty line", 1, true, "!e", "", "{\"level\":\"INFO\",\"message\":\"\"}\n"},
	{"our lines among the logs", 1, true, "!ob",
         "{\n" BASELINE("") ",\n  \"cflyway\" : [ " NOTE("ours") " ]\n}\n",
         "{\"level\":\"INFO\",\"message\":\"ours\",\"cflyway\":{\"kind\":\"note\"}}\n"},
	{"our lines before the configuration is checked", 1, true, "oi", "", ""},
	{"a remark about a line", 1, true, "!r", "",
         "{\"level\":\"INFO\",\"message\":\"here\\nand there\",\"cflyway\":{\"kind\":\"note\","
         "\"path\":\"a\\\"b\\u0001.sql\",\"line\":3}}\n"},
	{"notes of a failure among the logs", 1, true, "!p",
         FAILED ",\n  \"cflyway\" : [ {\n    \"kind\" : \"place\",\n    \"message\" : "
                "\"a.sql:4:7\\n4 | x\",\n    \"path\" : \"a.sql\",\n    \"line\" : 4,\n    "
                "\"column\" : 7\n  }, {\n    \"kind\" : \"cause\",\n    \"message\" : "
                "\"why\"\n  } ]\n}\n",
         "{\"level\":\"INFO\",\"message\":\"a.sql:4:7\\n4 | x\",\"cflyway\":{\"kind\":"
         "\"place\",\"path\":\"a.sql\",\"line\":4,\"column\":7}}\n"
         "{\"level\":\"INFO\",\"message\":\"why\",\"cflyway\":{\"kind\":\"cause\"}}\n"},
};

START_TEST(prints_one_document)
{
	struct invocation invocation = {
		.verbs = {verbs, calls[_i].verbs},
		.quiet = true, /* does not matter */
		.output_type = OUTPUT_JSON,
		.logs_in_json = calls[_i].logs,
	};
	struct error err = ERROR_INIT(&arena);
	struct output output;
	struct capture out = capture_begin(stdout), errors = capture_begin(stderr);

	bool opened = output_open(&output, &arena, &invocation, &err);
	play(calls[_i].script, &output);
	bool closed = output_close(&output);
	const char *stderr_text = capture_end(&errors, &arena),
		   *stdout_text = capture_end(&out, &arena);

	ck_assert(opened && closed);
	ck_assert_msg(strcmp(stdout_text, calls[_i].out) == 0, "%s:\n%s", calls[_i].name,
	              stdout_text);
	ck_assert_msg(strcmp(stderr_text, calls[_i].err) == 0, "%s:\n%s", calls[_i].name,
	              stderr_text);
}
END_TEST

START_TEST(shows_a_failed_validation_as_result)
{
	struct invocation invocation = {.verbs = {verbs, 2}, .output_type = OUTPUT_JSON};
	struct error err = ERROR_INIT(&arena);
	struct output output;
	struct capture out = capture_begin(stdout);

	bool opened = output_open(&output, &arena, &invocation, &err);
	play("!vb", &output);
	bool closed = output_close(&output);
	const char *text = capture_end(&out, &arena);

	ck_assert(opened && closed);
	ck_assert_ptr_nonnull(strstr(text, "\"validationSuccessful\" : false"));
	ck_assert_ptr_nonnull(strstr(text, "\"successfullyBaselined\" : true"));
}
END_TEST

START_TEST(writes_the_document_to_a_file_as_well)
{
	char path[] = "/tmp/cflyway-test.XXXXXX";
	int fd = mkstemp(path);
	struct invocation invocation = {
		.verbs = {verbs, 1},
		.output_type = OUTPUT_JSON,
		.output_file = path,
	};
	struct error err = ERROR_INIT(&arena);
	struct output output;
	char text[1000];
	struct capture out = capture_begin(stdout);

	bool opened = output_open(&output, &arena, &invocation, &err);
	play("!f", &output);
	bool closed = output_close(&output);
	capture_end(&out, &arena);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	unlink(path);
	ck_assert(opened && closed);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	ck_assert_str_eq(text, FAILED "\n}");
}
END_TEST

START_TEST(refuses_a_file_that_cannot_be_written)
{
	struct invocation invocation = {
		.verbs = {verbs, 1},
		.output_type = OUTPUT_JSON,
		.output_file = "/nonexistent/o.json",
	};
	struct error err = ERROR_INIT(&arena);
	struct output output;

	ck_assert(!output_open(&output, &arena, &invocation, &err));
	ck_assert_str_eq(err.message, "Could not write to output file /nonexistent/o.json");
	ck_assert(output_close(&output));
	invocation.output_type = OUTPUT_TEXT;
	ck_assert(!output_open(&output, &arena, &invocation, &err));
	ck_assert_str_eq(err.message, "Could not initialize log file at /nonexistent/o.json.");
	ck_assert_str_eq(err.cause, "java.nio.file.NoSuchFileException: /nonexistent/o.json");
	ck_assert(output_close(&output));
}
END_TEST

static void keep_text(void *ctx, enum log_level level, struct str message)
{
	const char **kept = ctx;

	ck_assert_int_eq(level, LOG_LEVEL_ERROR);
	*kept = str_dup(&arena, message);
}

static const struct {
	const char *cause, *root_cause, *shown;
} causes[] = {
	{NULL, NULL, "failed"},
	{"gone", NULL, "failed\r\nCaused by: gone"},
	{"gone", "lost", "failed\r\nCaused by: gone\r\nCaused by: lost"},
	{"java.net.UnknownHostException: h", NULL, "failed\r\nCaused by: unknown host: h"},
	{"x", "java.lang.ClassNotFoundException: y",
         "failed\r\nCaused by: x\r\nCaused by: no such class: y"},
	{"java.lang.reflect.InvocationTargetException", "x", "failed\r\nCaused by: x"},
	{"java.nio.charset.MalformedInputException: Input length = 2", NULL,
         "failed\r\nCaused by: bytes that this encoding does not have: Input length = 2"},
	{"java.nio.charset.UnmappableCharacterException: Input length = 2", NULL,
         "failed\r\nCaused by: a character that Unicode does not have: Input length = 2"},
	{"java.nio.charset.UnsupportedCharsetException: x", NULL,
         "failed\r\nCaused by: unknown character set: x"},
	{"java.nio.charset.IllegalCharsetNameException: x y", NULL,
         "failed\r\nCaused by: no legal name of a character set: x y"},
	{"java.io.UnsupportedEncodingException: x", NULL,
         "failed\r\nCaused by: unknown character set: x"},
};

START_TEST(says_causes_in_words)
{
	const char *text = NULL;
	const struct log log = {.sink = keep_text, .ctx = &text};
	struct error err = ERROR_INIT(&arena);

	error_set(&err, ERROR_GENERAL, "failed");
	err.cause = causes[_i].cause;
	err.root_cause = causes[_i].root_cause;
	report_error(&log, true, &err);
	ck_assert_str_eq(text, causes[_i].shown);
}
END_TEST

START_TEST(shows_what_a_program_printed_once)
{
	const char *text = NULL;
	const struct log log = {.sink = keep_text, .ctx = &text};
	struct error err = ERROR_INIT(&arena);

	error_set(&err, ERROR_GENERAL, "failed");
	err.cause = "oops";
	err.is_cause_logged = true;
	report_error(&log, true, &err);
	ck_assert_str_eq(text, "failed");
	report_error(&log, false, &err);
	ck_assert_str_eq(text, "failed\r\nCaused by: oops");
}
END_TEST

Suite *output_suite(void)
{
	Suite *suite = suite_create("output");
	TCase *tc = tcase_create("output");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, prints_one_document, 0, COUNT(calls));
	tcase_add_test(tc, shows_a_failed_validation_as_result);
	tcase_add_test(tc, writes_the_document_to_a_file_as_well);
	tcase_add_test(tc, refuses_a_file_that_cannot_be_written);
	tcase_add_loop_test(tc, says_causes_in_words, 0, COUNT(causes));
	tcase_add_test(tc, shows_what_a_program_printed_once);
	suite_add_tcase(suite, tc);
	return suite;
}
