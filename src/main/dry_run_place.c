/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run_place.c - where the file of a dry run may be written */
#include "dry_run_place.h"

#include "cflyway/base/fs.h"
#include "cflyway/core/session.h"
#include "cflyway/migration/filename.h"
#include "cflyway/migration/program.h"
#include "cflyway/migration/seeds.h"

/* Like the scan, which ignores names of programs that are not valid. */
static bool is_program(struct arena *arena, const char *name, const struct settings *settings,
                       struct filename_rules rules)
{
	const struct program_kinds own = program_kinds_make(arena, &settings->executors);
	const char *extension = program_extension(name);
	struct filename parts;

	if (program_kind_of(&own, name) == NULL)
		return false;
	rules.suffixes = (struct str_list){&extension, 1};
	filename_parse(arena, name, &rules, &parts);
	return parts.kind != FILENAME_INVALID;
}

/* A run looks at a file of this name, if it is in a location. */
static bool is_script(struct arena *arena, const char *name, const struct settings *settings)
{
	const struct filename_rules rules = session_name_rules(settings);
	struct filename parts;

	if (str_ends(str_of(name), STR(".conf"))) /* the settings of a script */
		return true;
	if (!filename_is_sql(name, &rules))
		return is_program(arena, name, settings, rules);
	filename_parse(arena, name, &rules, &parts);
	return parts.kind != FILENAME_INVALID || settings->validate_migration_naming;
}

/* The folder need not exist; then its links are not followed. */
static struct str folder_of(struct arena *arena, const char *path)
{
	struct str absolute = str_of(fs_absolute(arena, path));
	const size_t name_len = strlen(fs_base_name(path));

	absolute = str_sub(absolute, 0, absolute.len - name_len);
	return str_of(fs_canonical(arena, str_dup(arena, absolute)));
}

static bool is_below(struct str folder, struct str root)
{
	while (root.len > 0 && root.ptr[root.len - 1] == '/')
		root.len--;
	while (folder.len > 0 && folder.ptr[folder.len - 1] == '/')
		folder.len--;
	return str_starts(folder, root) && (folder.len == root.len || folder.ptr[root.len] == '/');
}

static bool is_in(struct arena *arena, const char *path, const struct location *location)
{
	return is_below(folder_of(arena, path), str_of(fs_canonical(arena, location->root)));
}

static bool fail_place(const char *path, const struct location *location, struct error *err)
{
	return error_set(err, ERROR_CONFIGURATION,
	                 "Unable to write the dry run to %s: the next run would find it among "
	                 "the scripts of %s. Choose another folder, or a name that does not end "
	                 "as scripts do. Nothing was changed.",
	                 path, location->text);
}

/* A seed may have any name. */
static bool check_seeds(const char *path, const struct locations *locations, struct error *err)
{
	const struct settings *settings = locations->settings;
	const struct filename_rules rules = session_name_rules(settings);
	struct arena *arena = locations->arena;
	struct location root;

	if (settings->seeds == SEEDS_NONE || !filename_is_sql(fs_base_name(path), &rules))
		return true;
	if (!seeds_find_root(arena, settings->seeds_location, settings->working_directory, &root,
	                     err))
		return false;
	return !is_in(arena, path, &root) || fail_place(path, &root, err);
}

static bool check_list(const char *path, const struct locations *locations,
                       const struct location_list *list, struct error *err)
{
	struct arena *arena = locations->arena;
	const char *directory = locations->settings->working_directory;

	for (size_t i = 0; i < list->n; i++) {
		struct location location = list->items[i];

		if (location.is_classpath)
			continue;
		if (directory != NULL)
			location = location_below(arena, &location, directory);
		if (is_in(arena, path, &location))
			return fail_place(path, &location, err);
	}
	return true;
}

bool dry_run_is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

bool dry_run_check_place(const char *path, struct locations *locations, struct error *err)
{
	if (!check_seeds(path, locations, err))
		return false;
	if (!is_script(locations->arena, fs_base_name(path), locations->settings))
		return true;
	if (!locations_parse_scripts(locations, err) || !locations_parse_callbacks(locations, err))
		return false;
	return check_list(path, locations, &locations->scripts, err) &&
	       check_list(path, locations, &locations->callbacks, err);
}
