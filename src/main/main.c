/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - cflyway: the Flyway command line for PostgreSQL and SQLite
 *
 * Where to find what; data flows from top to bottom, and no layer knows those below it:
 *
 *   base/       memory, text, files, character sets, time, errors, log lines, tables
 *   sql/        the text of scripts: placeholders, statements (split.c), dialects
 *   config/     arguments, flyway.toml, .conf files, variables -> settings (options.def lists them)
 *   migration/  file names, versions, checksums, locations -> resolved migrations
 *   db/         one interface (driver.h), PostgreSQL and SQLite behind it, the history table
 *   core/       info (files and history merged), check, execute, session, lock, schemas
 *   commands/   one operation each: migrate.c reads like the manual
 *   output/     console, text, JSON, help, the report of a failure
 *   main/       this file: arguments -> settings (of one target or several) -> verbs -> status
 */
#include "run_commands.h"
#include "run_targets.h"
#include "signals.h"

#include "cflyway/commands/command.h"
#include "cflyway/config/args.h"
#include "cflyway/config/settings.h"
#include "cflyway/output/help.h"
#include "cflyway/output/output.h"

#include <fcntl.h>
#include <unistd.h>

/*
 * Opens /dev/null in place of a standard stream that the caller closed (cflyway … 1>&-). Otherwise
 * the next file or connection gets its descriptor, and log lines go into the protocol.
 */
static bool open_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	return true;
}

static bool is_verb(const char *name)
{
	return command_find(name) != NULL;
}

/* "help migrate", and "migrate -h". Flyway prints the whole usage for most verbs. */
static void print_help(const struct invocation *invocation, const struct log *log)
{
	bool is_printed = false;

	for (size_t i = 0; i < invocation->verbs.n; i++)
		is_printed |= help_print_command(invocation->verbs.items[i], log);
	if (!is_printed)
		help_print(invocation->help, commands, command_count, log);
}

static int run(struct arena *arena, const struct invocation *invocation, struct output *output)
{
	struct settings settings;
	struct error err = ERROR_INIT(arena);

	if (invocation->help || invocation->verbs.n == 0) {
		output_begin(output);
		print_help(invocation, &output->log);
		return EXIT_SUCCESS;
	}
	const struct pair *targets = pairs_find(&invocation->options, "targets");
	if (targets != NULL)
		return run_targets(arena, invocation, targets->value, output);
	if (!settings_load(arena, invocation, &environment_process, &output->log, &settings, &err))
		return output_failure(output, arena, NULL, &err);
	return run_commands(&invocation->verbs, &settings, output);
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena), output_error = ERROR_INIT(&arena);
	struct invocation invocation;
	struct output output;
	int status;

	if (!open_standard_streams())
		return EXIT_FAILED;
	signals_install();
	bool parsed = args_parse(&arena, argc, argv, is_verb, &invocation, &err);
	bool opened = output_open(&output, &arena, &invocation, &output_error);

	if (!opened)
		status = output_not_open(&output, &arena, &output_error);
	else if (!parsed)
		status = output_failure(&output, &arena, NULL, &err);
	else
		status = run(&arena, &invocation, &output);
	if (!output_close(&output) && status == EXIT_SUCCESS)
		status = EXIT_FAILED;
	arena_release(&arena);
	return status;
}
