/* SPDX-License-Identifier: Apache-2.0 */
/* run_targets.c - runs the same commands on several databases, one after the other */
#include "run_targets.h"

#include "run_commands.h"
#include "signals.h"

#include "cflyway/base/fs.h"
#include "cflyway/config/config_file.h"
#include "cflyway/config/settings.h"
#include "cflyway/config/targets.h"

#define FILES_VARIABLE "FLYWAY_CONFIG_FILES"

/* Sets an error that names the place of a target. */
static bool fail(struct error *err, const struct targets *targets, const struct target *target,
                 const char *fault, const char *what)
{
	return error_set(err, ERROR_CONFIGURATION, "Invalid targets file %s, line %zu: %s%s",
	                 targets->path, target->line, fault, what);
}

static const char *in_working_directory(struct arena *arena, const struct invocation *invocation,
                                        const char *path)
{
	const struct pair *directory = pairs_find(&invocation->options, "workingDirectory");

	return directory == NULL || directory->value[0] == '\0'
	               ? path
	               : fs_within(arena, directory->value, path);
}

/* Do both use the same history table? -url and FLYWAY_URL can cause that by accident. */
static bool is_same_history(const struct settings *a, const struct settings *b)
{
	const char *schema_of_a = a->schemas.n > 0 ? a->schemas.items[0] : NULL;
	const char *schema_of_b = b->schemas.n > 0 ? b->schemas.items[0] : NULL;

	return a->url != NULL && str_same(a->url, b->url) && str_same(a->table, b->table) &&
	       str_same(a->default_schema != NULL ? a->default_schema : schema_of_a,
	                b->default_schema != NULL ? b->default_schema : schema_of_b);
}

/* Each target needs a file of its own; standard output is none. */
static bool check_dry_run(const struct settings *all, size_t i, struct error *err)
{
	const char *path = all[i].dry_run_output;

	if (path == NULL || path[0] == '\0')
		return true;
	for (size_t j = 0; j < i; j++)
		if (str_same(path, all[j].dry_run_output) &&
		    str_same(all[i].working_directory, all[j].working_directory))
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

	return target_invocation(arena, targets, &targets->items[i], user, &invocation, err) &&
	       settings_load(arena, &invocation, &environment_process, log, settings, err);
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
	struct str rest = str_of(target->config_files);

	if (has_standard_input(arena, target->config_files))
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

/* Finds the errors of all targets before any of them is changed. Prints nothing. */
static bool check_all(struct arena *arena, const struct targets *targets,
                      const struct invocation *invocation, struct error *err)
{
	struct settings *all = arena_array(arena, targets->n, sizeof(*all));
	const struct log silence = {0};

	for (size_t i = 0; i < targets->n; i++) {
		const struct target *target = &targets->items[i];
		struct locations locations = {.arena = arena, .settings = &all[i]};

		if (!check_files(arena, targets, target, invocation, err))
			return false;
		if (!load(arena, targets, i, invocation, &silence, &all[i], err) ||
		    !run_check(&invocation->verbs, &locations, &silence, err) ||
		    !settings_check_placeholders(arena, &all[i], err)) {
			error_note(err, "it was target %s (%s, line %zu); nothing was changed",
			           target->name, targets->path, target->line);
			return false;
		}
		if (all[i].url == NULL && run_needs_database(&invocation->verbs))
			return fail(err, targets, target, "no URL is configured for target ",
			            target->name);
		if (!check_dry_run(all, i, err))
			return false;
		for (size_t j = 0; j < i; j++)
			if (is_same_history(&all[j], &all[i]))
				return error_set(
					err, ERROR_CONFIGURATION,
					"The targets %s and %s in %s have the same URL and the "
					"same schema history table",
					targets->items[j].name, target->name, targets->path);
	}
	return true;
}

/* The first target that it waits for and that did not succeed; NULL if all did. */
static const char *find_obstacle(const struct target *target, const struct str_list *succeeded)
{
	for (size_t i = 0; i < target->after.n; i++)
		if (!str_list_has(succeeded, target->after.items[i]))
			return target->after.items[i];
	return NULL;
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

static int run_all(struct arena *arena, const struct targets *targets,
                   const struct invocation *invocation, struct output *output)
{
	struct str_list names[TARGET_STATE_COUNT] = {{0}};
	int first_failure = EXIT_SUCCESS;

	for (size_t i = 0; i < targets->n; i++) {
		const struct target *target = &targets->items[i];
		const char *obstacle = find_obstacle(target, &names[TARGET_SUCCEEDED]);
		enum target_state state = TARGET_SKIPPED;

		if (obstacle == NULL && signals_caught() == 0) {
			output_target(output, target->name);
			int status = run_target(targets, i, invocation, output);
			state = status == EXIT_SUCCESS ? TARGET_SUCCEEDED : TARGET_FAILED;
			if (first_failure == EXIT_SUCCESS)
				first_failure = status;
		}
		output_target_end(output, target->name, state, obstacle);
		str_list_add(arena, &names[state], target->name);
	}
	output_targets_end(output, names);
	return signals_caught() != 0 ? 128 + signals_caught() : first_failure;
}

int run_targets(struct arena *arena, const struct invocation *invocation, const char *path,
                struct output *output)
{
	struct error err = ERROR_INIT(arena);
	struct targets targets;

	/* An empty variable in a shell script must not select another database. */
	if (path[0] == '\0') {
		error_set(&err, ERROR_CONFIGURATION, "-targets= names no file");
		return output_failure(output, arena, NULL, &err);
	}
	path = in_working_directory(arena, invocation, path);
	const char *files = environment_process.get(environment_process.ctx, FILES_VARIABLE);
	if (has_standard_input(arena, files)) {
		error_set(&err, ERROR_CONFIGURATION,
		          FILES_VARIABLE " with standard input (-) cannot stand beside -targets");
		return output_failure(output, arena, NULL, &err);
	}
	if (!targets_read(arena, path, &targets, &err) ||
	    !check_all(arena, &targets, invocation, &err))
		return output_failure(output, arena, NULL, &err);
	run_begin(&invocation->verbs, output);
	return run_all(arena, &targets, invocation, output);
}
