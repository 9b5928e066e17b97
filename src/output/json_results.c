/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_results.c - writes results and errors as the documents of -outputType=json
 *
 * One function per result. Keys are written in alphabetical order, as Flyway does since 12.4.0.
 */
#include "cflyway/output/json_results.h"

#include "cflyway/base/about.h"
#include "cflyway/base/clock.h"
#include "cflyway/core/undo_reason.h"
#include "cflyway/output/adopt_output.h"
#include "cflyway/output/report_error.h"
#include "cflyway/output/repair_output.h"
#include "cflyway/output/trial_output.h"

/* The output, and the arena for short-lived strings. */
struct writer {
	struct json *json;
	struct arena *arena;
	const struct error *err; /* the error of a failed migration, or NULL */
};

static const char *version_text(const struct version *version)
{
	return version_is_set(version) ? version->text : "";
}

static const char *path_of(const struct migration *file)
{
	return file != NULL ? file->absolute_path : "";
}

/* --- migrate ------------------------------------------------------------------------------- */

static void write_migrated(const struct writer *writer, const struct migrated *migrated)
{
	struct json *json = writer->json;
	const struct migration *file = migrated->file;

	json_open_object(json);
	json_add_string(json, "category",
	                result_category(file->type, migration_is_versioned(file)));
	json_add_string(json, "description", file->description);
	json_add_int(json, "executionTime", migrated->elapsed_ms);
	json_add_string(json, "filepath", file->absolute_path);
	json_add_string(json, "type", migration_type_name(file->type));
	json_add_string(json, "version", version_text(&file->version));
	json_close_object(json);
}

static int64_t total_time(const struct migrate_result *result)
{
	int64_t total_ms = 0;

	for (size_t i = 0; i < result->n; i++)
		total_ms += result->migrations[i].elapsed_ms;
	return total_ms;
}

/* Says of a dry run that it was one. */
static void write_dry_run(struct json *json, const struct result *all)
{
	if (all->trial != NULL)
		trial_json(json, all->trial);
	if (all->dry_run_output != NULL)
		json_add_string(json, "dryRunOutput", all->dry_run_output);
}

static void write_migrate(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;
	const struct migrate_result *result = &all->migrate;
	const struct error *err = writer->err;

	json_add_string(json, "database", result->database);
	json_add_string(json, "databaseType", result->database_type);
	write_dry_run(json, all);
	if (err != NULL)
		json_migrate_error(json, err, result->failed);
	json_add_string(json, "exception", err != NULL ? report_error_text(err) : NULL);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "initialSchemaVersion", result->initial_schema_version);
	json_add_bool(json, "licenseFailed", false);
	json_key(json, "migrations");
	json_open_array(json);
	for (size_t i = 0; i < result->n; i++)
		write_migrated(writer, &result->migrations[i]);
	json_close_array(json);
	json_add_int(json, "migrationsExecuted", (int64_t)result->executed);
	json_add_string(json, "operation", "migrate");
	json_add_string(json, "schemaName", result->schema_name);
	json_add_bool(json, "success", err == NULL);
	json_add_string(json, "targetSchemaVersion",
	                err == NULL ? result->target_schema_version : NULL);
	json_add_string(json, "timestamp", clock_format_iso(writer->arena, result->timestamp));
	json_add_int(json, "totalMigrationTime", total_time(result));
	json_add_list(json, "warnings", &result->warnings);
}

/* --- undo ---------------------------------------------------------------------------------- */

static void write_undone(const struct writer *writer, const struct migrated *undone)
{
	struct json *json = writer->json;
	const struct migration *file = undone->file;

	json_open_object(json);
	json_add_string(json, "description", file->description);
	json_add_int(json, "executionTime", undone->elapsed_ms);
	json_add_string(json, "filepath", file->absolute_path);
	json_add_string(json, "version", version_text(&file->version));
	json_close_object(json);
}

