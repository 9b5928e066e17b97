/* SPDX-License-Identifier: Apache-2.0 */
/* report_trial.c - shows a dry run that executes in the page of a report */
#include "report_trial.h"

#include "cflyway/base/fs.h"
#include "cflyway/core/trial_result.h"

/*
 * The report may have been changed by hand since it was written: what is missing, or of another
 * kind, is empty.
 */
static const struct json_value nothing = {.kind = JSON_NULL};

static const struct json_value *list_of(const struct json_value *object, const char *key)
{
	const struct json_value *list = json_member(object, key);

	return list != NULL && list->kind == JSON_ARRAY ? list : &nothing;
}

static bool is_true(const struct json_value *object, const char *key)
{
	const struct json_value *value = json_member(object, key);

	return value != NULL && value->kind == JSON_TRUE;
}

const struct json_value *report_trial_of(const struct json_value *result)
{
	return json_member(result, "dryRun");
}

static void put_member(const struct page *page, const struct json_value *object, const char *key)
{
	page_put_value(page, json_member_text(object, key));
}

/* A number that is -1 where nothing is known. */
static void put_number(const struct page *page, const struct json_value *object, const char *key)
{
	const char *text = json_member_text(object, key);

	page_put(page, "<td class=\"n\">");
	page_put_value(page, str_same(text, "-1") ? NULL : text);
	page_put(page, "</td>");
}

static void put_session(const struct page *page, const char *title,
                        const struct json_value *session)
{
	const char *mode = json_member_text(session, "mode");
	const char *relation = json_member_text(session, "relation");

	page_put(page, "<p class=\"bad\">");
	page_put(page, title);
	page_put(page, " process ");
	put_member(page, session, "process");
	page_put(page, " of ");
	put_member(page, session, "user");
	if (mode != NULL && relation != NULL) {
		const bool holds = is_true(session, "granted");

		page_put(page, holds ? ", holds " : ", waits for ");
		page_put_text(page, mode);
		page_put(page, " on ");
		page_put_text(page, relation);
	}
	page_put(page, ": ");
	put_member(page, session, "query");
	page_put(page, "</p>");
}

static void put_sessions(const struct page *page, const char *title,
                         const struct json_value *sessions)
{
	for (size_t i = 0; i < sessions->n; i++)
		put_session(page, title, &sessions->items[i]);
}

static void put_would_wait(const struct page *page, const struct json_value *would_wait)
{
	if (would_wait == NULL || would_wait->kind != JSON_OBJECT)
		return;
	page_put(page, ", about ");
	put_member(page, would_wait, "reads");
	page_put(page, " reads and ");
	put_member(page, would_wait, "writes");
	page_put(page, " writes would wait");
}

static void put_lock(const struct page *page, const struct json_value *lock)
{
	const char *blocks = json_member_text(lock, "blocks");
	const char *held_by = json_member_text(lock, "heldBy");
	const char *held_ms = json_member_text(lock, "heldTime");

	page_put(page, "<p>");
	put_member(page, lock, "mode");
	page_put(page, " on ");
	put_member(page, lock, "kind");
	page_put(page, " ");
	put_member(page, lock, "relation");
	page_put(page, " (");
	put_member(page, lock, "sizeBytes");
	page_put(page, " bytes)");
	if (held_by != NULL) {
		page_put(page, ": held since ");
		page_put_text(page, held_by);
	} else if (blocks != NULL) {
		page_put(page, ": <span class=\"open\">blocks ");
		page_put_text(page, blocks);
		if (held_ms != NULL) {
			page_put(page, " for ");
			page_put_text(page, held_ms);
			page_put(page, " ms");
		}
		put_would_wait(page, json_member(lock, "wouldWait"));
		page_put(page, "</span>");
	}
	page_put(page, "</p>");
	put_sessions(page, "in conflict with", list_of(lock, "conflicts"));
}

static void put_change(const struct page *page, const struct json_value *change)
{
	page_put(page, "<p>");
	put_member(page, change, "relation");
	page_put(page, ":");
	for (size_t i = 0; i < TRIAL_ROW_CHANGES_N; i++) {
		const char *n = json_member_text(change, trial_row_change_words[i]);

		if (str_same(n, "0"))
			continue;
		page_put(page, " ");
		page_put_value(page, n);
		page_put(page, " ");
		page_put(page, trial_row_change_words[i]);
	}
	if (is_true(change, "scanned"))
		page_put(page, " read from end to end");
	page_put(page, "</p>");
}

