/* SPDX-License-Identifier: Apache-2.0 */
/* repair_output.c - shows the rows that repair would change (-dryRun) */
#include "cflyway/output/repair_output.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/table.h"

#include <inttypes.h>

enum { MAX_TEXT = 1 << 30 };

/* --- text ---------------------------------------------------------------------------------- */

static const char *const titles[] = {"Change", "Rank",     "Version", "Description",
                                     "Type",   "Checksum", "State"};

/* A line of the table: a row as it is or would be. */
struct line {
	const char *change;
	const struct history_row *row;
};

struct lines {
	struct arena *arena;
	struct line *items;
	size_t n;
};

static void add_line(struct lines *lines, const char *change, const struct history_row *row)
{
	lines->items = arena_grow(lines->arena, lines->items, lines->n, sizeof(*lines->items));
	lines->items[lines->n++] = (struct line){change, row};
}

static void add_change(struct lines *lines, const struct row_change *change)
{
	if (change->after == NULL) {
		add_line(lines, "delete", change->before);
	} else if (change->before == NULL) {
		add_line(lines, "insert", change->after);
	} else {
		add_line(lines, "update", change->before);
		add_line(lines, "    to", change->after);
	}
}

static const char *title(const void *ctx, size_t column)
{
	(void)ctx;
	return titles[column];
}

static struct str cell(const void *ctx, size_t row, size_t column)
{
	const struct lines *lines = ctx;
	const struct line *line = &lines->items[row];
	const struct history_row *shown = line->row;
	const char *const rank = arena_printf(lines->arena, "%d", shown->installed_rank);
	const char *const sum =
		shown->has_checksum ? arena_printf(lines->arena, "%" PRId32, shown->checksum) : "";
	const char *const texts[] = {
		line->change,
		rank,
		version_is_set(&shown->version) ? shown->version.text : "",
		shown->description,
		migration_type_name(shown->type),
		sum,
		shown->success ? "Success" : "Failed",
	};

	return str_of(texts[column]);
}

static void print_end(const struct repair_result *result, const struct log *log)
{
	size_t deleted = 0, inserted = 0;

	for (size_t i = 0; i < result->changes_n; i++) {
		deleted += result->changes[i].after == NULL;
		inserted += result->changes[i].before == NULL;
	}
	if (result->changes_n == 0)
		log_info(log, "There is nothing to repair in %s.", result->history);
	else
		log_info(log,
		         "Nothing was changed. repair would delete %zu, update %zu and insert %zu "
		         "of the rows of %s.",
		         deleted, result->changes_n - deleted - inserted, inserted,
		         result->history);
}

void repair_text_print(struct arena *arena, const struct repair_result *result,
                       const struct log *log)
{
	struct buf text = BUF_EMPTY(MAX_TEXT);
	struct lines lines = {.arena = arena};

	for (size_t i = 0; i < result->changes_n; i++)
		add_change(&lines, &result->changes[i]);

	const struct table table = {
		.columns = COUNT(titles),
		.rows = lines.n,
		.title = title,
		.cell = cell,
		.ctx = &lines,
		.when_empty = "",
	};

	if (lines.n > 0 && table_print(&table, &text))
		log_text(log, LOG_LEVEL_INFO, buf_str(&text));
	buf_release(&text);
	print_end(result, log);
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void write_row(struct json *json, const char *key, const struct history_row *row)
{
	if (row == NULL) {
		json_add_null(json, key);
		return;
	}
	json_key(json, key);
	json_open_object(json);
	if (row->has_checksum)
		json_add_int(json, "checksum", row->checksum);
	else
		json_add_null(json, "checksum");
	json_add_string(json, "description", row->description);
	json_add_int(json, "installedRank", row->installed_rank);
	json_add_string(json, "script", row->script);
	json_add_bool(json, "success", row->success);
	json_add_string(json, "type", migration_type_name(row->type));
	json_add_string(json, "version", version_is_set(&row->version) ? row->version.text : "");
	json_close_object(json);
}

static const char *name_of(const struct row_change *change)
{
	if (change->after == NULL)
		return "delete";
	return change->before == NULL ? "insert" : "update";
}

void repair_json(struct json *json, const struct repair_result *result)
{
	json_key(json, "dryRun");
	json_open_object(json);
	json_key(json, "rows");
	json_open_array(json);
	for (size_t i = 0; i < result->changes_n; i++) {
		const struct row_change *change = &result->changes[i];

		json_open_object(json);
		write_row(json, "after", change->after);
		write_row(json, "before", change->before);
		json_add_string(json, "change", name_of(change));
		json_close_object(json);
	}
	json_close_array(json);
	json_add_string(json, "table", result->history);
	json_close_object(json);
}
