/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_report.c - names of reports, what cannot be written, and the page. What report.json holds is
 * recorded from Flyway: cases report* of the compatibility tests.
 */
#include "suites.h"

#include "../../src/output/report_html.h"
#include "../../src/output/report_previous.h"
#include "scratch.h"

#include "cflyway/base/about.h"
#include "cflyway/base/fs.h"
#include "cflyway/output/report.h"

#include <unistd.h>

static struct scratch scratch;

static void setup(void)
{
	scratch_open(&scratch);
}

static void teardown(void)
{
	scratch_close(&scratch);
}

static struct timespec fixed_now(const struct clock *clock)
{
	(void)clock;
	return (struct timespec){.tv_sec = 1795271913, .tv_nsec = 543400000};
}

static const struct clock fixed = {.now = fixed_now};

static const struct result info = {
	.kind = RESULT_INFO,
	.info = {.schema_name = "", .timestamp = {.tv_sec = 1795271913}},
};

static const char *read_report(const char *path)
{
	struct buf text = BUF_EMPTY(1 << 20);
	struct error err = ERROR_INIT(&scratch.arena);

	ck_assert_msg(fs_read_all(path, &text, &err), "%s", path);
	const char *copy = arena_strdup(&scratch.arena, buf_str(&text).ptr);
	buf_release(&text);
	return copy;
}

/* Writes the result as a report; "json html" with "@" for the folder, or the reason why not. */
static const char *write_report(const struct settings *settings, const char *target,
                                const struct result *result)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct report report;
	struct report_files files;
	const char *seen = "empty";

	report_open(&report, settings, target);
	report_add(&report, result, NULL);
	if (!report_is_empty(&report))
		seen = report_write(&report, &fixed, &files, &err)
		               ? arena_printf(&scratch.arena, "%s %s", files.json, files.html)
		               : err.message;
	report_close(&report);
	return scratch_shorten(&scratch, seen);
}

/* --- names ----------------------------------------------------------------------------------- */

static const struct {
	const char *name, *target, *files;
} names[] = {
	{NULL, NULL, "@/report.json @/report.html"},
	{"", NULL, "@/report.json @/report.html"},
	{"r", NULL, "@/r.json @/r.html"},
	{"r.html", NULL, "@/r.json @/r.html"},
	{"r.htm", NULL, "@/r.json @/r.htm"},
	{"r.HTML", NULL, "@/r.HTML.json @/r.HTML.html"},
	{"r.json", NULL, "@/r.json.json @/r.json.html"},
	{"a/b/../c/", NULL, "@/a/c/.json @/a/c/.html"},
	{NULL, "one", "@/report-one.json @/report-one.html"},
	{"x/r.htm", "a/b", "@/x/r-a_b.json @/x/r-a_b.htm"},
	{"file/r", NULL, "Unable to write file @/file/r.json: Not a directory"},
};

START_TEST(names_files)
{
	const struct settings settings = {
		.report_enabled = true,
		.report_filename = names[_i].name,
	};

	if (names[_i].target == NULL && names[_i].name != NULL &&
	    str_starts(str_of(names[_i].name), STR("file/")))
		scratch_write("file", "");
	ck_assert_str_eq(write_report(&settings, names[_i].target, &info), names[_i].files);
}
END_TEST

START_TEST(starts_from_the_working_directory)
{
	const struct settings settings = {
		.report_enabled = true,
		.report_filename = "r",
		.working_directory = "w",
	};

	ck_assert_str_eq(write_report(&settings, NULL, &info), "@/w/r.json @/w/r.html");
}
END_TEST

START_TEST(takes_what_is_asked_for)
{
	const struct settings off = {.report_filename = "r"},
			      on = {.report_filename = "r", .report_enabled = true};
	const struct result baseline = {.kind = RESULT_BASELINE, .baseline = {"1", NULL}};

	ck_assert_str_eq(write_report(&off, NULL, &info), "empty");
	ck_assert_str_eq(write_report(&on, NULL, &baseline), "empty");
	ck_assert_str_eq(write_report(&on, NULL, &info), "@/r.json @/r.html");
}
END_TEST

