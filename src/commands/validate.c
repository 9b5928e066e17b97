/*
 * validate - compares the files with the history
 */
#include "cflyway/commands/command.h"
#include "cflyway/core/validate.h"

static bool run_validate(struct run *run, struct result *out, struct error *err)
{
	struct migration_list migrations;
	struct applied applied;
	bool read = false;

	(void)out;
	return validate_begin(run, err) && session_resolve(run, &migrations, err) &&
	       validate_run(run, &migrations, false, &applied, &read, err);
}

const struct command command_validate = {
	.name = "validate",
	.summary = "Validates the applied migrations against the ones on disk",
	.flags = COMMAND_NEEDS_DB,
	.run = run_validate,
};
