/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c - the table of the commands */
#include "cflyway/commands/command.h"

const struct command *const commands[] = {
	&command_help,     &command_migrate,      &command_clean,  &command_info,
	&command_validate, &command_baseline,     &command_repair, &command_test_connection,
	&command_version,  &command_list_engines,
};

const size_t command_count = COUNT(commands);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	for (size_t i = 0; i < commands_refused_count; i++)
		if (strcmp(commands_refused[i].name, name) == 0)
			return &commands_refused[i];
	return NULL;
}