/* --- what is there already ------------------------------------------------------------------- */

static const struct {
	const char *text, *reason;
} unreadable[] = {
	{"nonsense", "line 1: a value is missing"},
	{"[]", "there is no array individualResults"},
	{"{\"individualResults\":{}}", "there is no array individualResults"},
	{"{\"individualResults\":[1]}", "there is a result of the operation null"},
	{"{\"individualResults\":[{\"operation\":\"check\"}]}",
         "there is a result of the operation check"},
	{"{\"individualResults\":[{\"operation\":\"info\",\"migrations\":[1]}]}",
         "a result or a migration is no object"},
	{"{\"individualResults\":[{\"operation\":\"info\",\"migrations\":5}]}",
         "the value of migrations is wrong"},
	{"{\"individualResults\":[{\"operation\":\"info\",\"database\":[]}]}",
         "the value of database is wrong"},
	{"{\"individualResults\":[{\"operation\":\"info\",\"licenseFailed\":\"x\"}]}",
         "the value of licenseFailed is wrong"},
	{"{\"individualResults\":[{\"operation\":\"migrate\",\"totalMigrationTime\":\"5x\"}]}",
         "the value of totalMigrationTime is wrong"},
	{"{\"individualResults\":[{\"operation\":\"migrate\",\"totalMigrationTime\":\"\"}]}",
         "the value of totalMigrationTime is wrong"},
	{"{\"individualResults\":[{\"operation\":\"migrate\",\"totalMigrationTime\":true}]}",
         "the value of totalMigrationTime is wrong"},
	{"{\"individualResults\":[{\"operation\":\"migrate\",\"warnings\":\"a\"}]}",
         "the value of warnings is wrong"},
	{"{\"individualResults\":[{\"operation\":\"migrate\",\"warnings\":[[]]}]}",
         "the value of warnings is wrong"},
	{"{\"individualResults\":[{\"operation\":\"undo\"}]}",
         "there is a result of the operation undo"},
	{"{\"individualResults\":[],\"cflywayResults\":[{\"operation\":\"info\"}]}",
         "there is a result of the operation info"},
	{"{\"individualResults\":[{\"operation\":\"migrate\",\"dryRun\":5}]}",
         "the value of dryRun is wrong"},
	{"{\"individualResults\":[{\"operation\":\"migrate\",\"cflyway\":true}]}",
         "the value of cflyway is wrong"},
	{"{\"individualResults\":null}", "there is no array individualResults"},
	{"{}", "there is no array individualResults"},
	{"{\"individualResults\":[{\"operation\":\"info\",\"migrations\":[{\"version\":[]}]}]}",
         "the value of version is wrong"},
	{"{\"individualResults\":[{\"operation\":\"info\",\"timestamp\":null}]}",
         "the value of timestamp is wrong"},
	{"{\"individualResults\":[{\"operation\":\"info\",\"timestamp\":\"2026-13-01T00:00\"}]}",
         "the value of timestamp is wrong"},
	{"{\"individualResults\":[{\"operation\":\"info\",\"timestamp\":\"2026-12-01T00:00:00Z\"}]}",
         "the value of timestamp is wrong"},
};

START_TEST(leaves_what_it_cannot_read)
{
	const struct settings settings = {.report_enabled = true, .report_filename = "r"};

	scratch_write("r.json", unreadable[_i].text);
	ck_assert_str_eq(write_report(&settings, NULL, &info),
	                 arena_printf(&scratch.arena, "@/r.json cannot be continued: %s",
	                              unreadable[_i].reason));
	ck_assert_str_eq(read_report("r.json"), unreadable[_i].text);
	ck_assert_int_eq(fs_kind("r.html"), FS_MISSING);
}
END_TEST

