/* SPDX-License-Identifier: Apache-2.0 */
/* check_targets.c - finds the errors of all targets before any of them is changed */
#include "check_targets.h"

#include "dry_run_place.h"
#include "run_commands.h"

#include "cflyway/base/fs.h"
#include "cflyway/config/config_file.h"
#include "cflyway/config/settings.h"

#define FILES_VARIABLE "FLYWAY_CONFIG_FILES"

const char *call_path(struct arena *arena, const struct invocation *call, const char *path)
{
	const struct pair *directory = pairs_find(&call->options, "workingDirectory");

	return directory == NULL || directory->value[0] == '\0'
	               ? path
	               : fs_within(arena, directory->value, path);
}

/* Sets an error that names the place of a target. */
static bool fail(struct error *err, const struct targets *targets, const struct target *target,
                 const char *fault, const char *what)
{
	return targets_fail(err, targets, target->line,
	                    arena_printf(err->arena, "%s%s", fault, what));
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
	/* of a thousand tenants, the schemas differ */
	return a->url != NULL && str_same(a->schema, b->schema) && str_same(a->table, b->table) &&
	       str_same(a->url, b->url);
}

/* Each target needs a file of its own; on standard output one comes after the other. */
static bool check_dry_run(const struct claim *all, size_t i, struct error *err)
{
	const char *path = all[i].file;

	if (path == NULL || path[0] == '\0' || dry_run_is_stdout(path))
		return true;
	for (size_t j = 0; j < i; j++)
		if (str_same(path, all[j].file) && str_same(all[i].directory, all[j].directory))
			return error_set(err, ERROR_CONFIGURATION,
			                 "Several targets would write the same file "
			                 "(dryRunOutput=%s)",
			                 path);
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
		const char *path = call_path(arena, invocation, str_dup(arena, item));

		if (item.len > 0 && fs_kind(path) == FS_MISSING)
			return fail(err, targets, target, "there is no configuration file ", path);
	}
	return true;
}

static bool note_target(struct error *err, const struct targets *targets,
                        const struct target *target)
{
	err->names_target = true;
	error_explain(err, NOTE_OUTCOME, "it was target %s (%s); nothing was changed", target->name,
	              targets_place(err->arena, targets, target->line));
	return false;
}

/* Checks the configuration of one target; *claim lives in the arena, all else is freed. */
static bool check_one(struct arena *arena, const struct targets *targets, size_t i,
                      const struct invocation *call, struct claim *claim, struct error *err)
{
	const struct target *target = &targets->items[i];
	const struct log silence = {0};
	struct arena scratch = ARENA_EMPTY;
	struct settings settings;
	struct locations locations = {.arena = &scratch, .settings = &settings};
	bool ok = settings_load(&scratch, call, &environment_process, &silence, &settings, err);

	settings.target_name = target->name;
	ok = ok && run_check(&call->verbs, &locations, &silence, err) &&
	     settings_check_placeholders(&scratch, &settings, err) &&
	     (!run_needs_database(&call->verbs) ||
	      settings_read_password(&scratch, &silence, &settings, err));
	if (!ok)
		ok = note_target(err, targets, target);
	else if (settings.url == NULL && run_needs_database(&call->verbs))
		ok = fail(err, targets, target, "no URL is configured for target ", target->name);
	if (ok)
		*claim = claim_of(arena, &settings);
	arena_release(&scratch);
	return ok;
}

/* Does any earlier target have the same history? */
static bool check_histories(const struct targets *targets, const struct claim *all, size_t i,
                            struct error *err)
{
	for (size_t j = 0; j < i; j++)
		if (is_same_history(&all[j], &all[i]))
			return error_set(err, ERROR_CONFIGURATION,
			                 "The targets %s and %s in %s have the same URL and the "
			                 "same schema history table",
			                 targets->items[j].name, targets->items[i].name,
			                 targets->path);
	return true;
}

bool check_targets(struct arena *arena, const struct targets *targets,
                   const struct invocation *calls, bool *prints_sql, struct error *err)
{
	struct claim *all = arena_array(arena, targets->n, sizeof(*all));

	*prints_sql = false;
	for (size_t i = 0; i < targets->n; i++) {
		if (!check_files(arena, targets, &targets->items[i], &calls[i], err) ||
		    !check_one(arena, targets, i, &calls[i], &all[i], err) ||
		    !check_dry_run(all, i, err) || !check_histories(targets, all, i, err))
			return false;
		*prints_sql |= dry_run_is_stdout(all[i].file);
	}
	return true;
}

const struct invocation *make_calls(struct arena *arena, const struct targets *targets,
                                    const struct invocation *user, struct error *err)
{
	struct invocation *calls = arena_array(arena, targets->n, sizeof(*calls));

	for (size_t i = 0; i < targets->n; i++)
		if (!target_invocation(arena, targets, &targets->items[i], user, &calls[i], err)) {
			(void)note_target(err, targets, &targets->items[i]);
			return NULL;
		}
	return calls;
}

bool check_standard_input(struct arena *arena, const struct invocation *user, struct error *err)
{
	const char *files = environment_process.get(environment_process.ctx, FILES_VARIABLE);
	const struct pair *argument = pairs_find(&user->options, "configFiles");

	if (has_standard_input(arena, files))
		return error_set(err, ERROR_CONFIGURATION,
		                 FILES_VARIABLE " with standard input (-) cannot stand beside "
		                                "-targets");
	return argument == NULL || !has_standard_input(arena, argument->value) ||
	       error_set(err, ERROR_CONFIGURATION,
	                 "-configFiles=- cannot be used with several targets");
}
