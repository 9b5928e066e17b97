/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_html.c - writes the report as an HTML page
 *
 * The page shows the contents of NAME.json. Its security policy forbids scripts and requests, which
 * makes a string that slipped through unescaped harmless.
 */
#include "report_html.h"

#include "report_notes.h"
#include "report_page.h"
#include "report_trial.h"

#include "cflyway/base/about.h"
#include "cflyway/base/clock.h"
#include "cflyway/base/fs.h"

#include <stdlib.h>

enum {
	SECONDS_LENGTH = 19, /* of "2026-11-21 14:38:33" */
	DATE_LENGTH = 10,
};

static const char style[] =
	":root{color-scheme:light dark;--text:#1c2330;--muted:#5b6575;--page:#f6f7f9;"
	"--card:#fff;--line:#d9dee6;--good:#16703c;--open:#8a5a00;--bad:#b3261e}\n"
	"@media(prefers-color-scheme:dark){:root{--text:#e6e9ee;--muted:#9aa4b2;"
	"--page:#14181f;--card:#1c222b;--line:#343d4a;--good:#5fcf8e;--open:#e3b04b;"
	"--bad:#ff8a80}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:78rem;padding:1.5rem;background:var(--page);"
	"color:var(--text);font:15px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.5rem;margin:0}h2{font-size:1.2rem;margin:0 0 .75rem}\n"
	"p{margin:.25rem 0}a{color:inherit}.muted{color:var(--muted)}\n"
	"nav{display:flex;gap:.5rem;margin:1rem 0}\n"
	"nav a{padding:.3rem .9rem;border:1px solid var(--line);border-radius:1rem;"
	"background:var(--card);text-decoration:none}\n"
	"nav a:hover,nav a:focus{border-color:currentColor}\n"
	"section{margin:1rem 0;padding:1.25rem;border:1px solid var(--line);"
	"border-radius:.5rem;background:var(--card)}\n"
	"dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.75rem;"
	"margin:0 0 1rem}\n"
	"dt{color:var(--muted);font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}\n"
	".table{overflow-x:auto}table{border-collapse:collapse;width:100%}\n"
	"th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);"
	"text-align:left;vertical-align:top}\n"
	"th{color:var(--muted);font-weight:600;white-space:nowrap}\n"
	"td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
	"pre{margin:0 0 1rem;padding:.75rem;border-left:.25rem solid var(--bad);"
	"background:var(--page);overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}\n"
	"pre.note{border-color:var(--line)}h3{font-size:1rem;margin:0 0 .25rem}\n"
	".good{color:var(--good)}.open{color:var(--open)}.bad{color:var(--bad)}\n"
	"@media print{body{background:none}nav{display:none}section{break-inside:avoid}}\n";

/* --- values -------------------------------------------------------------------------------- */

static const char *time_of(const struct page *page, const char *iso)
{
	if (iso == NULL || strlen(iso) < SECONDS_LENGTH || iso[DATE_LENGTH] != 'T')
		return iso;
	return arena_printf(page->arena, "%.10s %.8s", iso, iso + DATE_LENGTH + 1);
}

static const char *duration_of(const struct page *page, const char *ms)
{
	return clock_format_duration(page->arena, ms != NULL ? strtoll(ms, NULL, 10) : 0);
}

/* --- migrations ---------------------------------------------------------------------------- */

static void put_state(const struct page *page, const char *state)
{
	static const char *const done[] = {"Success", "Out of Order", "Baseline", "Superseded"};
	const char *class = "open";

	for (size_t i = 0; i < COUNT(done); i++)
		if (str_same(state, done[i]))
			class = "good";
	if (str_starts(str_of(state), STR("Failed")))
		class = "bad";
	buf_printf(page->out, "<span class=\"%s\">", class);
	page_put_value(page, state);
	page_put(page, "</span>");
}

static void put_time(const struct page *page, const char *iso)
{
	page_put_value(page, time_of(page, iso));
}

static void put_duration(const struct page *page, const char *ms)
{
	page_put_text(page, duration_of(page, ms));
}

static void put_file(const struct page *page, const char *path)
{
	if (path == NULL || path[0] == '\0') {
		page_put_value(page, NULL);
		return;
	}
	page_put(page, "<span title=\"");
	page_put_text(page, path);
	page_put(page, "\">");
	page_put_text(page, fs_base_name(path));
	page_put(page, "</span>");
}

struct column {
	const char *title, *key;
	void (*put)(const struct page *page, const char *text);
	bool is_number;
};

