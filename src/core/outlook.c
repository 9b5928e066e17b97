#include "outlook.h"

#include "cflyway/core/session.h"

static void say_current_version(struct outlook *outlook)
{
	const struct info_entry *current = outlook->current;
	const char *version = "<< Empty Schema >>";

	if (outlook->said_current_version)
		return;
	outlook->said_current_version = true;
	if (current != NULL)
		version = info_entry_is_versioned(current) ? current->row->version.text : "null";
	if (current != NULL && info_entry_is_versioned(current))
		outlook->result->initial_schema_version = version;
	log_info(outlook->run->log, "Current version of schema %s: %s",
	         outlook->run->session->quoted_schema, version);
	if (outlook->run->settings->out_of_order)
		result_warn(
			outlook->run, &outlook->result->warnings,
			"outOfOrder mode is active. Migration of schema %s may not be reproducible.",
			outlook->run->session->quoted_schema);
}

void outlook_look(struct outlook *outlook, const struct info *info)
{
	*outlook = (struct outlook){
		.run = outlook->run,
		.result = outlook->result,
		.said_current_version = outlook->said_current_version,
		.current = info_current(info),
	};
	for (size_t i = 0; i < info->n; i++) {
		const struct info_entry *entry = &info->entries[i];

		if ((entry->state == STATE_FUTURE_SUCCESS || entry->state == STATE_FUTURE_FAILED) &&
		    info_entry_is_versioned(entry))
			outlook->future = entry;
		if (state_spec(entry->state)->is_failed && outlook->failed_count++ == 0)
			outlook->failed = entry;
		if (entry->file == NULL)
			continue;
		outlook->has_files = true;
		if (migration_is_versioned(entry->file))
			outlook->last = entry->file;
	}
}

static void warn_of_future(const struct outlook *outlook)
{
	if (outlook->future == NULL)
		return;
	if (!outlook->has_files)
		log_error(outlook->run->log,
		          "Schema %s has version %s, but no migration could be resolved in the "
		          "configured locations !",
		          outlook->run->session->quoted_schema, outlook->future->row->version.text);
	else if (outlook->last != NULL)
		log_warn(outlook->run->log,
		         "Schema %s has a version (%s) that is newer than the latest available "
		         "migration (%s) !",
		         outlook->run->session->quoted_schema, outlook->future->row->version.text,
		         outlook->last->version.text);
}

/* A single failed migration above the files is only worth a warning. */
static bool is_harmless(const struct outlook *outlook)
{
	struct pattern_list patterns;
	struct error ignored = ERROR_INIT(outlook->run->arena);

	return outlook->failed_count == 1 && outlook->failed->state == STATE_FUTURE_FAILED &&
	       pattern_list_parse(outlook->run->arena,
	                          &outlook->run->settings->ignore_migration_patterns, &patterns,
	                          &ignored) &&
	       pattern_list_ignores(&patterns, PATTERN_FUTURE);
}

bool outlook_check(struct outlook *outlook, struct error *err)
{
	const struct info_entry *failed = outlook->failed;

	if (failed == NULL || is_harmless(outlook))
		return true;
	say_current_version(outlook);
	warn_of_future(outlook);
	if (!info_entry_is_versioned(failed))
		return error_set(err, ERROR_FAILED_REPEATABLE_MIGRATION,
		                 "Schema %s contains a failed repeatable migration (\"%s\") !",
		                 outlook->run->session->quoted_schema, failed->row->description);
	return error_set(err, ERROR_FAILED_VERSIONED_MIGRATION,
	                 "Schema %s contains a failed migration to version %s !",
	                 outlook->run->session->quoted_schema, failed->row->version.text);
}

void outlook_say(struct outlook *outlook)
{
	const struct info_entry *failed = outlook->failed;

	say_current_version(outlook);
	warn_of_future(outlook);
	if (failed != NULL)
		log_warn(outlook->run->log,
		         "Schema %s contains a failed future migration to version %s !",
		         outlook->run->session->quoted_schema, failed->row->version.text);
}