/* One key of a report that is there already; given NULL: it is missing. */
static const struct {
	const char *operation, *key, *given;
	enum json_kind kind;
	const char *text;
	size_t n;
} fields[] = {
	{"migrate", "success", "true", JSON_TRUE, NULL, 0},
	{"migrate", "success", NULL, JSON_FALSE, NULL, 0},
	{"migrate", "licenseFailed", "true", JSON_TRUE, NULL, 0},
	{"migrate", "database", "5", JSON_STRING, "5", 0},
	{"migrate", "databaseType", "true", JSON_STRING, "true", 0},
	{"migrate", "exception", NULL, JSON_NULL, NULL, 0},
	{"migrate", "migrationsExecuted", "\"5\"", JSON_NUMBER, "5", 0},
	{"migrate", "totalMigrationTime", "5.7", JSON_NUMBER, "5", 0},
	{"migrate", "totalMigrationTime", "-5.7", JSON_NUMBER, "-5", 0},
	{"migrate", "totalMigrationTime", "null", JSON_NUMBER, "0", 0},
	{"migrate", "totalMigrationTime", NULL, JSON_NUMBER, "0", 0},
	{"migrate", "database", "false", JSON_STRING, "false", 0},
	{"migrate", "database", "null", JSON_NULL, NULL, 0},
	{"migrate", "success", "null", JSON_FALSE, NULL, 0},
	{"migrate", "success", "false", JSON_FALSE, NULL, 0},
	{"migrate", "warnings", "null", JSON_ARRAY, NULL, 0},
	{"migrate", "migrations", "null", JSON_ARRAY, NULL, 0},
	{"migrate", "warnings", "[\"a\",\"b\"]", JSON_ARRAY, NULL, 2},
	{"migrate", "warnings", NULL, JSON_ARRAY, NULL, 0},
	{"migrate", "migrations", "[{\"version\":\"1\"}]", JSON_ARRAY, NULL, 1},
	{"migrate", "migrations", NULL, JSON_ARRAY, NULL, 0},
	{"migrate", "dryRun", "{\"a\":1,\"b\":2}", JSON_OBJECT, NULL, 2},
	{"migrate", "dryRunOutput", "\"/x.sql\"", JSON_STRING, "/x.sql", 0},
	{"migrate", "cflyway", "[{\"kind\":\"cause\"},{},{}]", JSON_ARRAY, NULL, 3},
	{"info", "allSchemasEmpty", "true", JSON_TRUE, NULL, 0},
	{"info", "licenseFailed", "true", JSON_TRUE, NULL, 0},
	{"info", "schemaVersion", "\"2\"", JSON_STRING, "2", 0},
	{"info", "migrations", "[{},{},{}]", JSON_ARRAY, NULL, 3},
};

START_TEST(takes_values_as_flyway_does)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct json_value results = {.kind = JSON_ARRAY};
	const char *member = fields[_i].given == NULL
	                             ? ""
	                             : arena_printf(&scratch.arena, ",\"%s\":%s", fields[_i].key,
	                                            fields[_i].given);
	const char *text =
		arena_printf(&scratch.arena, "{\"individualResults\":[{\"operation\":\"%s\"%s}]}",
	                     fields[_i].operation, member);

	ck_assert_msg(report_read_previous(&scratch.arena, str_of(text), "2026-01-01T00:00",
	                                   &results, &err),
	              "%s", err.message);
	ck_assert_uint_eq(results.n, 1);
	const struct json_value *got = json_member(&results.items[0], fields[_i].key);
	ck_assert_ptr_nonnull(got);
	ck_assert_msg(got->kind == fields[_i].kind, "%s: kind %d", text, (int)got->kind);
	ck_assert_uint_eq(got->n, fields[_i].n);
	if (fields[_i].text != NULL)
		ck_assert_str_eq(got->text, fields[_i].text);
}
END_TEST

