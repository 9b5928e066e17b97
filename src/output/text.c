/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - prints results as text */
#include "cflyway/output/explain_text.h"
#include "cflyway/output/text.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/base/table.h"
#include "cflyway/base/terminal.h"
#include "cflyway/base/utf8.h"
#include "cflyway/core/undo_reason.h"
#include "cflyway/migration/location.h"
#include "cflyway/output/adopt_output.h"
#include "cflyway/output/repair_output.h"
#include "cflyway/output/trial_output.h"

enum { MAX_TEXT = 1 << 30 };

/* --- info ---------------------------------------------------------------------------------- */

static const char *category(struct arena *arena, const struct info_entry *entry)
{
	(void)arena;
	return result_category(info_entry_type(entry), info_entry_is_versioned(entry));
}

static const char *version_text(struct arena *arena, const struct info_entry *entry)
{
	(void)arena;
	return info_entry_is_versioned(entry) ? info_entry_version(entry)->text : "";
}

static const char *type_text(struct arena *arena, const struct info_entry *entry)
{
	(void)arena;
	return migration_type_name(info_entry_type(entry));
}

/* The stored digits, cut after the seconds. */
static const char *installed_on(struct arena *arena, const struct info_entry *entry)
{
	return entry->row != NULL ? arena_printf(arena, "%.19s", entry->row->installed_on) : "";
}

static const char *description(struct arena *arena, const struct info_entry *entry)
{
	(void)arena;
	return info_entry_description(entry);
}

static const char *state_title(struct arena *arena, const struct info_entry *entry)
{
	(void)arena;
	return state_spec(entry->state)->title;
}

static const char *undoable(struct arena *arena, const struct info_entry *entry)
{
	(void)arena;
	return entry->state == STATE_DELETED ? "" : info_entry_undoable(entry);
}

static const struct {
	const char *title;
	const char *(*cell)(struct arena *arena, const struct info_entry *entry);
} info_columns[] = {
	{"Category", category}, {"Version", version_text},      {"Description", description},
	{"Type", type_text},    {"Installed On", installed_on}, {"State", state_title},
	{"Undoable", undoable},
};

/* The table, and the arena of its cells. */
struct info_table {
	struct arena *arena;
	const struct info_result *result;
};

static const char *info_title(const void *ctx, size_t column)
{
	(void)ctx;
	return info_columns[column].title;
}

static struct str info_cell(const void *ctx, size_t row, size_t column)
{
	const struct info_table *table = ctx;

	return str_of(info_columns[column].cell(table->arena, table->result->lines[row]));
}

/* --- the settings that matter when no file was found ---------------------------------------- */

struct setting_row {
	const char *name, *value;
};

static size_t widest(const struct setting_row *rows, size_t n)
{
	size_t width = strlen("Current value");

	for (size_t i = 0; i < n; i++) {
		size_t length = utf8_length_utf16(str_of(rows[i].value));

		if (length > width)
			width = length;
	}
	return width + 2;
}

static void print_setting(struct buf *text, const struct setting_row *row, size_t width)
{
	size_t length = utf8_length_utf16(str_of(row->value));

	buf_printf(text, "| %-30s | %s", row->name, row->value);
	buf_repeat(text, ' ', width - length);
	buf_add(text, " |\n");
}

/* Prints the parsed locations. Flyway parses them again here, and repeats its warnings. */
static const char *show_locations(struct arena *arena, const struct location_list *list,
                                  const struct log *log)
{
	struct str_list shown = {0};

	location_list_warn(list, log);
	for (size_t i = 0; i < list->n; i++)
		str_list_add(arena, &shown, list->items[i].text);
	return str_list_join(arena, &shown, ", ");
}

static void print_settings(struct arena *arena, const struct locations *known,
                           const struct log *log, struct buf *text)
{
	log_info(log, "No migrations found on disk.\n"
	              "Here are some relevant configuration settings.");

	const struct settings *settings = known->settings;
	const char *locations = show_locations(arena, &known->scripts, log);
	const struct setting_row heading = {"Setting", "Value"};
	const struct setting_row rows[] = {
		{"locations", locations},
		{"callbackLocations", show_locations(arena, &known->callbacks, log)},
		{"workingDirectory", settings->working_directory != NULL
	                                     ? settings->working_directory
	                                     : fs_current_directory(arena)},
		{"repeatableSqlMigrationPrefix", settings->repeatable_sql_migration_prefix},
		{"sqlMigrationPrefix", settings->sql_migration_prefix},
		{"baselineMigrationPrefix", settings->baseline_migration_prefix},
		{"sqlMigrationSeparator", settings->sql_migration_separator},
		{"sqlMigrationSuffixes",
	         str_list_join(arena, &settings->sql_migration_suffixes, ", ")},
	};
	size_t width = widest(rows, COUNT(rows));

	buf_putc(text, '\n');
	print_setting(text, &heading, width);
	buf_add(text, "|--------------------------------|");
	buf_repeat(text, '-', width + 2);
	buf_add(text, "|\n");
	for (size_t i = 0; i < COUNT(rows); i++)
		print_setting(text, &rows[i], width);
}

/* Says why migrations were taken back, where the history knows it. */
static void print_reasons(const struct info_result *result, const struct log *log)
{
	for (size_t i = 0; i < result->lines_n; i++) {
		const struct info_entry *entry = result->lines[i];
		const struct history_row *row = entry->taken_back_by;
		const char *reason = row != NULL ? undo_reason_of(row) : NULL;

		if (reason != NULL)
			log_cflyway(log, "version %s was undone on %.19s by %s: %s",
			            info_entry_version(entry)->text, row->installed_on,
			            row->installed_by, reason);
	}
}

