/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.c - reports the version of cflyway and of its libraries
 *
 * The banner has already printed the version.
 */
#include "cflyway/commands/command.h"

#include "cflyway/db/driver.h"

static bool run_version(struct run *run, struct result *out, struct error *err)
{
	struct version_result *result = &out->version;

	(void)err;
	out->kind = RESULT_VERSION;
	result->libraries = arena_array(run->arena, run->drivers->n, sizeof(*result->libraries));
	for (size_t i = 0; i < run->drivers->n; i++)
		result->libraries[result->n++] = (struct library){
			run->drivers->items[i]->library,
			run->drivers->items[i]->library_version(),
		};
	return true;
}

const struct command command_version = {
	.name = "version",
	.summary = "Print the version",
	.description = "Prints the version of cflyway and of the libraries that it uses.",
	.run = run_version,
};
