/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.c - reports the version of cflyway and of its libraries
 *
 * The banner has already printed the version.
 */
#include "cflyway/commands/command.h"

#include "cflyway/db/driver.h"

static void add_libraries(struct version_result *result, const struct db_driver *driver,
                          struct arena *arena)
{
	const char *tls = driver->tls_version == NULL ? NULL : driver->tls_version(arena);

	result->libraries[result->n++] =
		(struct library){driver->library, driver->library_version()};
	if (tls != NULL)
		result->libraries[result->n++] = (struct library){"OpenSSL", tls};
}

static bool run_version(struct run *run, struct result *out, struct error *err)
{
	struct version_result *result = &out->version;

	(void)err;
	out->kind = RESULT_VERSION;
	result->libraries =
		arena_array(run->arena, 2 * run->drivers->n, sizeof(*result->libraries));
	for (size_t i = 0; i < run->drivers->n; i++)
		add_libraries(result, run->drivers->items[i], run->arena);
	return true;
}

const struct command command_version = {
	.name = "version",
	.summary = "Print the version",
	.description = "Prints the version of cflyway and of the libraries that it uses.",
	.run = run_version,
};
