/* SPDX-License-Identifier: Apache-2.0 */
/* run_commands.c - runs the verbs of one call, one after the other */
#include "run_commands.h"

#include "dry_run_place.h"
#include "signals.h"

#include "cflyway/base/about.h"
#include "cflyway/base/clock.h"
#include "cflyway/base/fs.h"
#include "cflyway/commands/command.h"
#include "cflyway/core/callbacks.h"
#include "cflyway/core/outcome.h"
#include "cflyway/core/pooler_plan.h"
#include "cflyway/core/program_run.h"
#include "cflyway/core/session.h"
#include "cflyway/core/trial.h"
#include "cflyway/db/driver.h"
#include "cflyway/db/dry_run.h"

#include <assert.h>

/* DIFFERS: one line replaces Flyway's edition, empty and release notes lines. */
static void print_banner(const struct log *log)
{
	log_info(log, "cflyway " CFLYWAY_VERSION " (compatible with Flyway " FLYWAY_VERSION ")");
}

static bool is_dry(const struct settings *settings)
{
	return settings_has(settings, &option_specs[ROW_dry_run_output]);
}

/* The SQL of a dry run goes to standard output. */
static bool is_dry_to_stdout(const struct settings *settings)
{
	return is_dry(settings) && dry_run_is_stdout(settings->dry_run_output);
}

/* "-" is standard output. */
static const char *dry_run_path(struct arena *arena, const struct settings *settings)
{
	const char *path = settings->dry_run_output;

	return is_dry_to_stdout(settings) ? path
	                                  : fs_within(arena, settings->working_directory, path);
}

/* For results; NULL: it is no dry run. */
static const char *dry_run_output(struct arena *arena, const struct settings *settings)
{
	if (!is_dry(settings))
		return NULL;
	return is_dry_to_stdout(settings) ? "-" : fs_absolute(arena, dry_run_path(arena, settings));
}

/* Does what Flyway does before every command that works with migrations. */
static bool begin_session(const struct command *command, struct run *run, struct error *err)
{
	return session_open(run, err) && callbacks_open(run, err) &&
	       pooler_plan_check_callbacks(run, command->name, err) &&
	       (!run->is_migrate || program_check_all(run, err)) &&
	       (run->settings->dry_run_kind != DRY_RUN_EXECUTE || trial_open(run, err)) &&
	       (run->settings->repair_dry_run || callbacks_run(run, EVENT_AFTER_CONNECT, err));
}

/* What is wrong with the picks must not leave an empty file of a database behind. */
static bool check_picks(const struct command *command, struct run *run, struct error *err)
{
	return !command_takes(command, &option_specs[ROW_cherry_pick]) ||
	       !db_is_missing(run->drivers, run->arena, run->settings->url) ||
	       session_check_picks(run, (command->flags & COMMAND_PICKS_ROWS) != 0, err);
}

/* All that comes before connecting. */
static bool check_run(const struct command *command, struct run *run, struct error *err)
{
	return run->settings->url == NULL ||
	       (settings_check_placeholders(run->arena, run->settings, err) &&
	        check_picks(command, run, err));
}

static bool run_on_database(const struct command *command, struct run *run, struct result *result,
                            struct error *err)
{
	bool connects_only = (command->flags & COMMAND_CONNECTS_ONLY) != 0;
	bool ok;

	if (!check_run(command, run, err)) {
		outcome_note(run, err);
		return false;
	}
	signals_watch(run->db);
	ok = db_open(run->db, run->drivers, run->arena, run->settings, run->log, err) &&
	     (connects_only || begin_session(command, run, err)) && command->run(run, result, err);
	result->trial = trial_close(run);
	if (!ok) {
		if (db_explain(run->db, err))
			outcome_blame_surroundings(run);
		outcome_note_interruption(run, command->name,
		                          (command->flags & COMMAND_WRITES) == 0, err);
		outcome_note(run, err);
	}
	callbacks_close(run);
	signals_watch(NULL);
	db_close(run->db);
	return ok;
}

/* Writes the report of a failed migrate or undo before the error is shown. */
static void report_failure(struct report *report, const struct result *result,
                           const struct error *err, struct output *output)
{
	struct result failed = *result;

	if (result->undo.has_begun)
		failed.kind = RESULT_UNDO;
	else if (output_failure_form(result, err) != ON_FAILURE_ERROR_IN_RESULT)
		return;
	report_add(report, &failed, err);
	output_report(output, report, &clock_system);
}

/* What errorOverrides has made a warning, in whichever result is shown. */
static void add_warnings(struct arena *arena, const struct str_list *warnings,
                         struct result *result)
{
	struct str_list *const lists[] = {
		&result->migrate.warnings,
		&result->undo.warnings,
		&result->validate.warnings,
		&result->clean.warnings,
	};

