/* SPDX-License-Identifier: Apache-2.0 */
/* validate.c - compares the files with the history */
#include "cflyway/commands/command.h"
#include "cflyway/core/validate.h"

static bool run_validate(struct run *run, struct result *out, struct error *err)
{
	struct migration_list migrations;
	struct validation validation;

	bool ok = validate_run(run, &migrations, false, &validation, err);
	if (validation.is_decided)
		out->kind = RESULT_VALIDATE;
	out->validate = validation.result;
	return ok;
}

const struct command command_validate = {
	.name = "validate",
	.summary = "Validates the applied migrations against the ones on disk",
	.description =
		"Compares the names, types and checksums of what has been applied with the files. "
		"Fails if they differ, or if something is missing, failed or pending. With "
		"-cherryPick only what it names counts.",
	.options = GROUP_SCHEMAS | GROUP_LOCATIONS | GROUP_SCRIPTS | GROUP_NAMES | GROUP_PLAN |
                   GROUP_CHECKS | GROUP_PICK,
	.flags = COMMAND_NEEDS_DB | COMMAND_TELLS_OUTCOME,
	.on_failure = ON_FAILURE_RESULT,
	.run = run_validate,
};
