/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c - lists the commands */
#include "cflyway/commands/command.h"

#include "cflyway/base/about.h"

const struct command *const commands[] = {
	&command_help,     &command_migrate,      &command_undo,
	&command_clean,    &command_info,         &command_validate,
	&command_baseline, &command_repair,       &command_test_connection,
	&command_version,  &command_list_engines, &command_add,
	&command_new,      &command_init,         &command_auth,
	&command_adopt,    &command_import,       &command_fresh,
	&command_explain,
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

bool command_takes(const struct command *command, const struct option_spec *option)
{
	if (option->group == GROUP_RUN)
		return true;
	if (option->group == GROUP_CONNECTION)
		return (command->flags & COMMAND_NEEDS_DB) != 0;
	return (command->options & option->group) != 0;
}

/* "migrate, undo" */
static const char *list_takers(struct arena *arena, const struct option_spec *option)
{
	struct str_list names = {0};

	for (size_t i = 0; i < command_count; i++)
		if (command_takes(commands[i], option))
			str_list_add(arena, &names, commands[i]->name);
	return str_list_join(arena, &names, ", ");
}

bool command_check_options(const struct command *command, const struct settings *settings,
                           struct error *err)
{
	const bool writes = (command->flags & COMMAND_WRITES) != 0;
	const unsigned binding = writes ? OPTION_BINDING : OPTION_BINDING_READERS;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *option = &option_specs[i];

		if ((option->flags & binding) != 0 && settings_has(settings, option) &&
		    !command_takes(command, option))
			return error_set(err, ERROR_CONFIGURATION,
			                 "%s cannot honour %s, which is for %s. Nothing was "
			                 "changed.",
			                 command->name, option->key,
			                 list_takers(err->arena, option));
	}
	return true;
}

bool command_refuse(const struct command *command, struct error *err)
{
	return error_refuse(err, FLYWAY_REDGATE_REQUIRED("%s"), command->refused_as);
}
