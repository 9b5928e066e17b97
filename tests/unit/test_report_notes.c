/* SPDX-License-Identifier: Apache-2.0 */
/* test_report_notes.c - the notes of a failure, in both files of a report */
#include "suites.h"

#include "scratch.h"

#include "cflyway/base/fs.h"
#include "cflyway/output/report.h"

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static const char *read_file(const char *path)
{
	struct buf text = BUF_EMPTY(1 << 20);
	struct error err = ERROR_INIT(&scratch.arena);

	ck_assert_msg(fs_read_all(path, &text, &err), "%s", path);
	const char *copy = arena_strdup(&scratch.arena, buf_str(&text).ptr);
	buf_release(&text);
	return copy;
}

/* Writes r.json and r.html; failure may be NULL. */
static void write_report(const struct result *result, const struct error *failure)
{
	const struct settings settings = {.report_enabled = true, .report_filename = "r"};
	struct error err = ERROR_INIT(&scratch.arena);
	struct report report;
	struct report_files files;

	report_open(&report, &settings, NULL);
	report_add(&report, result, failure);
	ck_assert_msg(report_write(&report, &clock_system, &files, &err), "%s", err.message);
	report_close(&report);
}

static const struct result info = {
	.kind = RESULT_INFO,
	.info = {.schema_name = "", .timestamp = {.tv_sec = 1795271913}},
};

static const struct note_place place = {"sql/V1__<a>.sql", 4, 8};

static const struct note notes[] = {
	{NOTE_PLACE, "sql/V1__<a>.sql:4:8\n4 | <b>\001\xff\n  | ^", &place, NULL},
	{NOTE_CAUSE, "one reason", NULL, NULL},
	{NOTE_CAUSE, "another \"reason\"", NULL, NULL},
	{NOTE_OUTCOME, "nothing is changed", NULL, NULL},
};

static const struct result migrate = {
	.kind = RESULT_MIGRATE,
	.migrate = {.schema_name = "", .timestamp = {.tv_sec = 1795271913}},
};

static const struct result undo = {
	.kind = RESULT_UNDO,
	.undo = {.schema_name = "", .timestamp = {.tv_sec = 1795271913}},
};

/* The notes of the result in r.json, a line each: kind message (path:line:column). */
static const char *list_notes(const char *key)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct json_value document;
	struct str_list lines = {0};

	ck_assert(json_parse(&scratch.arena, str_of(read_file("r.json")), &document, &err));
	const struct json_value *results = json_member(&document, key);
	ck_assert(results != NULL && results->n == 1);
	const struct json_value *all = json_member(&results->items[0], "cflyway");
	for (size_t i = 0; all != NULL && i < all->n; i++) {
		const struct json_value *note = &all->items[i];
		const char *line =
			arena_printf(&scratch.arena, "%s %s", json_member_text(note, "kind"),
		                     json_member_text(note, "message"));

		if (json_member(note, "path") != NULL)
			line = arena_printf(&scratch.arena, "%s (%s:%s:%s)", line,
			                    json_member_text(note, "path"),
			                    json_member_text(note, "line"),
			                    json_member_text(note, "column"));
		str_list_add(&scratch.arena, &lines, line);
	}
	return str_list_join(&scratch.arena, &lines, "\n");
}

static const struct {
	const char *name, *key;
	const struct result *result;
} failures[] = {
	{"a migrate that fails has its notes", "individualResults", &migrate},
	{"an undo that fails has its notes", "cflywayResults", &undo},
};

static const char expected_notes[] = "place sql/V1__<a>.sql:4:8\n4 | <b>\001\xef\xbf\xbd\n  | ^"
				     " (sql/V1__<a>.sql:4:8)\ncause one reason\n"
				     "cause another \"reason\"\noutcome nothing is changed";

START_TEST(contains_the_notes_of_a_failure)
{
	struct error err = ERROR_INIT(&scratch.arena);

	error_set(&err, ERROR_GENERAL, "it failed");
	for (size_t i = 0; i < COUNT(notes); i++)
		note_list_add(&scratch.arena, &err.notes, &notes[i]);
	write_report(failures[_i].result, &err);
	ck_assert_msg(strcmp(list_notes(failures[_i].key), expected_notes) == 0, "%s: %s",
	              failures[_i].name, list_notes(failures[_i].key));
	/* They are still there after another command has continued the report. */
	write_report(&info, NULL);
	ck_assert_ptr_nonnull(strstr(read_file("r.html"), "<h3>Why</h3>\n"
	                                                  "<pre class=\"note\">one reason</pre>\n"
	                                                  "<pre class=\"note\">another "
	                                                  "&quot;reason&quot;</pre>\n"
	                                                  "<h3>What holds now</h3>\n"));
	ck_assert_ptr_nonnull(strstr(read_file("r.html"), "4 | &lt;b&gt;\xef\xbf\xbd"));
}
END_TEST

START_TEST(has_no_key_without_notes)
{
	write_report(&migrate, NULL);
	ck_assert_ptr_null(strstr(read_file("r.json"), "\"cflyway\""));
	ck_assert_ptr_null(strstr(read_file("r.html"), "class=\"note\""));
}
END_TEST

Suite *report_notes_suite(void)
{
	Suite *suite = suite_create("report_notes");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, contains_the_notes_of_a_failure, 0, COUNT(failures));
	tcase_add_test(tc, has_no_key_without_notes);
	suite_add_tcase(suite, tc);
	return suite;
}
