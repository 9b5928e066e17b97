/* SPDX-License-Identifier: Apache-2.0 */
/* list_engines.c - list-engines: lists the databases that cflyway can migrate */
#include "cflyway/commands/command.h"

#include "cflyway/db/driver.h"

static bool run_list_engines(struct run *run, struct result *out, struct error *err)
{
	(void)err;
	out->kind = RESULT_LIST_ENGINES;
	for (size_t i = 0; i < run->drivers->n; i++)
		str_list_add(run->arena, &out->engines, run->drivers->items[i]->name);
	return true;
}

const struct command command_list_engines = {
	.name = "list-engines",
	.summary = "Lists the supported databases",
	.description = "Prints the databases that cflyway can migrate.",
	.run = run_list_engines,
};
