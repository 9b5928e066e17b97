/* SPDX-License-Identifier: Apache-2.0 */
/* validate.c - compares the files with the history */
#include "cflyway/commands/command.h"
#include "cflyway/core/resolve.h"
#include "cflyway/core/validate.h"

static bool run_validate(struct run *run, struct result *out, struct error *err)
{
	struct migration_list migrations;
	struct validation validation;

	if (!validate_begin(run, err) || !resolve_session(run, &migrations, err))
		return false;
	bool ok = validate_run(run, &migrations, false, &validation, err);
	if (validation.is_decided)
		out->kind = RESULT_VALIDATE;
	out->validate = validation.result;
	return ok;
}

const struct command command_validate = {
	.name = "validate",
	.summary = "Validates the applied migrations against the ones on disk",
	.flags = COMMAND_NEEDS_DB | COMMAND_GOES_ON_BLIND,
	.run = run_validate,
};