static void write_undo(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;
	const struct undo_result *result = &all->undo;

	json_add_string(json, "database", result->database);
	write_dry_run(json, all);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "initialSchemaVersion", result->initial_schema_version);
	json_add_int(json, "migrationsUndone", (int64_t)result->n);
	json_add_string(json, "operation", "undo");
	json_add_string(json, "schemaName", result->schema_name);
	json_add_string(json, "targetSchemaVersion", result->target_schema_version);
	json_key(json, "undoneMigrations");
	json_open_array(json);
	for (size_t i = 0; i < result->n; i++)
		write_undone(writer, &result->undone[i]);
	json_close_array(json);
	json_add_list(json, "warnings", &result->warnings);
}

/* --- info ---------------------------------------------------------------------------------- */

/* An applied migration shows the version of its history row, any other that of its file name. */
static const char *raw_version(const struct info_entry *entry)
{
	if (!info_entry_is_versioned(entry))
		return "";
	return entry->row != NULL ? entry->row->version.text : entry->file->version.raw;
}

/* Only where there is one: Flyway has no such key. */
static void write_reason(struct json *json, const struct info_entry *entry)
{
	const char *reason =
		entry->taken_back_by != NULL ? undo_reason_of(entry->taken_back_by) : NULL;

	if (reason != NULL)
		json_add_string(json, "undoReason", reason);
}

static void write_entry(const struct writer *writer, const struct info_entry *entry)
{
	struct json *json = writer->json;
	const struct history_row *row = entry->row;
	enum migration_type type = info_entry_type(entry);

	json_open_object(json);
	json_add_string(json, "category", result_category(type, info_entry_is_versioned(entry)));
	json_add_string(json, "description", info_entry_description(entry));
	json_add_int(json, "executionTime", row != NULL ? row->execution_time : 0);
	json_add_string(json, "filepath", path_of(entry->file));
	json_add_string(json, "installedBy", row != NULL ? row->installed_by : "");
	json_add_string(json, "installedOnUTC",
	                row != NULL ? clock_local_to_utc(writer->arena, row->installed_on) : "");
	json_add_string(json, "rawVersion", raw_version(entry));
	json_add_string(json, "shouldExecuteExpression",
	                entry->file != NULL ? entry->file->should_execute : NULL);
	json_add_string(json, "state", state_spec(entry->state)->title);
	json_add_string(json, "type", migration_type_name(type));
	json_add_string(json, "undoFilepath",
	                state_is_taken_back(entry->state) ? "" : path_of(entry->undo_file));
	write_reason(json, entry);
	json_add_string(json, "undoable", info_entry_undoable(entry));
	json_add_string(json, "version", version_text(info_entry_version(entry)));
	json_close_object(json);
}

static void write_info(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;
	const struct info_result *result = &all->info;

	json_add_bool(json, "allSchemasEmpty", result->all_schemas_empty);
	json_add_string(json, "database", result->database != NULL ? result->database : "");
	json_add_null(json, "exception");
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_bool(json, "licenseFailed", false);
	json_key(json, "migrations");
	json_open_array(json);
	for (size_t i = 0; i < result->n; i++)
		write_entry(writer, result->entries[i]);
	json_close_array(json);
	json_add_string(json, "operation", "info");
	json_add_string(json, "schemaName", result->schema_name);
	json_add_string(json, "schemaVersion", result->schema_version);
	json_add_string(json, "timestamp", clock_format_iso(writer->arena, result->timestamp));
}

/* --- validate ------------------------------------------------------------------------------ */

static void write_details(struct json *json, enum error_code code, const char *message)
{
	json_key(json, "errorDetails");
	json_open_object(json);
	json_add_string(json, "errorCode", error_code_name(code));
	json_add_string(json, "errorMessage", message);
	json_close_object(json);
}

static void write_invalid(struct json *json, const struct validate_error *error)
{
	const struct info_entry *entry = error->entry;

	json_open_object(json);
	json_add_string(json, "description", info_entry_description(entry));
	write_details(json, error->code, error->message);
	json_add_string(json, "filepath", path_of(entry->file));
	json_add_string(json, "version", version_text(info_entry_version(entry)));
	json_close_object(json);
}

