/* SPDX-License-Identifier: Apache-2.0 */
/* undo.c - takes back the last migrations with their undo migrations */
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/info_make.h"
#include "cflyway/core/session.h"
#include "cflyway/core/undo.h"

#include <errno.h>
#include <stdlib.h>

/* Without a target one migration is undone; with one, as many as it takes. */
static bool read_limit(const struct settings *settings, size_t *limit, struct error *err)
{
	struct version target;
	bool may_be_missing;
	const char *steps = settings->steps;
	char *end;

	if (!info_parse_target(err->arena, settings->target, &target, &may_be_missing, err))
		return false;
	bool has_target = target.kind == VERSION_NUMBER;
	*limit = has_target ? SIZE_MAX : 1;
	if (steps == NULL)
		return true;
	if (has_target)
		return error_set(err, ERROR_CONFIGURATION,
		                 "steps and target cannot be used together: give the number of "
		                 "migrations to undo, or the version of the last one");
	errno = 0;
	unsigned long n = strtoul(steps, &end, 10);
	if (steps[0] < '0' || steps[0] > '9' || *end != '\0' || errno != 0 || n == 0)
		return error_set(err, ERROR_CONFIGURATION,
		                 "Invalid value for steps: %s (it must be a number from 1)", steps);
	*limit = n;
	return true;
}

/* A version in the middle does not come back by itself: its successors are still there. */
static void explain_ignored(const struct run *run, const struct undo_result *result)
{
	struct version current;
	struct error ignored = ERROR_INIT(run->arena);

	if (result->target_schema_version == NULL || run->settings->out_of_order ||
	    !version_parse(run->arena, result->target_schema_version, &current, &ignored))
		return;
	for (size_t i = 0; i < result->n; i++)
		if (version_compare(&result->undone[i].file->version, &current) < 0)
			log_cflyway(run->log,
			            "migrate leaves version %s out, because version %s is there; "
			            "outOfOrder=true applies it again",
			            result->undone[i].file->version.text, current.text);
}

static void summarize(const struct run *run, const struct undo_result *result, int64_t elapsed_ms)
{
	if (result->n == 0) {
		log_info(run->log, "Schema %s has no migrations to undo.",
		         run->session->quoted_schema);
		return;
	}
	log_info(run->log, "Successfully undid %zu migration%s to schema %s (execution time %s)",
	         result->n, result->n == 1 ? "" : "s", run->session->quoted_schema,
	         clock_format_duration(run->arena, elapsed_ms));
	explain_ignored(run, result);
}

static bool run_undo(struct run *run, struct result *out, struct error *err)
{
	struct undo_result *result = &out->undo;
	int64_t started_ms;
	size_t limit;

	*result = (struct undo_result){
		.database = run->session->about.database,
		.schema_name = result_schema_name(run),
	};
	if (!read_limit(run->settings, &limit, err) || !callbacks_run(run, EVENT_BEFORE_UNDO, err))
		return false;
	started_ms = run->clock->monotonic_ms(run->clock);
	if (!undo_applied(run, limit, result, err))
		return callbacks_after_failure(run, EVENT_AFTER_UNDO_ERROR, err);
	summarize(run, result, run->clock->monotonic_ms(run->clock) - started_ms);
	out->kind = RESULT_UNDO;
	return callbacks_run(run, EVENT_AFTER_UNDO, err);
}

const struct command command_undo = {
	.name = "undo",
	.summary = "Undoes the last migration, or those down to a version",
	.description =
		"Runs undo migrations (U2__name.sql takes back V2__name.sql), the last applied "
		"migration first. Undoes one migration; -steps=N undoes N; -target=VERSION undoes "
		"all down to that version, which is undone as well. An undo that fails is rolled "
		"back, if it runs in a transaction. The free edition of Flyway can go on with the "
		"history afterwards.",
	.options = GROUP_SCHEMAS | GROUP_SCRIPTS | GROUP_NAMES | GROUP_PLAN | GROUP_EXECUTION |
                   GROUP_HISTORY | GROUP_UNDO,
	.flags = COMMAND_NEEDS_DB | COMMAND_MIGRATES | COMMAND_UNDOES,
	.run = run_undo,
};