static void print_info(struct arena *arena, const struct info_result *result, const struct log *log)
{
	struct buf text = BUF_EMPTY(MAX_TEXT);
	struct info_table cells = {arena, result};
	struct table table = {
		.columns = COUNT(info_columns),
		.rows = result->lines_n,
		.title = info_title,
		.cell = info_cell,
		.ctx = &cells,
		.when_empty = "No migrations found",
	};

	if (result->nothing_on_disk) {
		print_settings(arena, result->locations, log, &text);
		log_text(log, LOG_LEVEL_INFO, buf_str(&text));
		buf_clear(&text);
	}
	if (table_print(&table, &text))
		log_text(log, LOG_LEVEL_INFO, buf_str(&text));
	buf_release(&text);
	print_reasons(result, log);
}

/* Text that scripts read: nothing else is on stdout. */
static void print_bare(struct str text)
{
	(void)!terminal_write(stdout, terminal_is(stdout), text);
}

/* Prints no line end, because scripts read it. */
static void print_ids(const struct info_result *result)
{
	struct buf ids = BUF_EMPTY(MAX_TEXT);

	for (size_t i = 0; i < result->lines_n; i++) {
		const struct info_entry *entry = result->lines[i];

		buf_add(&ids, i > 0 ? "," : "");
		buf_add(&ids, info_entry_is_versioned(entry) ? info_entry_version(entry)->text
		                                             : info_entry_description(entry));
	}
	print_bare(buf_str(&ids));
	buf_release(&ids);
}

/* --- what this program is ------------------------------------------------------------------ */

/* Uses the form in which Flyway lists its plug-ins. */
static void print_libraries(const struct version_result *result, const struct log *log)
{
	static const char title[] = "Library";
	int width = (int)strlen(title);

	for (size_t i = 0; i < result->n; i++)
		if ((int)strlen(result->libraries[i].name) > width)
			width = (int)strlen(result->libraries[i].name);
	log_info(log, "%-*s | Version", width, title);
	for (size_t i = 0; i < result->n; i++)
		log_info(log, "%-*s | %s", width, result->libraries[i].name,
		         result->libraries[i].version);
}

static void print_engines(const struct str_list *engines, const struct log *log)
{
	static const char title[] = "Database Name";

	log_info(log, "%s\n%.*s", title, (int)strlen(title), "--------------------");
	for (size_t i = 0; i < engines->n; i++)
		log_info(log, "%s", engines->items[i]);
}

/* --- files --------------------------------------------------------------------------------- */

/* With -q there is nothing but the path, because scripts read it. */
static void print_path(const struct add_result *result, const char *path, const struct log *log)
{
	if (result->path_only) {
		print_bare(str_of(path));
		putchar('\n');
		return;
	}
	log_info(log, "%s%s", result->is_created ? "created: " : "", path);
}

static void print_added(const struct add_result *result, const struct log *log)
{
	print_path(result, result->path, log);
	if (result->undo_path != NULL)
		print_path(result, result->undo_path, log);
}

static void print_init(const struct init_result *result, const struct log *log)
{
	for (size_t i = 0; i < result->files.n; i++)
		log_info(log, "created: %s", result->files.items[i]);
	if (result->renamed_to != NULL)
		log_info(log, "renamed: %s to %s", result->renamed_from, result->renamed_to);
	for (size_t i = 0; i < result->left_out.n; i++)
		log_warn(log, "left out: %s", result->left_out.items[i]);
	for (size_t i = 0; i < result->remarks.n; i++)
		log_warn(log, "%s", result->remarks.items[i]);
	log_info(log, "Next: %s", result->next);
}

static void print_import(const struct import_result *result, const struct log *log)
{
	for (size_t i = 0; i < result->files.n; i++)
		log_info(log, "created: %s", result->files.items[i]);
	for (size_t i = 0; i < result->remarks.n; i++)
		log_warn(log, "%s", result->remarks.items[i]);
	log_info(log, "Successfully imported %zu revision%s: %zu new file%s, %zu as before",
	         result->revisions, result->revisions == 1 ? "" : "s", result->files.n,
	         result->files.n == 1 ? "" : "s", result->unchanged);
	log_info(log, "Next: %s", result->next);
}

void text_print(struct arena *arena, const struct result *result, const struct log *log)
{
	if (result->trial != NULL)
		trial_text_print(arena, result->trial, log);
	if (result->kind == RESULT_INFO && result->info.ids_only)
		print_ids(&result->info);
	else if (result->kind == RESULT_INFO)
		print_info(arena, &result->info, log);
	else if (result->kind == RESULT_VERSION)
		print_libraries(&result->version, log);
	else if (result->kind == RESULT_LIST_ENGINES)
		print_engines(&result->engines, log);
	else if (result->kind == RESULT_ADD)
		print_added(&result->add, log);
	else if (result->kind == RESULT_INIT)
		print_init(&result->init, log);
	else if (result->kind == RESULT_REPAIR && result->repair.is_dry)
		repair_text_print(arena, &result->repair, log);
	else if (result->kind == RESULT_ADOPT)
		adopt_text_print(&result->adopt, log);
	else if (result->kind == RESULT_IMPORT)
		print_import(&result->import, log);
	else if (result->kind == RESULT_EXPLAIN)
		explain_text_print(&result->explain, log);
}
