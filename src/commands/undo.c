/* SPDX-License-Identifier: Apache-2.0 */
/* undo.c - takes back the last migrations with their undo migrations */
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/session.h"
#include "cflyway/core/undo.h"
#include "cflyway/core/undo_plan.h"

#include <stdint.h>

/* Without a target or picks one migration is undone; with them, as many as it takes. */
static bool read_limit(const struct settings *settings, size_t *limit, struct error *err)
{
	struct version target;
	bool may_be_missing;
	const char *steps = settings->steps;

	if (!info_parse_target(err->arena, settings->target, &target, &may_be_missing, err))
		return false;
	bool has_target = target.kind == VERSION_NUMBER;
	bool has_picks = cherry_pick_parse(err->arena, &settings->cherry_pick).n > 0;
	*limit = has_target || has_picks ? SIZE_MAX : 1;
	if (steps == NULL)
		return true;
	if (has_picks)
		return error_set(err, ERROR_CONFIGURATION,
		                 "steps and cherryPick cannot be used together: give the number of "
		                 "migrations to undo, or name them");
	if (has_target)
		return error_set(err, ERROR_CONFIGURATION,
		                 "steps and target cannot be used together: give the number of "
		                 "migrations to undo, or the version of the last one");
	return undo_steps_parse(steps, limit, err);
}

/* With sqlMigrationPrefix=U, undo migrations need a prefix that is their own. */
static bool check_prefix(const struct settings *settings, struct error *err)
{
	if (!str_same(settings->sql_migration_prefix, settings->undo_sql_migration_prefix))
		return true;
	return error_set(err, ERROR_CONFIGURATION,
	                 "undoSqlMigrationPrefix must differ from the prefixes of other "
	                 "migrations: %s",
	                 settings->undo_sql_migration_prefix);
}

/* Only a marker has a place for it: the row of an undo migration must have its description. */
static bool check_reason(const struct settings *settings, struct error *err)
{
	if (settings->reason == NULL || settings->undo_history == UNDO_HISTORY_MARKER)
		return true;
	return error_set(
		err, ERROR_CONFIGURATION,
		"The history cannot keep the reason with cflyway.undoHistory=%s, only with "
		"cflyway.undoHistory=marker",
		settings->undo_history == UNDO_HISTORY_UNDO ? "undo" : "delete");
}

static bool run_undo(struct run *run, struct result *out, struct error *err)
{
	struct undo_result *result = &out->undo;
	size_t limit;

	*result = (struct undo_result){
		.database = run->session->about.database,
		.schema_name = result_schema_name(run),
		.timestamp = run->clock->now(run->clock),
	};
	if (!check_prefix(run->settings, err) || !check_reason(run->settings, err) ||
	    !read_limit(run->settings, &limit, err) || !callbacks_run(run, EVENT_BEFORE_UNDO, err))
		return false;
	result->has_begun = true;
	if (!undo_applied(run, limit, result, err))
		return callbacks_after_failure(run, EVENT_AFTER_UNDO_ERROR, err);
	out->kind = RESULT_UNDO;
	return callbacks_run(run, EVENT_AFTER_UNDO, err);
}

const struct command command_undo = {
	.name = "undo",
	.summary = "Undoes the last migration, or those down to a version",
	.description =
		"Runs undo migrations (U2__name.sql takes back V2__name.sql), the last applied "
		"migration first. Undoes one migration; -steps=N undoes N; -target=VERSION undoes "
		"all down to that version, which is undone as well; -cherryPick undoes what it "
		"names, in the reverse order. The history keeps the text of -reason. An undo that fails is rolled "
		"back, if it runs in a transaction. The free edition of Flyway can go on with the "
		"history afterwards.",
	.options = GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS | GROUP_NAMES | GROUP_PLAN |
                   GROUP_EXECUTION | GROUP_HISTORY | GROUP_UNDO | GROUP_PICK | GROUP_DRY_RUN |
                   GROUP_TRIAL,
	.flags = COMMAND_NEEDS_DB | COMMAND_TELLS_OUTCOME | COMMAND_MIGRATES | COMMAND_UNDOES |
                 COMMAND_WRITES | COMMAND_PICKS_ROWS,
	.run = run_undo,
};