	for (size_t i = 0; i < COUNT(lists); i++)
		for (size_t j = 0; j < warnings->n; j++)
			str_list_add(arena, lists[i], warnings->items[j]);
}

/* The verbs of this call that have run and may have changed the database. */
static struct str_list writers(struct arena *arena, const struct str_list *verbs)
{
	struct str_list found = {0};

	for (size_t i = 0; i < verbs->n; i++) {
		const unsigned flags = command_find(verbs->items[i])->flags;

		if ((flags & COMMAND_WRITES) != 0 && (flags & COMMAND_NEEDS_DB) != 0)
			str_list_add(arena, &found, verbs->items[i]);
	}
	return found;
}

/* Frees all memory of the verb when it ends. before: the verbs that have run. */
static int run_command(const struct command *command, const struct str_list *before,
                       struct locations *locations, const struct db_drivers *drivers,
                       struct report *report, struct output *output)
{
	const struct settings *settings = locations->settings;
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct db db = {0};
	struct result result = {.on_failure = command->on_failure,
	                        .dry_run_output = dry_run_output(&arena, settings)};
	struct str_list warnings = {0};
	struct outcome outcome = {
		.arena = &arena,
		.verb = command->name,
		.before = writers(&arena, before),
	};
	struct run run = {
		.arena = &arena,
		.settings = settings,
		.log = &output->log,
		.clock = &clock_system,
		.drivers = drivers,
		.db = &db,
		.locations = locations,
		.is_migrate = (command->flags & COMMAND_MIGRATES) != 0,
		.needs_callbacks_only = (command->flags & COMMAND_CALLBACKS_ONLY) != 0,
		.is_undo = (command->flags & COMMAND_UNDOES) != 0,
		.override_warnings = &warnings,
		.outcome = (command->flags & COMMAND_TELLS_OUTCOME) != 0 ? &outcome : NULL,
	};
	bool ok = command->refused_as != NULL ? command_refuse(command, &err)
	          : (command->flags & COMMAND_NEEDS_DB) != 0
	                  ? run_on_database(command, &run, &result, &err)
	                  : command->run(&run, &result, &err);
	int status;

	add_warnings(&arena, &warnings, &result);
	if (ok) {
		status = (int)result.exit_code;
		output_result(output, &arena, settings, &result);
		report_add(report, &result, NULL);
	} else {
		report_failure(report, &result, &err, output);
		status = output_failure(output, &arena, &result, &err);
	}
	arena_release(&arena);
	return status;
}

static bool any_has(const struct str_list *verbs, unsigned flag)
{
	for (size_t i = 0; i < verbs->n; i++)
		if ((command_find(verbs->items[i])->flags & flag) != 0)
			return true;
	return false;
}

bool run_needs_database(const struct str_list *verbs)
{
	return any_has(verbs, COMMAND_NEEDS_DB);
}

bool run_refuse_dry_json(struct error *err)
{
	return error_set(err, ERROR_CONFIGURATION,
	                 "dryRunOutput=- and outputType=json cannot be used together: both are "
	                 "for standard output");
}

static bool check_dry_run(const struct settings *settings, const struct output *output,
                          struct error *err)
{
	return !is_dry_to_stdout(settings) || output->console.mode == CONSOLE_TEXT ||
	       run_refuse_dry_json(err);
}

static bool any_picks_or_writes(const struct str_list *verbs)
{
	bool found = any_has(verbs, COMMAND_WRITES);

	for (size_t i = 0; i < verbs->n; i++)
		found |= command_takes(command_find(verbs->items[i]),
		                       &option_specs[ROW_cherry_pick]);
	return found;
}

/* Before the first of them runs: none may write when a later one would be refused. */
static bool check_options(const struct str_list *verbs, const struct settings *settings,
                          struct error *err)
{
	/* An empty variable in a shell script must not change the database. */
	if (settings->dry_run_output != NULL && settings->dry_run_output[0] == '\0' &&
	    any_has(verbs, COMMAND_WRITES))
		return error_set(err, ERROR_CONFIGURATION,
		                 "dryRunOutput names no file. Nothing was changed.");
	if (settings->empty_option != NULL && any_has(verbs, COMMAND_WRITES))
		return error_set(err, ERROR_CONFIGURATION, "%s has no value. Nothing was changed.",
		                 settings->empty_option);
	if (settings->picks_nothing && any_picks_or_writes(verbs)) {
		error_set(err, ERROR_CONFIGURATION,
		          "cherryPick names no migration. Nothing was changed.");
		error_note(err, "without cherryPick, every migration counts");
		return false;
	}
	if (is_dry(settings) && settings->repair_dry_run)
		return error_set(err, ERROR_CONFIGURATION,
		                 "-dryRun and dryRunOutput cannot be used together: one shows the "
		                 "rows, the other writes the SQL");
	if (is_dry(settings) && settings->dry_run_kind != DRY_RUN_NONE)
		return error_set(err, ERROR_CONFIGURATION,
		                 "dryRun=execute and dryRunOutput cannot be used together: one "
		                 "executes what the other only writes down");
	for (size_t i = 0; i < verbs->n; i++)
		if (!command_check_options(command_find(verbs->items[i]), settings, err))
			return false;
	return true;
}