static void write_validate(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;
	const struct validate_result *result = &all->validate;
	const struct validate_errors *errors = &result->errors;
	struct str_list messages = {0};

	for (size_t i = 0; i < errors->n; i++)
		str_list_add(writer->arena, &messages, errors->items[i].message);
	json_add_string(json, "allErrorMessages", str_list_join(writer->arena, &messages, "\n"));
	json_add_string(json, "database", result->database);
	if (result->is_valid)
		json_add_null(json, "errorDetails");
	else
		write_details(json, result->code, result->message);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_key(json, "invalidMigrations");
	json_open_array(json);
	for (size_t i = 0; i < errors->n; i++)
		write_invalid(json, &errors->items[i]);
	json_close_array(json);
	json_add_string(json, "operation", "validate");
	json_add_int(json, "validateCount", (int64_t)result->count);
	json_add_bool(json, "validationSuccessful", result->is_valid);
	json_add_list(json, "warnings", &result->warnings);
}

/* --- repair, baseline, clean --------------------------------------------------------------- */

static void write_repaired(struct json *json, const char *key, const struct repaired *repaired)
{
	json_key(json, key);
	json_open_array(json);
	for (size_t i = 0; i < repaired->n; i++) {
		const struct history_row *row = repaired->items[i].row;

		json_open_object(json);
		json_add_string(json, "description", row->description);
		json_add_string(json, "filepath", path_of(repaired->items[i].file));
		json_add_string(json, "version", version_text(&row->version));
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_repair(const struct writer *writer, const struct result *all)
{
	static const struct str_list no_warnings = {0};
	struct json *json = writer->json;
	const struct repair_result *result = &all->repair;
	struct str_list actions = {0};

	if (result->removed.n > 0)
		str_list_add(writer->arena, &actions, "Removed failed migrations");
	if (result->deleted.n > 0)
		str_list_add(writer->arena, &actions, "Marked missing migrations as deleted");
	if (result->aligned.n > 0)
		str_list_add(writer->arena, &actions, "Aligned applied migration checksums");
	json_add_string(json, "database", result->database);
	if (result->is_dry)
		repair_json(json, result);
	write_dry_run(json, all);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	write_repaired(json, "migrationsAligned", &result->aligned);
	write_repaired(json, "migrationsDeleted", &result->deleted);
	write_repaired(json, "migrationsRemoved", &result->removed);
	json_add_string(json, "operation", "repair");
	json_add_list(json, "repairActions", &actions);
	json_add_list(json, "warnings", &no_warnings);
}

static void write_baseline(const struct writer *writer, const struct result *all)
{
	static const struct str_list no_warnings = {0};
	struct json *json = writer->json;

	json_add_string(json, "baselineVersion", all->baseline.version);
	json_add_string(json, "database", all->baseline.database);
	write_dry_run(json, all);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "operation", "baseline");
	json_add_bool(json, "successfullyBaselined", true);
	json_add_list(json, "warnings", &no_warnings);
}

static void write_clean(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;

	json_add_string(json, "database", all->clean.database);
	write_dry_run(json, all);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "operation", "clean");
	json_add_list(json, "schemasCleaned", &all->clean.cleaned);
	json_add_list(json, "schemasDropped", &all->clean.dropped);
	json_add_list(json, "warnings", &all->clean.warnings);
}

/* --- those without a database -------------------------------------------------------------- */

static void write_test_connection(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;

	(void)all;
	json_key(json, "successfulConnections");
	json_open_array(json);
	json_string(json, "Flyway");
	json_close_array(json);
}

/* Writes Flyway's version, because callers ask for that; there are no plug-ins. */
static void write_version(const struct writer *writer, const struct result *all)
{
	static const struct str_list no_plugins = {0};
	struct json *json = writer->json;

	(void)all;
	json_add_string(json, "command", "version");
	json_add_null(json, "edition");
	json_add_list(json, "pluginVersions", &no_plugins);
	json_add_string(json, "version", FLYWAY_VERSION);
}