static const struct {
	const char *name, *old, *kept;
} times[] = {
	{"no fraction is less than one", "info=2026-11-21T14:38:33", "info=2026-11-21T14:38:33.5"},
	{"fractions", "info=2026-11-21T14:38:33.51", "info=2026-11-21T14:38:33.51"},
	{"zeros at the end", "info=2027-01-01T00:00:00.500000", "info=2027-01-01T00:00:00.5"},
	{"only zeros", "info=2027-01-01T00:00:00.000", "info=2027-01-01T00:00:00"},
	{"no seconds", "info=2027-01-01T00:00", "info=2027-01-01T00:00:00"},
	{"another operation", "migrate=2027-01-01T00:00",
         "info=2026-11-21T14:38:33.5 migrate=2027-01-01T00:00:00"},
	{"the order of the first ones, reversed",
         "info=2001-01-01T00:00 migrate=2001-01-01T00:00 migrate=2002-01-01T00:00",
         "migrate=2002-01-01T00:00:00 info=2026-11-21T14:38:33.5"},
	{"undo is kept apart, and is there at its place",
         "info=2001-01-01T00:00 undo=2001-01-01T00:00 undo=2002-01-01T00:00",
         "info=2026-11-21T14:38:33.5 | undo=2002-01-01T00:00:00"},
	{"no time is now", "migrate= info=2027-01-01T00:00",
         "info=2027-01-01T00:00:00 migrate=2026-11-21T14:38:33.5434"},
};

static void add_old(struct buf *text, struct str words, bool is_undo)
{
	const char *separator = "";

	while (words.ptr != NULL) {
		struct str time = str_cut(&words, ' '), operation = str_cut(&time, '=');

		if (str_eq(operation, STR("undo")) != is_undo)
			continue;
		buf_printf(text, "%s{\"operation\":\"%.*s\"", separator, (int)operation.len,
		           operation.ptr);
		if (time.len > 0)
			buf_printf(text, ",\"timestamp\":\"%.*s\"", (int)time.len, time.ptr);
		buf_add(text, "}");
		separator = ",";
	}
}

/* "info=TIME migrate=TIME" as a report. */
static void write_old(struct str words)
{
	struct buf text = BUF_EMPTY(1 << 20);

	buf_add(&text, "{\"individualResults\":[");
	add_old(&text, words, false);
	buf_add(&text, "],\"cflywayResults\":[");
	add_old(&text, words, true);
	buf_add(&text, "]}");
	scratch_write("r.json", buf_str(&text).ptr);
	buf_release(&text);
}

static void list_some(const struct json_value *results, struct str_list *words)
{
	for (size_t i = 0; results != NULL && i < results->n; i++)
		str_list_add(&scratch.arena, words,
		             arena_printf(&scratch.arena, "%s=%s",
		                          json_member_text(&results->items[i], "operation"),
		                          json_member_text(&results->items[i], "timestamp")));
}

static const char *list_results(void)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct json_value document;
	struct str_list words = {0};

	ck_assert(json_parse(&scratch.arena, str_of(read_report("r.json")), &document, &err));
	const struct json_value *own = json_member(&document, "cflywayResults");
	list_some(json_member(&document, "individualResults"), &words);
	if (own != NULL)
		str_list_add(&scratch.arena, &words, "|");
	list_some(own, &words);
	return str_list_join(&scratch.arena, &words, " ");
}

START_TEST(keeps_the_newest)
{
	const struct settings settings = {.report_enabled = true, .report_filename = "r"};
	struct result result = info;

	result.info.timestamp.tv_nsec = 500000000;
	write_old(str_of(times[_i].old));
	ck_assert_str_eq(write_report(&settings, NULL, &result), "@/r.json @/r.html");
	ck_assert_msg(strcmp(list_results(), times[_i].kept) == 0, "%s: %s", times[_i].name,
	              list_results());
}
END_TEST

/* --- the page -------------------------------------------------------------------------------- */

