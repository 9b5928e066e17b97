/* SPDX-License-Identifier: Apache-2.0 */
/* run_targets.c - runs the same commands on several databases */
#include "run_targets.h"

#include "run_commands.h"
#include "signals.h"
#include "target_schedule.h"
#include "tenants_query.h"

#include "cflyway/base/clock.h"
#include "cflyway/base/fs.h"
#include "cflyway/config/config_file.h"
#include "cflyway/config/environment_targets.h"
#include "cflyway/config/settings.h"
#include "cflyway/config/target_options.h"
#include "cflyway/config/targets.h"

#define FILES_VARIABLE "FLYWAY_CONFIG_FILES"

/* Sets an error that names the place of a target. */
static bool fail(struct error *err, const struct targets *targets, const struct target *target,
                 const char *fault, const char *what)
{
	return targets_fail(err, targets, target->line,
	                    arena_printf(err->arena, "%s%s", fault, what));
}

static const char *in_working_directory(struct arena *arena, const struct invocation *invocation,
                                        const char *path)
{
	const struct pair *directory = pairs_find(&invocation->options, "workingDirectory");

	return directory == NULL || directory->value[0] == '\0'
	               ? path
	               : fs_within(arena, directory->value, path);
}

/* What no two targets may share; copies, because settings are loaded for one target at a time. */
struct claim {
	const char *url, *table, *schema; /* the history table */
	const char *file;                 /* of a dry run */
	const char *directory;            /* from which its path begins */
};

static const char *copy(struct arena *arena, const char *text)
{
	return text != NULL ? arena_strdup(arena, text) : NULL;
}

static struct claim claim_of(struct arena *arena, const struct settings *settings)
{
	const char *first = settings->schemas.n > 0 ? settings->schemas.items[0] : NULL;
	const char *schema = settings->default_schema != NULL ? settings->default_schema : first;

	return (struct claim){
		.url = copy(arena, settings->url),
		.table = copy(arena, settings->table),
		.schema = copy(arena, schema),
		.file = copy(arena, settings->dry_run_output),
		.directory = copy(arena, settings->working_directory),
	};
}

/* Do both use the same history table? -url and FLYWAY_URL can cause that by accident. */
static bool is_same_history(const struct claim *a, const struct claim *b)
{
	return a->url != NULL && str_same(a->url, b->url) && str_same(a->table, b->table) &&
	       str_same(a->schema, b->schema);
}

/* Each target needs a file of its own; standard output is none. */
static bool check_dry_run(const struct claim *all, size_t i, struct error *err)
{
	const char *path = all[i].file;

	if (path == NULL || path[0] == '\0')
		return true;
	for (size_t j = 0; j < i; j++)
		if (str_same(path, all[j].file) && str_same(all[i].directory, all[j].directory))
			return error_set(err, ERROR_CONFIGURATION,
			                 "Several targets would write the same file "
			                 "(dryRunOutput=%s)",
			                 path);
	return strcmp(path, "-") != 0 ||
	       error_set(err, ERROR_CONFIGURATION,
	                 "dryRunOutput=- cannot be used with -targets: each target needs a file "
	                 "of its own");
}

static bool load(struct arena *arena, const struct targets *targets, size_t i,
                 const struct invocation *user, const struct log *log, struct settings *settings,
                 struct error *err)
{
	struct invocation invocation;

	if (!target_invocation(arena, targets, &targets->items[i], user, &invocation, err) ||
	    !settings_load(arena, &invocation, &environment_process, log, settings, err))
		return false;
	settings->target_name = targets->items[i].name;
	return true;
}

/* The first target would consume standard input, and the next one would miss it. */
static bool has_standard_input(struct arena *arena, const char *files)
{
	struct str rest = str_of(files);

	while (rest.len > 0)
		if (config_file_is_standard_input(str_dup(arena, str_trim(str_cut(&rest, ',')))))
			return true;
	return false;
}

/* Flyway only warns about a missing file, but here the whole target would be missing. */
static bool check_files(struct arena *arena, const struct targets *targets,
                        const struct target *target, const struct invocation *invocation,
                        struct error *err)
{
	struct str rest = str_of(target->values[TARGET_CONFIG_FILES]);

