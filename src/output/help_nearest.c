/* SPDX-License-Identifier: Apache-2.0 */
/* help_nearest.c - finds the command or option that is closest to a misspelt name */
#include "cflyway/base/nearest.h"
#include "cflyway/base/str.h"
#include "cflyway/commands/aliases.h"
#include "cflyway/config/option_nearest.h"
#include "cflyway/output/help.h"

static struct str without_dashes(struct str name)
{
	while (str_starts(name, STR("-")))
		name = str_sub(name, 1, name.len);
	return name;
}

static void consider_verbs(struct nearest *nearest)
{
	for (size_t i = 0; i < command_count; i++)
		nearest_consider(nearest, str_of(commands[i]->name), commands[i]->name);
	for (size_t i = 0; i < alias_count; i++)
		nearest_consider(nearest, str_of(aliases[i].name), aliases[i].name);
}

static void consider_options(struct nearest *nearest)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		option_consider(&option_specs[i], nearest);
}

/* "-dryrun" is nearly --dry-run, and "-locatons" or "-locations" lack at least a value. */
static const char *meant_option(struct arena *arena, const char *word)
{
	static const char *const flags[] = {"--dry-run", "-migrationIds", "--help", "--version"};
	struct nearest nearest;

	nearest_init(&nearest, without_dashes(str_of(word)));
	for (size_t i = 0; i < COUNT(flags); i++)
		nearest_consider(&nearest, without_dashes(str_of(flags[i])), flags[i]);
	if (nearest.name != NULL)
		return nearest.name;
	consider_options(&nearest);
	return nearest.name != NULL ? arena_printf(arena, "-%s=VALUE", nearest.name) : NULL;
}

const char *help_meant(struct arena *arena, const char *word)
{
	struct nearest nearest;

	if (word[0] == '-')
		return meant_option(arena, word);
	nearest_init(&nearest, str_of(word));
	consider_verbs(&nearest);
	return nearest.name;
}

const char *help_nearest(const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, without_dashes(str_of(name)));
	consider_verbs(&nearest);
	consider_options(&nearest);
	return nearest.name;
}
