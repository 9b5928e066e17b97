/* SPDX-License-Identifier: Apache-2.0 */
/*
 * add.c - makes the file of a new migration; new is its short form
 *
 * No database is needed. Files in all locations count for the version; the new file goes into one.
 */
#include "cflyway/commands/command.h"

#include "new_file_folder.h"

#include "cflyway/base/fs.h"
#include "cflyway/core/session.h"
#include "cflyway/migration/next_name.h"

enum { NEW_FILE_MODE = 0666 };

static const struct {
	enum filename_kind kind;
	const char *category;
} kinds[] = {
	[ADD_TYPE_VERSIONED] = {FILENAME_VERSIONED, "Versioned"},
	[ADD_TYPE_BASELINE] = {FILENAME_BASELINE, "Baseline"},
	[ADD_TYPE_UNDO] = {FILENAME_UNDO, "Undo"},
	[ADD_TYPE_REPEATABLE] = {FILENAME_REPEATABLE, "Repeatable"},
};

/* --- what is there ------------------------------------------------------------------------- */

/* A location that does not exist yet is empty. */
static bool add_paths(const struct run *run, const struct location *location,
                      struct str_list *paths, struct error *err)
{
	unsigned flags = run->settings->skip_unreadable ? LOCATION_SKIP_UNREADABLE : 0;
	struct location_files files;

	if (location->is_classpath || fs_kind(location->root) == FS_MISSING)
		return true;
	if (!location_scan(run->arena, location, flags, run->log, &files, err))
		return false;
	for (size_t i = 0; i < files.n; i++)
		str_list_add(run->arena, paths, files.items[i].path);
	return true;
}

/* Will migrate find what is in the folder? */
static bool is_scanned(const struct location_list *scanned, const struct location *folder)
{
	struct str path = str_of(folder->path);

	for (size_t i = 0; i < scanned->n; i++) {
		struct str root = str_of(scanned->items[i].root);

		if (!scanned->items[i].is_classpath && str_starts(path, root) &&
		    (path.len == root.len || path.ptr[root.len] == '/'))
			return true;
	}
	return false;
}

static bool list_paths(const struct run *run, const struct location *location,
                       struct str_list *paths, struct error *err)
{
	if (!locations_parse_scripts(run->locations, err))
		return false;
	for (size_t i = 0; i < run->locations->scripts.n; i++)
		if (!add_paths(run, &run->locations->scripts.items[i], paths, err))
			return false;
	if (is_scanned(&run->locations->scripts, location))
		return true;
	log_cflyway(run->log, "%s is not among the locations: migrate does not look there",
	            location->text);
	return add_paths(run, location, paths, err);
}

/* --- the file ------------------------------------------------------------------------------ */

static bool create(const struct run *run, const char *path, const char *content, struct error *err)
{
	if (!fs_make_parents(path, err))
		return false;
	if (run->settings->add_force && fs_kind(path) == FS_FILE)
		return fs_write_all(path, str_of(content), err);
	return fs_create(path, str_of(content), NEW_FILE_MODE, err);
}

/* A file that is to be made. */
struct new_file {
	const char *path, *content;
};

static bool name_file(const struct run *run, const struct location *location,
                      const struct next_name_request *request, struct new_file *file,
                      const char **version, struct error *err)
{
	struct next_name next;

	if (!next_name(run->arena, request, &next, err))
		return false;
	*file = (struct new_file){fs_join(run->arena, location->path, next.name), next.content};
	*version = next.version;
	const char *taken = next_name_taken(run->arena, request, file->path);
	return taken == NULL ||
	       error_set(err, ERROR_GENERAL, "%s would be the same migration as %s", file->path,
	                 taken);
}

/* Does validate want a file that takes the new one back? */
static bool is_half_of_pair(const struct next_name_request *request)
{
	return request->kind == FILENAME_VERSIONED && request->rules->layout != NULL &&
	       layout_wants_pairs(request->rules->layout);
}

static struct str_list copy_of(struct arena *arena, const struct str_list *list)
{
	struct str_list copy = {0};

	for (size_t i = 0; i < list->n; i++)
		str_list_add(arena, &copy, list->items[i]);
	return copy;
}

