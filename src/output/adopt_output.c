/* SPDX-License-Identifier: Apache-2.0 */
/* adopt_output.c - shows what adopt has found, and what it would write or has written */
#include "cflyway/output/adopt_output.h"

#include "cflyway/base/about.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/table.h"

enum { MAX_TEXT = 1 << 30, SECONDS = 19 };

/* --- text ---------------------------------------------------------------------------------- */

static const char *const titles[] = {"Version", "Description", "Installed On", "By",
                                     "File",    "State",       "Remark"};

static const char *title(const void *ctx, size_t column)
{
	(void)ctx;
	return titles[column];
}

/* Times are cut after the seconds. */
static struct str cell(const void *ctx, size_t row, size_t column)
{
	const struct adopt_result *result = ctx;
	const struct adopt_line *line = &result->lines[row];
	const char *const texts[] = {line->version,      line->description, line->installed_on,
	                             line->installed_by, line->file,        line->state,
	                             line->remark};
	struct str text = str_of(texts[column]);
	bool is_time = texts[column] == line->installed_on;

	return is_time && text.len > SECONDS ? str_sub(text, 0, SECONDS) : text;
}

static void print_next(const struct adopt_result *result, const struct log *log)
{
	const char *s = result->rows == 1 ? "" : "s";

	if (result->is_there)
		log_info(log, "%s has all of these rows (%zu) already. Nothing was changed.",
		         result->history, result->rows);
	else if (result->is_written)
		log_info(log,
		         "Successfully adopted the history of %s: %zu row%s written to %s. %s is "
		         "as it was.",
		         result->format, result->rows, s, result->history, result->table);
	else if (result->obstacles.n > 0)
		log_warn(log,
		         "Nothing was changed. -write would refuse, because of %zu of these lines.",
		         result->obstacles.n);
	else
		log_info(log, "Nothing was changed. -write writes %zu row%s to %s.", result->rows,
		         s, result->history);
}

void adopt_text_print(const struct adopt_result *result, const struct log *log)
{
	struct buf text = BUF_EMPTY(MAX_TEXT);
	const struct table table = {
		.columns = COUNT(titles),
		.rows = result->n,
		.title = title,
		.cell = cell,
		.ctx = result,
		.when_empty = "No migrations found",
	};

	if (table_print(&table, &text))
		log_text(log, LOG_LEVEL_INFO, buf_str(&text));
	buf_release(&text);
	print_next(result, log);
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void write_line(struct json *json, const struct adopt_line *line)
{
	json_open_object(json);
	json_add_string(json, "description", line->description);
	json_add_string(json, "filepath", line->file);
	json_add_string(json, "installedBy", line->installed_by);
	json_add_string(json, "installedOn", line->installed_on);
	json_add_string(json, "remark", line->remark);
	json_add_string(json, "state", line->state);
	json_add_string(json, "version", line->version);
	json_close_object(json);
}

void adopt_json(struct json *json, const struct adopt_result *result)
{
	json_add_bool(json, "alreadyAdopted", result->is_there);
	json_add_string(json, "database", result->database);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "format", result->format);
	json_key(json, "migrations");
	json_open_array(json);
	for (size_t i = 0; i < result->n; i++)
		write_line(json, &result->lines[i]);
	json_close_array(json);
	json_add_list(json, "obstacles", &result->obstacles);
	json_add_string(json, "operation", "adopt");
	json_add_int(json, "rows", (int64_t)result->rows);
	json_add_string(json, "table", result->table);
	json_add_bool(json, "written", result->is_written);
}
