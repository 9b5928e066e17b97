/*
 * version - which cflyway this is; the banner has said it already
 */
#include "cflyway/commands/command.h"

static bool run_version(struct run *run, struct result *out, struct error *err)
{
	(void)run;
	(void)out;
	(void)err;
	return true;
}

const struct command command_version = {
	.name = "version",
	.summary = "Print the version",
	.run = run_version,
};