static const struct column info_columns[] = {
	{"Category", "category", page_put_value, false},
	{"Version", "version", page_put_value, false},
	{"Description", "description", page_put_value, false},
	{"Type", "type", page_put_value, false},
	{"State", "state", put_state, false},
	{"Installed on (UTC)", "installedOnUTC", put_time, false},
	{"Installed by", "installedBy", page_put_value, false},
	{"Undoable", "undoable", page_put_value, false},
	{"File", "filepath", put_file, false},
	{"Time", "executionTime", put_duration, true},
	{0},
};

static const struct column undo_columns[] = {
	{"Version", "version", page_put_value, false},
	{"Description", "description", page_put_value, false},
	{"File", "filepath", put_file, false},
	{"Time", "executionTime", put_duration, true},
	{0},
};

static const struct column migrate_columns[] = {
	{"Category", "category", page_put_value, false},
	{"Version", "version", page_put_value, false},
	{"Description", "description", page_put_value, false},
	{"Type", "type", page_put_value, false},
	{"File", "filepath", put_file, false},
	{"Time", "executionTime", put_duration, true},
	{0},
};

static void put_rows(const struct page *page, const struct column *columns,
                     const struct json_value *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		page_put(page, "<tr>");
		for (const struct column *column = columns; column->title != NULL; column++) {
			page_put(page, column->is_number ? "<td class=\"n\">" : "<td>");
			column->put(page, json_member_text(&rows->items[i], column->key));
			page_put(page, "</td>");
		}
		page_put(page, "</tr>\n");
	}
}

static void put_table(const struct page *page, const struct column *columns,
                      const struct json_value *rows)
{
	if (rows->n == 0) {
		page_put(page, "<p class=\"muted\">No migrations.</p>\n");
		return;
	}
	page_put(page, "<div class=\"table\"><table>\n<thead><tr>");
	for (const struct column *column = columns; column->title != NULL; column++) {
		page_put(page, column->is_number ? "<th class=\"n\">" : "<th>");
		page_put_text(page, column->title);
		page_put(page, "</th>");
	}
	page_put(page, "</tr></thead>\n<tbody>\n");
	put_rows(page, columns, rows);
	page_put(page, "</tbody>\n</table></div>\n");
}

/* --- results ------------------------------------------------------------------------------- */

static void put_fact(const struct page *page, const char *name, const char *value)
{
	page_put(page, "<div><dt>");
	page_put_text(page, name);
	page_put(page, "</dt><dd>");
	page_put_value(page, value);
	page_put(page, "</dd></div>\n");
}

static size_t count_state(const struct json_value *rows, const char *state)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const char *text = json_member_text(&rows->items[i], "state");

		n += str_same(text, state);
	}
	return n;
}

static void put_facts(const struct page *page, const struct json_value *result)
{
	put_fact(page, "Database", json_member_text(result, "database"));
	put_fact(page, "Schemas", json_member_text(result, "schemaName"));
	put_fact(page, "Run at", time_of(page, json_member_text(result, "timestamp")));
}

static void put_info(const struct page *page, const struct json_value *result)
{
	const struct json_value *rows = json_member(result, "migrations");
	size_t success = count_state(rows, "Success"), pending = count_state(rows, "Pending");

	page_put(page, "<dl>\n");
	put_facts(page, result);
	put_fact(page, "Schema version", json_member_text(result, "schemaVersion"));
	put_fact(page, "Success", arena_printf(page->arena, "%zu", success));
	put_fact(page, "Pending", arena_printf(page->arena, "%zu", pending));
	put_fact(page, "Other states",
	         arena_printf(page->arena, "%zu", rows->n - success - pending));
	page_put(page, "</dl>\n");
	put_table(page, info_columns, rows);
}

static void put_failure(const struct page *page, const char *text)
{
	if (text == NULL)
		return;
	page_put(page, "<pre>");
	page_put_text(page, text);
	page_put(page, "</pre>\n");
}

static void put_warnings(const struct page *page, const struct json_value *warnings)
{
	if (warnings->n == 0)
		return;
	page_put(page, "<ul class=\"open\">\n");
	for (size_t i = 0; i < warnings->n; i++) {
		page_put(page, "<li>");
		page_put_value(page, warnings->items[i].text);
		page_put(page, "</li>\n");
	}
	page_put(page, "</ul>\n");
}

static void put_dry_run_file(const struct page *page, const char *file, bool is_success)
{
	if (!is_success) {
		page_put(page, "No SQL was written, because it failed.");
	} else if (strcmp(file, "-") == 0) {
		page_put(page, "The SQL went to standard output.");
	} else {
		page_put(page, "The SQL is in ");
		page_put_value(page, file);
	}
}

