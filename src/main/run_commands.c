#include "run_commands.h"

#include "signals.h"

#include "cflyway/base/about.h"
#include "cflyway/base/clock.h"
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/session.h"
#include "cflyway/output/report_error.h"
#include "cflyway/output/text.h"

#include <assert.h>

/* DIFFERS: one line in place of Flyway's edition, empty and release notes lines. */
static void print_banner(const struct log *log)
{
	log_info(log, "cflyway " CFLYWAY_VERSION " (compatible with Flyway " FLYWAY_VERSION ")");
}

static bool run_on_database(const struct command *command, struct run *run, struct result *result,
                            struct error *err)
{
	bool ok;

	signals_watch(run->db);
	ok = session_open(run, err) && command->run(run, result, err);
	callbacks_close(run);
	signals_watch(NULL);
	db_close(run->db);
	return ok;
}

/* Everything that a verb makes is freed when it ends. */
static int run_command(const struct command *command, const struct settings *settings,
                       const struct log *log)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct db db = {0};
	struct result result = {0};
	struct run run = {
		.arena = &arena,
		.settings = settings,
		.log = log,
		.clock = &clock_system,
		.db = &db,
		.is_migrate = (command->flags & COMMAND_MIGRATES) != 0,
	};
	bool ok = (command->flags & COMMAND_NEEDS_DB) != 0
	                  ? run_on_database(command, &run, &result, &err)
	                  : command->run(&run, &result, &err);
	int status = ok ? EXIT_SUCCESS : err.exit_status;

	if (ok)
		text_print(&arena, settings, &result, log);
	else
		report_error(log, &err);
	arena_release(&arena);
	return status;
}

static bool needs_database(const struct str_list *verbs)
{
	for (size_t i = 0; i < verbs->n; i++)
		if ((command_find(verbs->items[i])->flags & COMMAND_NEEDS_DB) != 0)
			return true;
	return false;
}

static int check_url(const struct settings *settings, const struct log *log)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	int status = EXIT_SUCCESS;

	if (!db_check_url(&arena, settings->url, &err)) {
		report_error(log, &err);
		status = err.exit_status;
	}
	arena_release(&arena);
	return status;
}

int run_commands(const struct str_list *verbs, const struct settings *settings,
                 const struct log *log)
{
	if (needs_database(verbs) && check_url(settings, log) != EXIT_SUCCESS)
		return EXIT_FAILED;
	print_banner(log);
	for (size_t i = 0; i < verbs->n; i++) {
		const struct command *command = command_find(verbs->items[i]);
		int status;

		assert(command != NULL); /* args_parse has checked the names */
		status = run_command(command, settings, log);
		if (signals_caught() != 0)
			return 128 + signals_caught();
		if (status != EXIT_SUCCESS)
			return status;
	}
	return EXIT_SUCCESS;
}
