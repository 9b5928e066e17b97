/* SPDX-License-Identifier: Apache-2.0 */
/* report.c - writes the report that reportEnabled asks for: NAME.json and NAME.html */
#include "cflyway/output/report.h"

#include "report_html.h"
#include "report_previous.h"

#include "cflyway/base/clock.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/replacement.h"
#include "cflyway/output/json_results.h"
#include "cflyway/output/report_error.h"

#include <assert.h>

enum { MAX_REPORT = 256 << 20 };

#define DEFAULT_NAME "report"

void report_open(struct report *report, const struct settings *settings, const char *target)
{
	*report = (struct report){
		.settings = settings,
		.target = target,
		.results = {.kind = JSON_ARRAY},
	};
	arena_init(&report->arena);
}

void report_close(struct report *report)
{
	arena_release(&report->arena);
}

/* --- results ------------------------------------------------------------------------------- */

/* What the document of undo lacks, and the report needs. */
static void complete_undo(struct json *json, struct arena *arena, const struct undo_result *result,
                          const struct error *err)
{
	json_add_string(json, "exception", err != NULL ? report_error_text(err) : NULL);
	json_add_bool(json, "success", err == NULL);
	json_add_string(json, "timestamp", clock_format_iso(arena, result->timestamp));
}

/* Parses the document again, so that new and old results have the same shape. */
void report_add(struct report *report, const struct result *result, const struct error *err)
{
	bool belongs = result->kind == RESULT_INFO || result->kind == RESULT_MIGRATE ||
	               result->kind == RESULT_UNDO;
	struct error ignored = ERROR_INIT(&report->arena);
	struct json_value value;
	struct json json;

	if (!report->settings->report_enabled || !belongs)
		return;
	json_init(&json);
	json_open_object(&json);
	json_result(&json, &report->arena, result, err);
	if (result->kind == RESULT_UNDO)
		complete_undo(&json, &report->arena, &result->undo, err);
	if (err != NULL && err->notes.n > 0)
		json_notes(&json, &err->notes);
	json_close_object(&json);
	bool ok = json_parse(&report->arena, buf_str(&json.text), &value, &ignored);
	assert(ok); /* cflyway wrote it */
	if (ok)
		json_append(&report->arena, &report->results, NULL, value);
	json_release(&json);
}

bool report_is_empty(const struct report *report)
{
	return report->results.n == 0;
}

/* --- names --------------------------------------------------------------------------------- */

bool report_has_default_name(const struct report *report)
{
	const char *name = report->settings->report_filename;

	return name == NULL || name[0] == '\0' || strcmp(name, DEFAULT_NAME) == 0;
}

/* "out/r" gives "out/r" and ".html"; ".htm" stays ".htm". */
static struct report_files name_files(struct report *report)
{
	static const char *const endings[] = {".html", ".htm"};
	const struct settings *settings = report->settings;
	struct arena *arena = &report->arena;
	const char *name =
		report_has_default_name(report) ? DEFAULT_NAME : settings->report_filename;
	const char *ending = endings[0], *suffix = "";
	struct str base = str_of(name);

	for (size_t i = 0; i < COUNT(endings); i++) {
		if (!str_ends(str_of(name), str_of(endings[i])))
			continue;
		ending = endings[i];
		base.len = strlen(name) - strlen(ending);
	}
	if (report->target != NULL)
		suffix = arena_printf(
			arena, "-%s",
			str_replace(arena, str_of(report->target), STR("/"), STR("_")));
	const char *path = arena_printf(arena, "%.*s%s", (int)base.len, base.ptr, suffix);
	path = fs_absolute(arena, fs_within(arena, settings->working_directory, path));
	return (struct report_files){
		.json = arena_printf(arena, "%s.json", path),
		.html = arena_printf(arena, "%s%s", path, ending),
	};
}

/* --- files --------------------------------------------------------------------------------- */

static bool read_old(struct report *report, const char *path, const char *now,
                     struct json_value *all, struct error *err)
{
	enum fs_kind kind = fs_kind(path);
	struct buf text = BUF_EMPTY(MAX_REPORT);
	bool ok = true;

	if (kind == FS_OTHER)
		return error_set(err, ERROR_GENERAL, "Unable to read file %s: it is no file", path);
	if (kind != FS_MISSING)
		ok = fs_read_all(path, &text, err);
	if (ok && !report_read_previous(&report->arena, buf_str(&text), now, all, err)) {
		const char *fault = err->message;

		error_clear(err);
		ok = error_set(err, ERROR_GENERAL, "%s cannot be continued: %s", path, fault);
	}
	buf_release(&text);
	return ok;
}

/* On a full disk, an old file stays as it is. */
static bool replace(struct arena *arena, const char *path, struct str text, struct error *err)
{
	struct replacement replacement = REPLACEMENT_NONE;
	bool ok = replacement_write(&replacement, arena, path, text, err) &&
	          replacement_finish(&replacement, err);

	replacement_drop(&replacement);
	return ok;
}

static bool write_files(struct report *report, const struct clock *clock,
                        const struct report_files *files, struct error *err)
{
	struct arena *arena = &report->arena;
	struct timespec now = clock->now(clock);
	struct json_value all = {.kind = JSON_ARRAY}, kept;
	struct buf page = BUF_EMPTY(SIZE_MAX / 2);
	struct json json;

	if (!fs_make_parents(files->json, err) ||
	    !read_old(report, files->json, clock_format_iso(arena, now), &all, err))
		return false;
	for (size_t i = 0; i < report->results.n; i++)
		json_append(arena, &all, NULL, report->results.items[i]);
	report_keep_newest(arena, &all, &kept);
	json_init(&json);
	report_write_results(&kept, &json);
	report_html(arena, &kept, clock_format_local(arena, now), &page);
	bool ok = replace(arena, files->json, buf_str(&json.text), err) &&
	          replace(arena, files->html, buf_str(&page), err);
	buf_release(&page);
	json_release(&json);
	return ok;
}

bool report_write(struct report *report, const struct clock *clock, struct report_files *files,
                  struct error *err)
{
	*files = name_files(report);
	if (!write_files(report, clock, files, err))
		return false;
	files->json = fs_canonical(&report->arena, files->json);
	files->html = fs_canonical(&report->arena, files->html);
	return true;
}