static void write_engines(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;

	json_add_string(json, "version", FLYWAY_VERSION);
	json_add_string(json, "command", "list-engines");
	json_add_null(json, "edition");
	json_key(json, "dbInfoResults");
	json_open_array(json);
	for (size_t i = 0; i < all->engines.n; i++) {
		json_open_object(json);
		json_add_string(json, "name", all->engines.items[i]);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_add(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;
	const struct add_result *result = &all->add;

	json_add_string(json, "category", result->category);
	json_add_bool(json, "created", result->is_created);
	json_add_string(json, "filename", result->path);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "location", result->location);
	json_add_string(json, "operation", "add");
	if (result->undo_path != NULL)
		json_add_string(json, "undoFilename", result->undo_path);
	json_add_string(json, "version", result->version);
}

static void write_init(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;
	const struct init_result *result = &all->init;

	json_add_list(json, "files", &result->files);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_list(json, "leftOut", &result->left_out);
	json_add_string(json, "next", result->next);
	json_add_string(json, "operation", "init");
	json_add_string(json, "path", result->path);
	json_add_string(json, "projectId", result->project_id);
	json_add_string(json, "renamedTo", result->renamed_to);
	json_add_list(json, "warnings", &result->remarks);
}

static void write_auth(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;

	(void)all;
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "message", "No licence is needed.");
	json_add_string(json, "operation", "auth");
}

static void write_import(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;
	const struct import_result *result = &all->import;

	json_add_list(json, "files", &result->files);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "next", result->next);
	json_add_string(json, "operation", "import");
	json_add_int(json, "revisions", (int64_t)result->revisions);
	json_add_int(json, "unchanged", (int64_t)result->unchanged);
	json_add_list(json, "warnings", &result->remarks);
}

static void write_explanation(struct json *json, const struct explanation *explanation)
{
	json_add_string(json, "advice", explanation->advice);
	json_add_string(json, "causes", explanation->causes);
	json_add_string(json, "code", explanation->code);
	json_add_string(json, "meaning", explanation->meaning);
	json_add_string(json, "name", explanation->name);
}

static void write_explain(const struct writer *writer, const struct result *all)
{
	struct json *json = writer->json;
	const struct explanation *only = all->explain.only;

	json_key(json, "explanations");
	json_open_array(json);
	for (size_t i = 0; i < explanation_count; i++) {
		if (only != NULL && only != &explanations[i])
			continue;
		json_open_object(json);
		write_explanation(json, &explanations[i]);
		json_close_object(json);
	}
	json_close_array(json);
	json_add_string(json, "flywayVersion", FLYWAY_VERSION);
	json_add_string(json, "operation", "explain");
}

static void write_adopt(const struct writer *writer, const struct result *all)
{
	adopt_json(writer->json, &all->adopt);
}

static void (*const writers[])(const struct writer *writer, const struct result *all) = {
	[RESULT_MIGRATE] = write_migrate, [RESULT_UNDO] = write_undo,
	[RESULT_INFO] = write_info,       [RESULT_VALIDATE] = write_validate,
	[RESULT_REPAIR] = write_repair,   [RESULT_BASELINE] = write_baseline,
	[RESULT_CLEAN] = write_clean,     [RESULT_TEST_CONNECTION] = write_test_connection,
	[RESULT_VERSION] = write_version, [RESULT_LIST_ENGINES] = write_engines,
	[RESULT_ADD] = write_add,         [RESULT_INIT] = write_init,
	[RESULT_AUTH] = write_auth,       [RESULT_ADOPT] = write_adopt,
	[RESULT_IMPORT] = write_import,   [RESULT_EXPLAIN] = write_explain,
};

bool json_has_result(const struct result *result)
{
	return writers[result->kind] != NULL;
}

void json_result(struct json *json, struct arena *arena, const struct result *result,
                 const struct error *err)
{
	const struct writer writer = {json, arena, err};

	writers[result->kind](&writer, result);
}
