/* SPDX-License-Identifier: Apache-2.0 */
/* test_output_targets.c - how targets ended, as text and as one document */
#include "capture.h"
#include "scratch.h"
#include "suites.h"

#include "cflyway/base/attr.h"
#include "cflyway/output/output.h"

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

static bool begin(enum output_type type)
{
	const struct invocation invocation = {.output_type = type};

	captured_out = capture_begin(stdout);
	captured_err = capture_begin(stderr);
	return output_open(&output, &scratch.arena, &invocation, &err);
}

static bool end(void)
{
	bool ok = output_close(&output);

	errors = capture_end(&captured_err, &scratch.arena);
	out = capture_end(&captured_out, &scratch.arena);
	return ok;
}

static void finish(size_t i, struct target_outcome *outcome, enum target_state state)
{
	*outcome = output.targets.current;
	outcome->state = state;
	outcome->elapsed_ms = 1000 * (int64_t)i + 5;
	output_target_end(&output.targets, i, outcome, output_take_document(&output));
}

/* Four targets, which end in another order than their own. */
static void play_targets(void)
{
	const struct sql_failure sql = {
		.message = "ERROR: no\n  Detail: x", .path = "sql/V2__b.sql", .line = 3};
	struct target_outcome outcomes[4] = {{0}};

	output_begin(&output);
	output_targets_begin(&output.targets, &output.console, &output.log, COUNT(outcomes));
	output_target(&output, "b");
	error_set_sql(&err, ERROR_GENERAL, &sql, "failed");
	(void)output_failure(&output, &scratch.arena, NULL, &err);
	finish(1, &outcomes[1], TARGET_FAILED);
	output_target(&output, "a");
	log_cflyway(&output.log, "of a");
	output_result(&output, &scratch.arena, &(struct settings){.output_type = OUTPUT_JSON},
	              &(struct result){.kind = RESULT_BASELINE, .baseline = {"1", NULL}});
	finish(0, &outcomes[0], TARGET_SUCCEEDED);
	outcomes[2] = (struct target_outcome){.name = "c", .state = TARGET_SKIPPED, .because = "b"};
	output_target_end(&output.targets, 2, &outcomes[2], STR(""));
	outcomes[3] = (struct target_outcome){.name = "d", .state = TARGET_NOT_BEGUN};
	output_target_end(&output.targets, 3, &outcomes[3], STR(""));
	output_targets_end(&output.targets, outcomes, COUNT(outcomes));
}

START_TEST(tells_how_targets_ended)
{
	bool opened = begin(OUTPUT_TEXT);

	play_targets();
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(
		out,
		"cflyway: target b\ncflyway: target a\ncflyway: of a\n"
		"cflyway: target c was skipped, because b did not succeed\n\n"
		"+--------+-----------+---------+------------+------------+------------------------"
		"------+\n"
		"| Target | State     | Version | Migrations | Time       | Reason                 "
		"      |\n"
		"+--------+-----------+---------+------------+------------+------------------------"
		"------+\n"
		"| a      | succeeded | 1       |            | 00:00.005s |                        "
		"      |\n"
		"| b      | failed    |         |            | 00:01.005s | V2__b.sql, line 3: ERRO"
		"R: no |\n"
		"| c      | skipped   |         |            |            | b did not succeed      "
		"      |\n"
		"| d      | not begun |         |            |            |                        "
		"      |\n"
		"+--------+-----------+---------+------------+------------+------------------------"
		"------+\n\n"
		"cflyway: targets: 1 succeeded (a), 1 failed (b), 1 skipped (c), 1 not begun (d)\n");
	ck_assert_ptr_nonnull(strstr(errors, "ERROR: failed\n"));
}
END_TEST