	if (has_standard_input(arena, target->values[TARGET_CONFIG_FILES]))
		return fail(err, targets, target, "standard input is no configuration file here",
		            "");
	while (rest.len > 0) {
		struct str item = str_trim(str_cut(&rest, ','));
		const char *path = in_working_directory(arena, invocation, str_dup(arena, item));

		if (item.len > 0 && fs_kind(path) == FS_MISSING)
			return fail(err, targets, target, "there is no configuration file ", path);
	}
	return true;
}

/* Checks the configuration of one target; *claim lives in the arena, all else is freed. */
static bool check_one(struct arena *arena, const struct targets *targets, size_t i,
                      const struct invocation *invocation, struct claim *claim, struct error *err)
{
	const struct target *target = &targets->items[i];
	const struct log silence = {0};
	struct arena scratch = ARENA_EMPTY;
	struct settings settings;
	struct locations locations = {.arena = &scratch, .settings = &settings};
	bool ok = load(&scratch, targets, i, invocation, &silence, &settings, err) &&
	          run_check(&invocation->verbs, &locations, &silence, err) &&
	          settings_check_placeholders(&scratch, &settings, err);

	if (!ok)
		error_note(err, "it was target %s (%s); nothing was changed", target->name,
		           targets_place(err->arena, targets, target->line));
	else if (settings.url == NULL && run_needs_database(&invocation->verbs))
		ok = fail(err, targets, target, "no URL is configured for target ", target->name);
	if (ok)
		*claim = claim_of(arena, &settings);
	arena_release(&scratch);
	return ok;
}

/* Finds the errors of all targets before any of them is changed. Prints nothing. */
static bool check_all(struct arena *arena, const struct targets *targets,
                      const struct invocation *invocation, struct error *err)
{
	struct claim *all = arena_array(arena, targets->n, sizeof(*all));

	for (size_t i = 0; i < targets->n; i++) {
		if (!check_files(arena, targets, &targets->items[i], invocation, err) ||
		    !check_one(arena, targets, i, invocation, &all[i], err) ||
		    !check_dry_run(all, i, err))
			return false;
		for (size_t j = 0; j < i; j++)
			if (is_same_history(&all[j], &all[i]))
				return error_set(
					err, ERROR_CONFIGURATION,
					"The targets %s and %s in %s have the same URL and the "
					"same schema history table",
					targets->items[j].name, targets->items[i].name,
					targets->path);
	}
	return true;
}

static int run_target(const struct targets *targets, size_t i, const struct invocation *invocation,
                      struct output *output)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct settings settings;
	struct locations locations = {.arena = &arena, .settings = &settings};
	int status;

	if (load(&arena, targets, i, invocation, &output->log, &settings, &err))
		status = run_verbs(&invocation->verbs, &locations, targets->items[i].name, output);
	else
		status = output_failure(output, &arena, NULL, &err);
	arena_release(&arena);
	return status;
}

/* One run on several targets. */
struct fleet {
	const struct targets *targets;
	const struct invocation *invocation;
	struct output *output;
	struct target_schedule schedule;
	struct target_outcome *outcomes; /* one for each target */
	int status;                      /* of the first target that has failed */
};

static void end_target(struct fleet *fleet, size_t i, struct str document)
{
	struct target_outcome *outcome = &fleet->outcomes[i];

	fleet->schedule.states[i] = outcome->state;
	output_target_end(&fleet->output->targets, i, outcome, document);
}

/* A target that never begins. */
static void leave_out(struct fleet *fleet, const struct target_next *next)
{
	const struct target *items = fleet->targets->items;
	bool is_skipped = next->move == MOVE_SKIP;

	fleet->outcomes[next->i] = (struct target_outcome){
		.name = items[next->i].name,
		.state = is_skipped ? TARGET_SKIPPED : TARGET_NOT_BEGUN,
		.because = is_skipped ? items[next->because].name : NULL,
	};
	end_target(fleet, next->i, STR(""));
}

