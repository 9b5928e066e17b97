/* SPDX-License-Identifier: Apache-2.0 */
/* plan_warnings.c - what migrate logs about history and files before each migration */
#include "plan_warnings.h"

#include "cflyway/core/session.h"

static const char *current_version(const struct plan_warnings *warnings)
{
	const struct info_entry *current = warnings->current;

	if (current == NULL)
		return version_empty().text;
	return info_entry_is_versioned(current) ? current->row->version.text : "null";
}

static void say_current_version(struct plan_warnings *warnings)
{
	const struct info_entry *current = warnings->current;

	if (warnings->said_current_version)
		return;
	warnings->said_current_version = true;
	if (current != NULL && info_entry_is_versioned(current))
		warnings->result->initial_schema_version = current->row->version.text;
	log_info(warnings->run->log, "Current version of schema %s: %s",
	         warnings->run->session->quoted_schema, current_version(warnings));
	if (warnings->run->settings->out_of_order)
		result_warn(
			warnings->run, &warnings->result->warnings,
			"outOfOrder mode is active. Migration of schema %s may not be reproducible.",
			warnings->run->session->quoted_schema);
}

void plan_warnings_collect(struct plan_warnings *warnings, const struct info *info)
{
	*warnings = (struct plan_warnings){
		.run = warnings->run,
		.result = warnings->result,
		.said_current_version = warnings->said_current_version,
		.current = info_current(info),
	};
	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if ((entry->state == STATE_FUTURE_SUCCESS || entry->state == STATE_FUTURE_FAILED) &&
		    info_entry_is_versioned(entry) && !info_entry_is_undo(entry))
			warnings->has_future = true;
		if (state_spec(entry->state)->is_failed && warnings->failed_count++ == 0)
			warnings->failed = entry;
		if (!state_spec(entry->state)->is_resolved)
			continue;
		warnings->has_resolved = true;
		if (info_entry_is_versioned(entry))
			warnings->last = entry;
	}
}

static void warn_of_future(const struct plan_warnings *warnings)
{
	if (!warnings->has_future)
		return;
	if (!warnings->has_resolved)
		log_error(warnings->run->log,
		          "Schema %s has version %s, but no migration could be resolved in the "
		          "configured locations !",
		          warnings->run->session->quoted_schema, current_version(warnings));
	else if (warnings->last != NULL)
		log_warn(warnings->run->log,
		         "Schema %s has a version (%s) that is newer than the latest available "
		         "migration (%s) !",
		         warnings->run->session->quoted_schema, current_version(warnings),
		         info_entry_version(warnings->last)->text);
}

/* A single failed migration above the files is only worth a warning. */
static bool is_harmless(const struct plan_warnings *warnings)
{
	struct pattern_list patterns;
	struct error ignored = ERROR_INIT(warnings->run->arena);

	return warnings->failed_count == 1 && warnings->failed->state == STATE_FUTURE_FAILED &&
	       pattern_list_parse(warnings->run->arena,
	                          &warnings->run->settings->ignore_migration_patterns, &patterns,
	                          &ignored) &&
	       pattern_list_ignores(&patterns, PATTERN_FUTURE);
}

bool plan_warnings_check(struct plan_warnings *warnings, struct error *err)
{
	const struct info_entry *failed = warnings->failed;

	if (failed == NULL || is_harmless(warnings))
		return true;
	say_current_version(warnings);
	warn_of_future(warnings);
	if (!info_entry_is_versioned(failed))
		return error_set(err, ERROR_FAILED_REPEATABLE_MIGRATION,
		                 "Schema %s contains a failed repeatable migration (\"%s\") !",
		                 warnings->run->session->quoted_schema, failed->row->description);
	return error_set(err, ERROR_FAILED_VERSIONED_MIGRATION,
	                 "Schema %s contains a failed migration to version %s !",
	                 warnings->run->session->quoted_schema, failed->row->version.text);
}

void plan_warnings_log(struct plan_warnings *warnings)
{
	const struct info_entry *failed = warnings->failed;

	say_current_version(warnings);
	warn_of_future(warnings);
	if (failed != NULL)
		log_warn(warnings->run->log,
		         "Schema %s contains a failed future migration to version %s !",
		         warnings->run->session->quoted_schema, failed->row->version.text);
}