#define NASTY "<b>&\\\"'\\u0001\\u0085\\n</pre><script>ä"
#define HARMLESS "&lt;b&gt;&amp;&quot;&#39;��\n&lt;/pre&gt;&lt;script&gt;ä"

static size_t occurrences(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
		n++;
	return n;
}

/* The first tag that closes another one than was opened last, or that stays open; NULL if none. */
static const char *first_unbalanced(const char *page)
{
	enum { DEEPEST = 20 };
	struct str open[DEEPEST];
	size_t n = 0;

	for (const char *at = strchr(page, '<'); at != NULL; at = strchr(at + 1, '<')) {
		bool closes = at[1] == '/';
		const char *name = closes ? at + 2 : at + 1;
		struct str tag = {name, strcspn(name, " >")};

		if (str_eq(tag, STR("!DOCTYPE")) || str_eq(tag, STR("meta")))
			continue;
		if (closes ? n == 0 || !str_eq(open[n - 1], tag) : n == DEEPEST)
			return at;
		if (closes)
			n--;
		else
			open[n++] = tag;
	}
	return n == 0 ? NULL : open[n - 1].ptr;
}

START_TEST(escapes_all_texts)
{
	static const char row[] =
		"{\"category\":\"" NASTY "\",\"description\":\"" NASTY "\",\"filepath\":\"a/" NASTY
		"\",\"installedBy\":\"" NASTY "\",\"installedOnUTC\":\"" NASTY
		"\",\"state\":\"" NASTY "\",\"type\":\"" NASTY "\",\"undoable\":\"" NASTY
		"\",\"version\":\"" NASTY "\"}";
	static const char facts[] =
		"\"database\":\"" NASTY "\",\"databaseType\":\"" NASTY "\",\"exception\":\"" NASTY
		"\",\"initialSchemaVersion\":\"" NASTY "\",\"schemaName\":\"" NASTY
		"\",\"schemaVersion\":\"" NASTY "\",\"targetSchemaVersion\":\"" NASTY
		"\",\"warnings\":[\"" NASTY "\"],\"cflyway\":[{\"kind\":\"" NASTY
		"\",\"message\":\"" NASTY "\"}]";
	struct error err = ERROR_INIT(&scratch.arena);
	struct json_value results = {.kind = JSON_ARRAY};
	struct buf page = BUF_EMPTY(1 << 20);
	const char *text = arena_printf(&scratch.arena,
	                                "{\"individualResults\":["
	                                "{\"operation\":\"info\",\"migrations\":[%s],%s},"
	                                "{\"operation\":\"migrate\",\"migrations\":[%s],%s}]}",
	                                row, facts, row, facts);

	ck_assert_msg(report_read_previous(&scratch.arena, str_of(text), "2026-01-01T00:00",
	                                   &results, &err),
	              "%s", err.message);
	report_html(&scratch.arena, &results, "<now>", &page);
	/* info: 9 cells, 3 facts; migrate: 5 cells, 5 facts, the failure, a note, a warning */
	ck_assert_uint_eq(occurrences(page.ptr, "&lt;b&gt;&amp;&quot;&#39;"), 25);
	ck_assert_uint_gt(occurrences(page.ptr, HARMLESS), 0);
	ck_assert_uint_eq(occurrences(page.ptr, "<b>"), 0);
	ck_assert_uint_eq(occurrences(page.ptr, "<script"), 0);
	ck_assert_uint_eq(occurrences(page.ptr, "<now>"), 0);
	ck_assert_uint_eq(occurrences(page.ptr, "</pre>"), 2);
	ck_assert_ptr_null(first_unbalanced(page.ptr));
	ck_assert_uint_eq(occurrences(page.ptr, "http:") + occurrences(page.ptr, "https:"), 0);
	buf_release(&page);
}
END_TEST

