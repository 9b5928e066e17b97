/*
 * main.c - cflyway: the Flyway command line for PostgreSQL and SQLite
 *
 * Where to find what; data flows from top to bottom, and no layer knows those below it:
 *
 *   base/       memory, text, files, character sets, time, errors, log lines, tables
 *   sql/        the text of scripts: placeholders, statements (split.c), dialects
 *   config/     arguments, .conf files, variables -> settings (options.def is the list)
 *   migration/  file names, versions, checksums, locations -> resolved migrations
 *   db/         one interface (driver.h), PostgreSQL and SQLite behind it, the history table
 *   core/       info (files and history merged), check, execute, session, lock, schemas
 *   commands/   one operation each: migrate.c reads like the manual
 *   output/     console, text, help, the report of a failure
 *   main/       this file: arguments -> settings -> verbs -> exit status
 */
#include "run_commands.h"
#include "signals.h"

#include "cflyway/commands/command.h"
#include "cflyway/config/args.h"
#include "cflyway/config/settings.h"
#include "cflyway/output/console.h"
#include "cflyway/output/help.h"
#include "cflyway/output/report_error.h"

static bool is_verb(const char *name)
{
	return command_find(name) != NULL;
}

static int run(struct arena *arena, const struct invocation *invocation, const struct log *log)
{
	struct settings settings;
	struct error err = ERROR_INIT(arena);

	if (invocation->help || invocation->verbs.n == 0) {
		help_print(invocation->help, commands, command_count, log);
		return EXIT_SUCCESS;
	}
	if (!settings_load(arena, invocation, &environment_process, log, &settings, &err)) {
		report_error(log, &err);
		return err.exit_status;
	}
	return run_commands(&invocation->verbs, &settings, log);
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena), console_error = ERROR_INIT(&arena);
	struct invocation invocation;
	struct console console;
	int status = EXIT_FAILED;

	signals_install();
	bool parsed = args_parse(&arena, argc, argv, is_verb, &invocation, &err);
	bool opened = console_open(&console, &invocation, &console_error);
	struct log log = {
		.sink = console_write,
		.ctx = &console,
		.debug = invocation.debug && !invocation.quiet,
	};

	if (!opened)
		report_error(&log, &console_error);
	else if (!parsed) {
		report_error(&log, &err);
		status = err.exit_status;
	} else {
		status = run(&arena, &invocation, &log);
	}
	if (!console_close(&console) && status == EXIT_SUCCESS)
		status = EXIT_FAILED;
	arena_release(&arena);
	return status;
}