/* Measured: without .conf files, Flyway checks the locations first and prints their warnings. */
static bool check_locations(struct locations *locations, const struct log *log, struct error *err)
{
	if (locations->settings->legacy || !locations->settings->locations_configured)
		return true;
	if (!locations_parse_scripts(locations, err))
		return false;
	location_list_warn(&locations->scripts, log);
	return true;
}

bool run_check(const struct str_list *verbs, struct locations *locations, const struct log *log,
               struct error *err)
{
	const struct settings *settings = locations->settings;

	if (!check_locations(locations, log, err) || !check_options(verbs, settings, err))
		return false;
	if (run_needs_database(verbs) &&
	    !db_check_url(&db_drivers, locations->arena, settings->url, err))
		return false;
	return db_check_driver(&db_drivers, settings, err);
}

void run_begin(const struct str_list *verbs, struct output *output)
{
	output_begin(output);
	if ((command_find(verbs->items[0])->flags & COMMAND_NO_BANNER) == 0)
		print_banner(&output->log);
}

/* The exit code of the last info counts, unless a verb fails. */
static int run_each(const struct str_list *verbs, struct locations *locations,
                    const struct db_drivers *drivers, struct report *report, struct output *output)
{
	int answer = EXIT_DONE;

	for (size_t i = 0; i < verbs->n; i++) {
		const struct command *command = command_find(verbs->items[i]);
		const struct str_list before = {verbs->items, i};
		int status;

		assert(command != NULL); /* args_parse has checked the names */
		status = run_command(command, &before, locations, drivers, report, output);
		if (signals_caught() != 0)
			return 128 + signals_caught();
		if (exit_code_is_failure(status))
			return status;
		if (command == &command_info)
			answer = status;
	}
	return answer;
}

/*
 * All verbs write one file. It appears when the last one has succeeded. The dry run of repair needs
 * none.
 */
static int run_dry(const struct str_list *verbs, struct locations *locations, struct report *report,
                   struct output *output)
{
	struct arena *arena = locations->arena;
	struct error err = ERROR_INIT(arena);
	const bool has_file = is_dry(locations->settings);
	const char *path = has_file ? dry_run_path(arena, locations->settings) : "/dev/null";
	int status;

	const bool replaces = fs_kind(path) == FS_FILE;
	struct dry_run *dry_run = NULL;

	output_dry_run(output);
	if (has_file && locations->settings->overrides.n > 0)
		log_cflyway(&output->log,
		            "errorOverrides have no effect on the file: whoever plays it stops at "
		            "the first error");
	if (!has_file || is_dry_to_stdout(locations->settings) ||
	    dry_run_check_place(path, locations, &err))
		dry_run = dry_run_open(path, &db_drivers, &clock_system, &err);

	if (dry_run == NULL)
		return output_failure(output, arena, NULL, &err);
	status = run_each(verbs, locations, dry_run_drivers(dry_run), report, output);
	const bool ok = !exit_code_is_failure(status);
	if (ok && !dry_run_finish(dry_run, &err))
		status = output_failure(output, arena, NULL, &err);
	else if (ok && has_file)
		output_dry_run_end(output, path, replaces);
	dry_run_close(dry_run);
	return status;
}

int run_verbs(const struct str_list *verbs, struct locations *locations, const char *target,
              struct output *output)
{
	const struct settings *settings = locations->settings;
	struct report report;
	int status;

	report_open(&report, settings, target);
	if (is_dry(settings) || settings->repair_dry_run)
		status = run_dry(verbs, locations, &report, output);
	else
		status = run_each(verbs, locations, &db_drivers, &report, output);
	if (!exit_code_is_failure(status))
		output_report(output, &report, &clock_system);
	report_close(&report);
	return status;
}

int run_commands(const struct str_list *verbs, const struct settings *settings,
                 struct output *output)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct locations locations = {.arena = &arena, .settings = settings};
	int status;

	if (!run_check(verbs, &locations, &output->log, &err) ||
	    !check_dry_run(settings, output, &err)) {
		status = output_failure(output, &arena, NULL, &err);
	} else {
		if (is_dry_to_stdout(settings))
			console_yield_stdout(&output->console);
		run_begin(verbs, output);
		if (settings->url_source != NULL && output->console.mode == CONSOLE_TEXT)
			log_cflyway(&output->log, "the database is that of %s",
			            settings->url_source);
		status = run_verbs(verbs, &locations, NULL, output);
	}
	arena_release(&arena);
	return status;
}