/* Without the style and without the version of this program. */
static const char *body_of(const struct buf *page)
{
	const char *body = strstr(page->ptr, "<body>");

	ck_assert_ptr_nonnull(body);
	return str_replace(&scratch.arena, str_of(body), STR("cflyway " CFLYWAY_VERSION),
	                   STR("cflyway"));
}

/* After a change that is meant: UNIT_RECORD=1 build/unit-tests report, and read the difference. */
START_TEST(shows_what_the_results_say)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct json_value results = {.kind = JSON_ARRAY};
	struct buf page = BUF_EMPTY(1 << 20), text = BUF_EMPTY(1 << 20), expected = text;

	ck_assert_int_eq(fchdir(scratch.previous), 0);
	ck_assert(fs_read_all("tests/golden/report/results.json", &text, &err));
	ck_assert_msg(report_read_previous(&scratch.arena, buf_str(&text), "2026-01-01T00:00:00",
	                                   &results, &err),
	              "%s", err.message);
	report_html(&scratch.arena, &results, "2026-11-21 14:38:33", &page);
	if (getenv("UNIT_RECORD") != NULL)
		scratch_write("tests/golden/report/page.html", body_of(&page));
	ck_assert(fs_read_all("tests/golden/report/page.html", &expected, &err));
	ck_assert_str_eq(body_of(&page), expected.ptr);
	buf_release(&page);
	buf_release(&text);
	buf_release(&expected);
}
END_TEST

/* --- times ----------------------------------------------------------------------------------- */

static const struct {
	const char *time, *read; /* NULL: it is none */
} moments[] = {
	{"0000-01-01T00:00", "0000-01-01T00:00:00"},
	{"9999-12-31T23:59:59.000100", "9999-12-31T23:59:59.0001"},
	{"2026-00-01T00:00", NULL},
	{"2026-13-01T00:00", NULL},
	{"2026-01-00T00:00", NULL},
	{"2026-01-32T00:00", NULL},
	{"2026-01-01T24:00", NULL},
	{"2026-01-01T00:60", NULL},
	{"2026-01-01T00:00:60", NULL},
	{"2026-01-01T00:00:5", NULL},
	{"2026-01-01T00:00:", NULL},
	{"2026-01-01T00", NULL},
	{"2026-01-01 00:00", NULL},
	{"2026/01/01T00:00", NULL},
	{"2026-1-01T00:00", NULL},
	{"02026-01-01T00:00", NULL},
	{"2026-01-01T00.00", NULL},
	{"2026-01-01T00:00.5", NULL},
	{"2026-01-01T00:00:00.5x", NULL},
	{"x026-01-01T00:00", NULL},
};

START_TEST(reads_times)
{
	struct error err = ERROR_INIT(&scratch.arena);
	struct json_value results = {.kind = JSON_ARRAY};
	const char *text = arena_printf(
		&scratch.arena,
		"{\"individualResults\":[{\"operation\":\"info\",\"timestamp\":\"%s\"}]}",
		moments[_i].time);
	bool ok = report_read_previous(&scratch.arena, str_of(text), "2026-01-01T00:00", &results,
	                               &err);
	const char *read = ok ? json_member_text(&results.items[0], "timestamp") : NULL;

	ck_assert_msg(str_same(read, moments[_i].read), "%s: %s", moments[_i].time, read);
}
END_TEST

Suite *report_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, names_files, 0, COUNT(names));
	tcase_add_test(tc, starts_from_the_working_directory);
	tcase_add_test(tc, takes_what_is_asked_for);
	tcase_add_loop_test(tc, leaves_what_it_cannot_read, 0, COUNT(unreadable));
	tcase_add_loop_test(tc, takes_values_as_flyway_does, 0, COUNT(fields));
	tcase_add_loop_test(tc, keeps_the_newest, 0, COUNT(times));
	tcase_add_test(tc, escapes_all_texts);
	tcase_add_test(tc, shows_what_the_results_say);
	tcase_add_loop_test(tc, reads_times, 0, COUNT(moments));
	suite_add_tcase(suite, tc);
	return suite;
}
