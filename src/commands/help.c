/* SPDX-License-Identifier: Apache-2.0 */
/* help.c - prints the usage; output/help.c has the text */
#include "cflyway/commands/command.h"

static bool run_help(struct run *run, struct result *out, struct error *err)
{
	(void)run;
	(void)err;
	out->kind = RESULT_HELP;
	return true;
}

const struct command command_help = {
	.name = "help",
	.summary = "Print this usage info, or that of a command, and exit",
	.description = "Prints how to call cflyway; help COMMAND prints what one command does.",
	.run = run_help,
};
