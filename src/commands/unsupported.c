/* SPDX-License-Identifier: Apache-2.0 */
/* unsupported.c - lists the verbs that Flyway knows and cflyway refuses */
#include "cflyway/commands/command.h"

#define NOT_THERE "A command of other editions of Flyway, which cflyway does not have."

/* refused_as is the name as Flyway writes it. */
const struct command commands_refused[] = {
	{.name = "check", .description = NOT_THERE, .refused_as = "check"},
	{.name = "deploy", .description = NOT_THERE, .refused_as = "Deploy"},
	{.name = "diff", .description = NOT_THERE, .refused_as = "Diff"},
	{.name = "diffText", .description = NOT_THERE, .refused_as = "DiffText"},
	{.name = "generate", .description = NOT_THERE, .refused_as = "Generate"},
	{.name = "model", .description = NOT_THERE, .refused_as = "model"},
	{.name = "prepare", .description = NOT_THERE, .refused_as = "Prepare"},
};

const size_t commands_refused_count = COUNT(commands_refused);
