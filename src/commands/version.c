/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version - which cflyway this is (the banner has said it already), and what it is made of
 */
#include "cflyway/commands/command.h"

#include "cflyway/db/driver.h"

static bool run_version(struct run *run, struct result *out, struct error *err)
{
	struct version_result *result = &out->version;

	(void)err;
	out->kind = RESULT_VERSION;
	result->libraries = arena_array(run->arena, db_driver_count, sizeof(*result->libraries));
	for (size_t i = 0; i < db_driver_count; i++)
		result->libraries[result->n++] = (struct library){
			db_drivers[i]->library,
			db_drivers[i]->library_version(),
		};
	return true;
}

const struct command command_version = {
	.name = "version",
	.summary = "Print the version",
	.run = run_version,
};