/* Has it succeeded, and has it really been executed? */
static void put_outcome(const struct page *page, const struct json_value *result)
{
	bool is_success = json_member(result, "success")->kind == JSON_TRUE;
	const char *file = json_member_text(result, "dryRunOutput");

	page_put(page,
	         is_success ? "<p class=\"good\">Success</p>\n" : "<p class=\"bad\">Failed</p>\n");
	if (report_trial_of(result) != NULL)
		page_put(page, "<p class=\"open\">Dry run: everything was executed, and rolled "
		               "back.</p>\n");
	if (file != NULL) {
		page_put(page, "<p class=\"open\">Dry run: nothing was executed. ");
		put_dry_run_file(page, file, is_success);
		page_put(page, "</p>\n");
	}
	put_failure(page, json_member_text(result, "exception"));
	report_notes_put(page, json_member(result, "cflyway"));
	put_warnings(page, json_member(result, "warnings"));
}

static void put_trial(const struct page *page, const struct json_value *result)
{
	const struct json_value *trial = report_trial_of(result);

	if (trial != NULL)
		report_trial_put(page, trial);
}

static void put_migrate(const struct page *page, const struct json_value *result)
{
	put_outcome(page, result);
	page_put(page, "<dl>\n");
	put_facts(page, result);
	put_fact(page, "Database type", json_member_text(result, "databaseType"));
	put_fact(page, "Version before", json_member_text(result, "initialSchemaVersion"));
	put_fact(page, "Version applied", json_member_text(result, "targetSchemaVersion"));
	put_fact(page, "Migrations", json_member_text(result, "migrationsExecuted"));
	put_fact(page, "Total time",
	         duration_of(page, json_member_text(result, "totalMigrationTime")));
	page_put(page, "</dl>\n");
	put_table(page, migrate_columns, json_member(result, "migrations"));
	put_trial(page, result);
}

static void put_undo(const struct page *page, const struct json_value *result)
{
	put_outcome(page, result);
	page_put(page, "<dl>\n");
	put_facts(page, result);
	put_fact(page, "Version before", json_member_text(result, "initialSchemaVersion"));
	put_fact(page, "Version after", json_member_text(result, "targetSchemaVersion"));
	put_fact(page, "Undone", json_member_text(result, "migrationsUndone"));
	page_put(page, "</dl>\n");
	put_table(page, undo_columns, json_member(result, "undoneMigrations"));
	put_trial(page, result);
}

static const struct {
	const char *operation, *title, *dry_title; /* dry_title: of dryRunOutput */
	void (*put)(const struct page *page, const struct json_value *result);
} sections[] = {
	{"info", "Info", "Info", put_info},
	{"migrate", "Migrate", "DryRun report", put_migrate},
	{"undo", "Undo", "DryRun report of undo", put_undo},
};

static const char *title_of(const struct json_value *result, size_t section)
{
	return json_member_text(result, "dryRunOutput") != NULL ? sections[section].dry_title
	                                                        : sections[section].title;
}

static void put_section(const struct page *page, const struct json_value *result)
{
	const char *operation = json_member_text(result, "operation");

	for (size_t i = 0; i < COUNT(sections); i++) {
		if (strcmp(operation, sections[i].operation) != 0)
			continue;
		buf_printf(page->out, "<section id=\"%s\">\n<h2>%s</h2>\n", operation,
		           title_of(result, i));
		sections[i].put(page, result);
		page_put(page, "</section>\n");
	}
}

static void put_links(const struct page *page, const struct json_value *results)
{
	page_put(page, "<nav>");
	for (size_t i = 0; i < results->n; i++) {
		const struct json_value *result = &results->items[i];
		const char *operation = json_member_text(result, "operation");

		for (size_t j = 0; j < COUNT(sections); j++)
			if (strcmp(operation, sections[j].operation) == 0)
				buf_printf(page->out, "<a href=\"#%s\">%s</a>", operation,
				           title_of(result, j));
	}
	page_put(page, "</nav>\n");
}

void report_html(struct arena *arena, const struct json_value *results, const char *when,
                 struct buf *out)
{
	const struct page page = {arena, out};

	page_put(&page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	                "<meta http-equiv=\"Content-Security-Policy\" "
	                "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	                "<title>Database migrations</title>\n<style>\n");
	page_put(&page, style);
	page_put(&page, "</style>\n</head>\n<body>\n<header>\n<h1>Database migrations</h1>\n"
	                "<p class=\"muted\">Written ");
	page_put_text(&page, when);
	page_put(&page, " by cflyway " CFLYWAY_VERSION " (compatible with Flyway " FLYWAY_VERSION
	                ")</p>\n");
	put_links(&page, results);
	page_put(&page, "</header>\n<main>\n");
	for (size_t i = 0; i < results->n; i++)
		put_section(&page, &results->items[i]);
	page_put(&page, "</main>\n</body>\n</html>\n");
}