START_TEST(puts_targets_into_one_document)
{
	bool opened = begin(OUTPUT_JSON);

	play_targets();
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(errors, "");
	/* the SQL of b is tested with the errors */
	const char *rest = strstr(out, "      \"error\" : {");
	const char *next = strstr(out, "  }, {\n    \"target\" : \"c\"");
	ck_assert(rest != NULL && next != NULL);
	ck_assert_str_eq(arena_strndup(&scratch.arena, out, (size_t)(rest - out)),
	                 "{\n"
	                 "  \"targets\" : [ {\n"
	                 "    \"target\" : \"a\",\n"
	                 "    \"state\" : \"succeeded\",\n"
	                 "    \"version\" : \"1\",\n"
	                 "    \"executionTime\" : 5,\n"
	                 "    \"result\" : {\n"
	                 "      \"baselineVersion\" : \"1\",\n"
	                 "      \"database\" : null,\n"
	                 "      \"flywayVersion\" : \"12.4.0\",\n"
	                 "      \"operation\" : \"baseline\",\n"
	                 "      \"successfullyBaselined\" : true,\n"
	                 "      \"warnings\" : [ ],\n"
	                 "      \"cflyway\" : [ {\n"
	                 "        \"kind\" : \"note\",\n"
	                 "        \"message\" : \"of a\"\n"
	                 "      } ]\n"
	                 "    }\n"
	                 "  }, {\n"
	                 "    \"target\" : \"b\",\n"
	                 "    \"state\" : \"failed\",\n"
	                 "    \"version\" : null,\n"
	                 "    \"executionTime\" : 1005,\n"
	                 "    \"error\" : \"V2__b.sql, line 3: ERROR: no\",\n"
	                 "    \"result\" : {\n");
	ck_assert_str_eq(next, "  }, {\n"
	                       "    \"target\" : \"c\",\n"
	                       "    \"state\" : \"skipped\",\n"
	                       "    \"because\" : \"b\",\n"
	                       "    \"version\" : null,\n"
	                       "    \"executionTime\" : 0\n"
	                       "  }, {\n"
	                       "    \"target\" : \"d\",\n"
	                       "    \"state\" : \"notBegun\",\n"
	                       "    \"version\" : null,\n"
	                       "    \"executionTime\" : 0\n"
	                       "  } ],\n"
	                       "  \"succeeded\" : 1,\n"
	                       "  \"failed\" : 1,\n"
	                       "  \"skipped\" : 1,\n"
	                       "  \"notBegun\" : 1\n"
	                       "}\n");
}
END_TEST

START_TEST(counts_what_is_executed)
{
	const struct result migrated = {
		.kind = RESULT_MIGRATE,
		.migrate = {.executed = 3, .initial_schema_version = "2"},
	};
	const struct result undone = {.kind = RESULT_UNDO, .undo = {.n = 2}};
	const struct result seen = {.kind = RESULT_INFO, .info = {.schema_version = "7"}};
	bool opened = begin(OUTPUT_TEXT);

	output_targets_begin(&output.targets, &output.console, &output.log, 1);
	output_target(&output, "a");
	output_target_result(&output.targets, NULL);
	output_target_result(&output.targets, &migrated);
	output_target_result(&output.targets, &migrated);
	const char *migrated_to = output.targets.current.version;
	output_target_result(&output.targets, &undone);
	const char *undone_to = output.targets.current.version;
	output_target_result(&output.targets, &seen);
	struct target_outcome outcome = output.targets.current;
	outcome.state = TARGET_SUCCEEDED;
	output_targets_end(&output.targets, &outcome, 1);
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_str_eq(migrated_to, "2");
	ck_assert_ptr_null(undone_to);
	ck_assert_str_eq(outcome.version, "7");
	ck_assert_ptr_nonnull(strstr(out, "| 7       | 6 applied, 2 undone |"));
}
END_TEST

enum { MANY = 101 };

START_TEST(shows_of_many_what_did_not_succeed)
{
	struct target_outcome outcomes[MANY];
	bool opened = begin(OUTPUT_TEXT);

	output_targets_begin(&output.targets, &output.console, &output.log, MANY);
	for (size_t i = 0; i < MANY; i++)
		outcomes[i] = (struct target_outcome){
			.name = arena_printf(&scratch.arena, "t%zu", i),
			.state = i == 7 ? TARGET_FAILED : TARGET_SUCCEEDED,
		};
	output_targets_end(&output.targets, outcomes, MANY);
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_ptr_nonnull(strstr(out, "| t7     | failed |"));
	ck_assert_ptr_null(strstr(out, "| t8"));
	ck_assert_ptr_nonnull(strstr(out, "cflyway: targets: 100 succeeded, 1 failed (t7)\n"));
}
END_TEST

START_TEST(cuts_a_long_error_between_characters)
{
	struct buf text = BUF_EMPTY(1000);
	bool opened = begin(OUTPUT_TEXT);

	buf_add(&text, "x");
	for (size_t i = 0; i < 99; i++)
		buf_add(&text, "\xC3\xA9");
	output_targets_begin(&output.targets, &output.console, &output.log, 1);
	error_set(&err, ERROR_GENERAL, "%s", text.ptr);
	buf_release(&text);
	output_target_error(&output.targets, &err);
	const char *shown = output.targets.current.error;
	bool closed = end();
	ck_assert(opened && closed);
	ck_assert_uint_eq(strlen(shown), 159 + 3);
	ck_assert_str_eq(shown + 157, "\xC3\xA9...");
}
END_TEST

Suite *output_targets_suite(void)
{
	Suite *suite = suite_create("output_targets");
	TCase *tc = tcase_create("output_targets");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, tells_how_targets_ended);
	tcase_add_test(tc, puts_targets_into_one_document);
	tcase_add_test(tc, counts_what_is_executed);
	tcase_add_test(tc, shows_of_many_what_did_not_succeed);
	tcase_add_test(tc, cuts_a_long_error_between_characters);
	suite_add_tcase(suite, tc);
	return suite;
}