static void put_details(const struct page *page, const struct json_value *statement)
{
	const struct json_value *locks = list_of(statement, "locks");
	const struct json_value *rewritten = list_of(statement, "rewritten");
	const struct json_value *changes = list_of(statement, "changes");

	for (size_t i = 0; i < locks->n; i++)
		put_lock(page, &locks->items[i]);
	for (size_t i = 0; i < rewritten->n; i++) {
		page_put(page, "<p>new file for ");
		page_put_value(page, rewritten->items[i].text);
		page_put(page, "</p>");
	}
	for (size_t i = 0; i < changes->n; i++)
		put_change(page, &changes->items[i]);
	put_sessions(page, "blocked by", list_of(statement, "blockedBy"));
	put_sessions(page, "blocks", list_of(statement, "blocks"));
}

static void put_statement(const struct page *page, const struct json_value *statement)
{
	page_put(page, "<tr>");
	put_number(page, statement, "line");
	if (is_true(statement, "byRule"))
		page_put(page, "<td class=\"n\">by rule</td>");
	else
		put_number(page, statement, "executionTime");
	put_number(page, statement, "rows");
	put_number(page, statement, "walBytes");
	page_put(page, is_true(statement, "failed") ? "<td class=\"bad\">" : "<td>");
	put_member(page, statement, "statement");
	page_put(page, "</td><td>");
	put_details(page, statement);
	page_put(page, "</td></tr>\n");
}

static void put_statements(const struct page *page, const struct json_value *statements)
{
	if (statements->n == 0)
		return;
	page_put(page, "<div class=\"table\"><table>\n<thead><tr><th class=\"n\">Line</th>"
	               "<th class=\"n\">ms</th><th class=\"n\">Rows</th>"
	               "<th class=\"n\">WAL, bytes</th><th>Statement</th>"
	               "<th>Locks and effects</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < statements->n; i++)
		put_statement(page, &statements->items[i]);
	page_put(page, "</tbody>\n</table></div>\n");
}

static void put_script(const struct page *page, const struct json_value *script)
{
	const char *event = json_member_text(script, "event");
	const char *reason = json_member_text(script, "reason");
	const char *path = json_member_text(script, "filepath");
	const char *state = json_member_text(script, "state");

	page_put(page, "<h3>");
	if (event != NULL) {
		page_put_text(page, event);
		page_put(page, ": ");
	}
	page_put_value(page, path != NULL ? fs_base_name(path) : NULL);
	page_put(page, "</h3>\n");
	if (reason != NULL) {
		page_put(page, "<p class=\"open\">Not tried: ");
		page_put_text(page, reason);
		page_put(page, "</p>\n");
	} else if (str_same(state, "failed")) {
		page_put(page, "<p class=\"bad\">Failed</p>\n");
	}
	put_statements(page, list_of(script, "statements"));
}

static void put_sequences(const struct page *page, const struct json_value *sequences)
{
	if (sequences->n == 0)
		return;
	page_put(page, "<p>Sequences that moved, which no rollback takes back:</p>\n<ul>\n");
	for (size_t i = 0; i < sequences->n; i++) {
		page_put(page, "<li>");
		put_member(page, &sequences->items[i], "name");
		page_put(page, ": ");
		put_member(page, &sequences->items[i], "before");
		page_put(page, " &rarr; ");
		put_member(page, &sequences->items[i], "after");
		page_put(page, "</li>\n");
	}
	page_put(page, "</ul>\n");
}

void report_trial_put(const struct page *page, const struct json_value *trial)
{
	const struct json_value *scripts = list_of(trial, "scripts");
	const char *stopped = json_member_text(trial, "stopped");

	page_put(page, "<h2>Dry run</h2>\n");
	if (stopped != NULL) {
		page_put(page, "<p class=\"bad\">Stopped: ");
		page_put_text(page, stopped);
		page_put(page, "</p>\n");
	}
	for (size_t i = 0; i < scripts->n; i++)
		put_script(page, &scripts->items[i]);
	put_sequences(page, list_of(trial, "sequences"));
}
