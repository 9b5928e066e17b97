/* SPDX-License-Identifier: Apache-2.0 */
/* test_error.c - one failure, and the lines that go to the log */
#include "suites.h"

#include "cflyway/base/error.h"
#include "cflyway/base/log.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_release(&arena);
}

START_TEST(sets_and_wraps)
{
	struct error err = ERROR_INIT(&arena);

	ck_assert(!err.is_set);
	ck_assert(!error_set(&err, ERROR_CONFIGURATION, "Unknown %s", "thing"));
	ck_assert(err.is_set);
	ck_assert_int_eq(err.code, ERROR_CONFIGURATION);
	ck_assert_int_eq(err.exit_status, EXIT_FAILED);
	ck_assert_str_eq(err.message, "Unknown thing");
	ck_assert_ptr_null(err.cause);
	ck_assert(!error_wrap(&err, "Unable to load %s", "x.conf"));
	ck_assert_str_eq(err.message, "Unable to load x.conf");
	ck_assert_str_eq(err.cause, "Unknown thing");
	ck_assert_int_eq(err.code, ERROR_CONFIGURATION);
	error_note(&err, "note %d", 1);
	error_note(&err, "note %d", 2);
	ck_assert_uint_eq(err.notes.n, 2);
	ck_assert_str_eq(err.notes.items[1].text, "note 2");
	error_clear(&err);
	ck_assert(!err.is_set);
	ck_assert_uint_eq(err.notes.n, 0);
	ck_assert_ptr_eq(err.arena, &arena);
}
END_TEST

START_TEST(refuses_with_a_status_of_its_own)
{
	struct error err = ERROR_INIT(&arena);

	ck_assert(!error_refuse(&err, "%s is not there", "undo"));
	ck_assert_int_eq(err.exit_status, EXIT_REFUSED);
	ck_assert_int_eq(err.code, ERROR_GENERAL);
	ck_assert_str_eq(err.message, "undo is not there");
}
END_TEST

START_TEST(copies_what_the_database_said)
{
	char state[] = "42601", message[] = "ERROR: syntax error";
	struct sql_failure sql = {.state = state, .message = message, .line = 3};
	struct error err = ERROR_INIT(&arena);

	ck_assert(!error_set_sql(&err, ERROR_FAILED_VERSIONED_MIGRATION, &sql,
	                         "Failed to execute script %s", "V1__a.sql"));
	memset(state, 'x', sizeof(state) - 1);
	memset(message, 'x', sizeof(message) - 1);
	ck_assert_str_eq(err.message, "Failed to execute script V1__a.sql");
	ck_assert_str_eq(err.sql->state, "42601");
	ck_assert_str_eq(err.sql->message, "ERROR: syntax error");
	ck_assert_uint_eq(err.sql->line, 3);
	ck_assert_ptr_null(err.sql->path);
	ck_assert_ptr_null(err.sql->statement);
}
END_TEST

static const struct {
	enum error_code code;
	const char *name;
} codes[] = {
	{ERROR_GENERAL, "ERROR"},
	{ERROR_FAULT, "FAULT"},
	{ERROR_CHECKSUM_MISMATCH, "CHECKSUM_MISMATCH"},
	{ERROR_ENVIRONMENT_PROVISION, "ENVIRONMENT_PROVISION"},
};

START_TEST(names_codes_as_flyway_does)
{
	ck_assert_str_eq(error_code_name(codes[_i].code), codes[_i].name);
}
END_TEST

START_TEST(says_what_an_exception_says)
{
	ck_assert_str_eq(error_without_class("java.io.IOException: gone: x"), "gone: x");
	ck_assert_str_eq(error_without_class("java.a1.B2: "), "");
	ck_assert_ptr_null(error_without_class("java.io.IOException"));
	ck_assert_str_eq(error_without_class("java.io is gone"), "java.io is gone");
	ck_assert_str_eq(error_without_class("java: gone"), "java: gone");
	ck_assert_str_eq(error_without_class("gone"), "gone");
}
END_TEST

struct lines {
	int n;
	enum log_level level;
	char text[100];
};

static void collect(void *ctx, enum log_level level, struct str message)
{
	struct lines *lines = ctx;

	lines->n++;
	lines->level = level;
	snprintf(lines->text, sizeof(lines->text), "%.*s", (int)message.len, message.ptr);
}

START_TEST(logs_to_the_sink)
{
	struct lines lines = {0};
	struct log log = {.sink = collect, .ctx = &lines};

	log_debug(&log, "%s", "unseen");
	log_text(&log, LOG_LEVEL_DEBUG, STR("unseen"));
	ck_assert_int_eq(lines.n, 0);
	log_warn(&log, "%d files", 3);
	ck_assert_int_eq(lines.level, LOG_LEVEL_WARN);
	ck_assert_str_eq(lines.text, "3 files");
	log_cflyway(&log, "%s", "hello");
	ck_assert_int_eq(lines.level, LOG_LEVEL_OWN);
	ck_assert_str_eq(lines.text, "hello");
	log_text(&log, LOG_LEVEL_ERROR, STR("100 %s"));
	ck_assert_str_eq(lines.text, "100 %s");
	log.debug = true;
	log_debug(&log, "%s", "");
	ck_assert_int_eq(lines.level, LOG_LEVEL_DEBUG);
	ck_assert_str_eq(lines.text, "");
	ck_assert_int_eq(lines.n, 4);
	log_remark(&log, "a.sql", 3, "%s in %d", "here", 3); /* without a function for notes */
	ck_assert_int_eq(lines.level, LOG_LEVEL_OWN);
	ck_assert_str_eq(lines.text, "here in 3");
	ck_assert_int_eq(lines.n, 5);
	log.sink = NULL;
	log_info(&log, "nobody %s", "hears");
	log_remark(&log, "a.sql", 3, "%s", "nobody");
	ck_assert_int_eq(lines.n, 5);
}
END_TEST

static void collect_note(void *ctx, const struct note *note)
{
	struct lines *lines = ctx;

	lines->n++;
	snprintf(lines->text, sizeof(lines->text), "%s %s (%s:%zu:%zu)", note_kind_name(note->kind),
	         note->text, note->place->path, note->place->line, note->place->column);
}

START_TEST(logs_notes)
{
	struct lines lines = {0};
	const struct log log = {.sink = collect, .note = collect_note, .ctx = &lines};
	const struct note_place place = {"b.sql", 4, 5};
	const struct note note = {.kind = NOTE_CAUSE, .text = "why %s", .place = &place};

	log_remark(&log, "a.sql", 3, "%s in %d", "here", 3);
	ck_assert_str_eq(lines.text, "note here in 3 (a.sql:3:0)");
	log_note(&log, &note);
	ck_assert_str_eq(lines.text, "cause why %s (b.sql:4:5)");
	ck_assert_int_eq(lines.n, 2);
}
END_TEST

Suite *error_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *tc = tcase_create("error");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, sets_and_wraps);
	tcase_add_test(tc, refuses_with_a_status_of_its_own);
	tcase_add_test(tc, copies_what_the_database_said);
	tcase_add_loop_test(tc, names_codes_as_flyway_does, 0, COUNT(codes));
	tcase_add_test(tc, says_what_an_exception_says);
	tcase_add_test(tc, logs_to_the_sink);
	tcase_add_test(tc, logs_notes);
	suite_add_tcase(suite, tc);
	return suite;
}
