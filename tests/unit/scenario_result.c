/* SPDX-License-Identifier: Apache-2.0 */
/* scenario_result.c - the result of a command as lines, for the text of a scenario */
#include "scenario.h"

#include "cflyway/base/buf.h"

#include <inttypes.h>

static const char *or_none(const char *text)
{
	return text != NULL ? text : "(none)";
}

static void put_names(struct buf *text, const char *what, const struct str_list *names)
{
	for (size_t i = 0; i < names->n; i++)
		buf_printf(text, "- %s %s\n", what, names->items[i]);
}

static void put_entry(struct buf *text, const char *what, const struct info_entry *entry)
{
	buf_printf(text, "%s%s %s: %s\n", what, info_entry_version(entry)->text,
	           info_entry_description(entry), state_spec(entry->state)->title);
}

static void put_migrate(struct buf *text, const struct migrate_result *result)
{
	buf_printf(text, "migrate %s (%s) \"%s\" from %s to %s, %zu stay%s%s\n",
	           or_none(result->database), result->database_type, result->schema_name,
	           or_none(result->initial_schema_version), or_none(result->target_schema_version),
	           result->executed, result->failed != NULL ? ", failed: " : "",
	           result->failed != NULL ? result->failed->script : "");
	for (size_t i = 0; i < result->n; i++)
		buf_printf(text, "- ran %s in %" PRId64 " ms\n", result->migrations[i].file->script,
		           result->migrations[i].elapsed_ms);
	put_names(text, "warning", &result->warnings);
}

static void put_undo(struct buf *text, const struct undo_result *result)
{
	buf_printf(text, "undo %s \"%s\" from %s to %s\n", or_none(result->database),
	           result->schema_name, or_none(result->initial_schema_version),
	           or_none(result->target_schema_version));
	for (size_t i = 0; i < result->n; i++)
		buf_printf(text, "- ran %s in %" PRId64 " ms\n", result->undone[i].file->script,
		           result->undone[i].elapsed_ms);
	put_names(text, "warning", &result->warnings);
}

static void put_info(struct buf *text, const struct info_result *result)
{
	buf_printf(text, "info %s \"%s\" at %s%s%s%s\n", or_none(result->database),
	           or_none(result->schema_name), or_none(result->schema_version),
	           result->all_schemas_empty ? ", all empty" : "",
	           result->ids_only ? ", ids only" : "",
	           result->nothing_on_disk ? ", nothing on disk" : "");
	if (result->pending > 0)
		buf_printf(text, "- %zu pending\n", result->pending);
	for (size_t i = 0; i < result->n; i++)
		put_entry(text, "- ", result->entries[i]);
}

static void put_validate(struct buf *text, const struct validate_result *result)
{
	buf_printf(text, "validate %s: %s, %zu", or_none(result->database),
	           result->is_valid ? "valid" : error_code_name(result->code), result->count);
	buf_printf(text, "%s%s\n", result->is_valid ? "" : ", ",
	           result->is_valid ? "" : result->message);
	for (size_t i = 0; i < result->errors.n; i++) {
		const struct validate_error *error = &result->errors.items[i];

		buf_printf(text, "- %s", error_code_name(error->code));
		put_entry(text, " ", error->entry);
	}
	put_names(text, "warning", &result->warnings);
}

static void put_repaired(struct buf *text, const char *what, const struct repaired *repaired)
{
	for (size_t i = 0; i < repaired->n; i++) {
		const struct repaired_row *item = &repaired->items[i];

		buf_printf(text, "%s%s %s: %s\n", what, item->row->version.text,
		           item->row->description,
		           item->file != NULL ? item->file->script : "no file");
	}
}

static void put_repair(struct buf *text, const struct repair_result *result)
{
	buf_printf(text, "repair %s\n", or_none(result->database));
	put_repaired(text, "- removed ", &result->removed);
	put_repaired(text, "- deleted ", &result->deleted);
	put_repaired(text, "- aligned ", &result->aligned);
}