/* Runs a target in this process. */
static void run_here(struct fleet *fleet, size_t i)
{
	struct output *output = fleet->output;
	const struct clock *clock = &clock_system;
	int64_t started_ms = clock->monotonic_ms(clock);

	output_target(output, fleet->targets->items[i].name);
	int status = run_target(fleet->targets, i, fleet->invocation, output);
	fleet->outcomes[i] = output->targets.current;
	fleet->outcomes[i].state = status == EXIT_SUCCESS ? TARGET_SUCCEEDED : TARGET_FAILED;
	fleet->outcomes[i].elapsed_ms = clock->monotonic_ms(clock) - started_ms;
	if (fleet->status == EXIT_SUCCESS)
		fleet->status = status;
	end_target(fleet, i, output_take_document(output));
}

static void run_in_turn(struct fleet *fleet)
{
	struct target_next next;

	do {
		fleet->schedule.is_stopped = signals_caught() != 0;
		next = target_schedule_next(&fleet->schedule);
		if (next.move == MOVE_BEGIN)
			run_here(fleet, next.i);
		else if (next.move != MOVE_END)
			leave_out(fleet, &next);
	} while (next.move != MOVE_END);
}

static int run_all(struct arena *arena, const struct targets *targets,
                   const struct target_options *options, const struct invocation *invocation,
                   struct output *output)
{
	struct fleet fleet = {
		.targets = targets,
		.invocation = invocation,
		.output = output,
		.outcomes = arena_array(arena, targets->n, sizeof(*fleet.outcomes)),
		.status = EXIT_SUCCESS,
	};

	target_schedule_open(&fleet.schedule, arena, targets, 1, options->continue_on_error);
	output_targets_begin(&output->targets, &output->console, &output->log, targets->n);
	run_in_turn(&fleet);
	output_targets_end(&output->targets, fleet.outcomes, targets->n);
	return signals_caught() != 0 ? 128 + signals_caught() : fleet.status;
}

/* Each target would read it again, and find it empty. */
static bool check_standard_input(struct arena *arena, const struct invocation *invocation,
                                 struct error *err)
{
	const char *files = environment_process.get(environment_process.ctx, FILES_VARIABLE);
	const struct pair *argument = pairs_find(&invocation->options, "configFiles");

	if (has_standard_input(arena, files))
		return error_set(err, ERROR_CONFIGURATION,
		                 FILES_VARIABLE " with standard input (-) cannot stand beside "
		                                "-targets");
	return argument == NULL || !has_standard_input(arena, argument->value) ||
	       error_set(err, ERROR_CONFIGURATION,
	                 "-configFiles=- cannot be used with several targets");
}

static bool find_targets(struct arena *arena, const struct invocation *invocation,
                         const struct target_options *options, struct targets *targets,
                         struct error *err)
{
	if (options->file != NULL)
		return targets_read(arena, in_working_directory(arena, invocation, options->file),
		                    targets, err);
	if (options->tenants_query != NULL)
		return tenants_query(arena, options->tenants_query, invocation, targets, err);
	return environment_targets(arena, &options->environments, invocation, &environment_process,
	                           targets, err);
}

/* Reads, chooses and checks the targets. */
static bool prepare(struct arena *arena, const struct invocation *invocation,
                    const struct target_options *options, struct targets *targets,
                    struct error *err)
{
	return check_standard_input(arena, invocation, err) &&
	       find_targets(arena, invocation, options, targets, err) &&
	       (options->names.n == 0 || targets_select(arena, &options->names, targets, err)) &&
	       check_all(arena, targets, invocation, err);
}

int run_targets(struct arena *arena, const struct invocation *invocation, struct output *output)
{
	struct error err = ERROR_INIT(arena);
	struct target_options options;
	struct targets targets;

	if (!target_options_read(arena, invocation, &options, &err) ||
	    !prepare(arena, invocation, &options, &targets, &err)) {
		int status = output_failure(output, arena, NULL, &err);

		return signals_caught() != 0 ? 128 + signals_caught() : status;
	}
	run_begin(&invocation->verbs, output);
	if (targets.n == 0)
		log_cflyway(&output->log, "%s has returned no row: there is nothing to do",
		            targets.path);
	return run_all(arena, &targets, &options, invocation, output);
}