/* The request for the file that takes back what the file of the first one does. */
static struct next_name_request other_half(struct arena *arena,
                                           const struct next_name_request *first, const char *path,
                                           const char *version)
{
	struct next_name_request second = *first;

	second.kind = FILENAME_UNDO;
	second.version = version;
	second.description = NULL;
	second.paths = copy_of(arena, &first->paths);
	str_list_add(arena, &second.paths, path);
	return second;
}

static bool make_files(const struct run *run, const struct location *location,
                       const struct next_name_request *request, struct add_result *result,
                       struct error *err)
{
	struct new_file files[2];
	size_t n = 1;
	const char *version;

	if (!name_file(run, location, request, &files[0], &version, err))
		return false;
	result->path = files[0].path;
	result->location = location->text;
	result->version = version;
	if (is_half_of_pair(request)) {
		struct next_name_request second =
			other_half(run->arena, request, files[0].path, version);

		if (!name_file(run, location, &second, &files[n++], &version, err))
			return false;
		result->undo_path = files[1].path;
	}
	result->is_created = !run->settings->add_name_only;
	for (size_t i = 0; i < n && result->is_created; i++)
		if (!create(run, files[i].path, files[i].content, err))
			return false;
	return true;
}

/* The files of executors have versions as those of SQL, and the next one is like the last. */
static void add_executor_suffixes(const struct run *run, struct filename_rules *rules)
{
	const struct executor_options *executors = &run->settings->executors;
	struct str_list suffixes = copy_of(run->arena, &rules->suffixes);

	for (size_t i = 0; i < executors->n; i++)
		str_list_add(run->arena, &suffixes, executors->items[i].suffix);
	rules->suffixes = suffixes;
}

static bool run_add(struct run *run, struct result *out, struct error *err)
{
	const struct settings *settings = run->settings;
	struct filename_rules rules = session_name_rules(settings);
	struct location location = {0};
	struct next_name_request request = {
		.kind = kinds[settings->add_type].kind,
		.description = settings->add_description,
		.version = settings->add_version,
		.timestamp = settings->add_timestamp,
		.now = run->clock->now(run->clock),
		.rules = &rules,
	};

	if (settings->layout_kind == LAYOUT_AUTO)
		return error_set(err, ERROR_CONFIGURATION,
		                 "A new file needs a name: say which layout it is in place of "
		                 "cflyway.layout=auto");
	add_executor_suffixes(run, &rules);
	out->add = (struct add_result){
		.category = kinds[settings->add_type].category,
		.path_only = settings->quiet,
	};
	if (!new_file_folder_choose(run, run->settings->add_location, &location, err) ||
	    !list_paths(run, &location, &request.paths, err) ||
	    !make_files(run, &location, &request, &out->add, err))
		return false;
	out->kind = RESULT_ADD;
	return true;
}

static bool run_new(struct run *run, struct result *out, struct error *err)
{
	const struct settings *settings = run->settings;

	if (settings->add_description == NULL && settings->add_type != ADD_TYPE_UNDO)
		return error_set(err, ERROR_CONFIGURATION,
		                 "new needs words that describe the migration: cflyway new add "
		                 "price");
	return run_add(run, out, err);
}

const struct command command_add = {
	.name = "add",
	.summary = "Creates the empty file of a new migration",
	.description =
		"Creates an empty migration in the first filesystem: location. Its name follows "
		"those of the existing files: the next version in their form (2.0.55 after "
		"2.0.54, 003 after 002, the time after a timestamp), their separators and "
		"suffix. Beside the verb the options have a short form: -type=undo for "
		"-add.type=undo. An existing file is never overwritten, unless force is true. "
		"In the layout updown it creates a pair, 003_x.up.sql and 003_x.down.sql. "
		"Needs no database. With -q the path is all that is printed.",
	.options = GROUP_ADD | GROUP_LOCATIONS | GROUP_NAMES,
	.flags = COMMAND_WRITES,
	.run = run_add,
};

/* DIFFERS: Flyway's open-source edition does not have them: "Invalid flag: add". */
const struct command command_new = {
	.name = "new",
	.summary = "Creates the file of a new migration: new add price",
	.description = "The short form of add: the words after it are the description, as in "
		       "\"cflyway new add price\". Options are those of add.",
	.options = GROUP_ADD | GROUP_LOCATIONS | GROUP_NAMES,
	.flags = COMMAND_WRITES,
	.run = run_new,
};