static void put_clean(struct buf *text, const struct clean_result *result)
{
	buf_printf(text, "clean %s\n", or_none(result->database));
	put_names(text, "cleaned", &result->cleaned);
	put_names(text, "dropped", &result->dropped);
	put_names(text, "warning", &result->warnings);
}

static void put_version(struct buf *text, const struct version_result *result)
{
	buf_printf(text, "version\n");
	for (size_t i = 0; i < result->n; i++)
		buf_printf(text, "- %s %s\n", result->libraries[i].name,
		           result->libraries[i].version);
}

static void put_trial(struct buf *text, const struct trial_result *trial)
{
	static const char *const states[] = {
		[TRIAL_OK] = "ok",
		[TRIAL_FAILED] = "failed",
		[TRIAL_NOT_TRIED] = "not tried",
	};

	buf_printf(text, "trial of %zu scripts%s\n", trial->n,
	           trial->is_watched ? ", watched" : "");
	for (size_t i = 0; i < trial->n; i++) {
		const struct trial_script *script = &trial->scripts[i];

		buf_printf(text, "- %s%s%s: %s%s%s\n", script->event != NULL ? script->event : "",
		           script->event != NULL ? " " : "", script->file->file_name,
		           states[script->state], script->reason != NULL ? ", " : "",
		           script->reason != NULL ? script->reason : "");
		for (size_t j = 0; j < script->n; j++)
			buf_printf(text, "  - line %zu in %" PRId64 " ms, %" PRId64 " rows%s: %s\n",
			           script->statements[j].line, script->statements[j].elapsed_ms,
			           script->statements[j].rows,
			           script->statements[j].has_failed ? ", failed" : "",
			           script->statements[j].text);
		if (script->unlisted > 0)
			buf_printf(text, "  - %zu unlisted\n", script->unlisted);
	}
}

void scenario_put_result(struct buf *text, const struct result *result)
{
	if (result->trial != NULL)
		put_trial(text, result->trial);
	switch (result->kind) {
	case RESULT_NOTHING:
		break;
	case RESULT_HELP:
		buf_printf(text, "help\n");
		break;
	case RESULT_AUTH:
		buf_printf(text, "auth\n");
		break;
	case RESULT_IMPORT:
		buf_printf(text, "import %zu revisions\n", result->import.revisions);
		break;
	case RESULT_EXPLAIN:
		buf_printf(text, "explain\n");
		break;
	case RESULT_ADOPT:
		buf_printf(text, "adopt %zu rows\n", result->adopt.rows);
		break;
	case RESULT_MIGRATE:
		put_migrate(text, &result->migrate);
		break;
	case RESULT_UNDO:
		put_undo(text, &result->undo);
		break;
	case RESULT_INFO:
		put_info(text, &result->info);
		break;
	case RESULT_VALIDATE:
		put_validate(text, &result->validate);
		break;
	case RESULT_REPAIR:
		put_repair(text, &result->repair);
		break;
	case RESULT_BASELINE:
		buf_printf(text, "baseline %s at %s\n", or_none(result->baseline.database),
		           result->baseline.version);
		break;
	case RESULT_CLEAN:
		put_clean(text, &result->clean);
		break;
	case RESULT_TEST_CONNECTION:
		buf_printf(text, "test connection\n");
		break;
	case RESULT_VERSION:
		put_version(text, &result->version);
		break;
	case RESULT_ADD:
		buf_printf(text, "add %s %s version \"%s\" in %s%s%s\n", result->add.category,
		           result->add.path, result->add.version, result->add.location,
		           result->add.is_created ? "" : ", not created",
		           result->add.path_only ? ", path only" : "");
		break;
	case RESULT_INIT:
		buf_printf(text, "init %s id %s, old file %s, next \"%s\"\n", result->init.path,
		           or_none(result->init.project_id), or_none(result->init.renamed_to),
		           result->init.next);
		put_names(text, "file", &result->init.files);
		put_names(text, "left out", &result->init.left_out);
		put_names(text, "remark", &result->init.remarks);
		break;
	case RESULT_LIST_ENGINES:
		buf_printf(text, "list engines\n");
		put_names(text, "engine", &result->engines);
		break;
	}
}
