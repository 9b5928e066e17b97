/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seeds.c - scripts with data, which run after the migrations: seeds/[DATABASE/]MODE/NAME.sql
 *
 * The root is listed once, with all below it; the names of the folders decide.
 */
#include "cflyway/migration/seeds.h"

#include "migration_file.h"

#include "cflyway/base/fs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_PREFIX "seed:"

enum {
	MAX_DESCRIPTION = 200, /* characters in the history */
};

/* Folders of the modes, in the order in which they run. All others come last. */
static const char *const mode_folders[] = {"reference", "sample"};

struct finder {
	struct arena *arena;
	const struct resolve_options *options;
	const struct seed_options *seeds;
	struct location root;
	struct location_files files; /* of root */
	const char *base;            /* "" or "DATABASE/": what comes before the folder */
};

static const char *mode_name(enum seeds mode)
{
	static const char *const names[] = {
		[SEEDS_NONE] = "none",
		[SEEDS_REFERENCE] = "reference",
		[SEEDS_SAMPLE] = "sample",
		[SEEDS_FULL] = "full",
	};

	return names[mode];
}

bool seed_is_script(const char *script)
{
	return str_starts(str_of(script), STR(SCRIPT_PREFIX));
}

/* --- folders ------------------------------------------------------------------------------- */

/* The folder of a file below base; empty if it is not below base, or in no folder. */
static struct str folder_of(const struct finder *finder, const struct location_file *file)
{
	struct str rest = str_of(file->relative), base = str_of(finder->base);

	if (!str_starts(rest, base))
		return STR("");
	rest = str_sub(rest, base.len, rest.len);
	size_t end = str_find_char(rest, '/');
	return str_sub(rest, 0, end < rest.len ? end : 0);
}

/* 0 and 1: reference and sample; 2: another folder. */
static size_t rank_of(struct str folder)
{
	size_t i = 0;

	while (i < COUNT(mode_folders) && !str_eq(folder, str_of(mode_folders[i])))
		i++;
	return i;
}

static bool has_folder(const struct finder *finder, const char *path)
{
	for (size_t i = 0; i < finder->files.n; i++)
		if (str_starts(str_of(finder->files.items[i].relative), str_of(path)))
			return true;
	return false;
}

/* Has the folder folders of modes itself? Then it is a database's. */
static bool is_database(const struct finder *finder, struct str folder)
{
	if (finder->base[0] != '\0' || rank_of(folder) < COUNT(mode_folders))
		return false;
	for (size_t i = 0; i < COUNT(mode_folders); i++)
		if (has_folder(finder, arena_printf(finder->arena, "%.*s/%s/", (int)folder.len,
		                                    folder.ptr, mode_folders[i])))
			return true;
	return false;
}

static bool is_wanted(const struct finder *finder, struct str folder)
{
	if (folder.len == 0 || folder.ptr[0] == '.')
		return false;
	switch (rank_of(folder)) {
	case 0:
		return true;
	case 1:
		return finder->seeds->mode != SEEDS_REFERENCE;
	default:
		return finder->seeds->mode == SEEDS_FULL && !is_database(finder, folder);
	}
}

/* The folder of a database that has the first of the names, if there is one. */
static bool choose_base(struct finder *finder, struct error *err)
{
	const struct seed_options *seeds = finder->seeds;

	finder->base = "";
	if (seeds->database != NULL && seeds->database[0] != '\0') {
		finder->base = arena_printf(finder->arena, "%s/", seeds->database);
		return has_folder(finder, finder->base) ||
		       error_set(err, ERROR_CONFIGURATION,
		                 "cflyway.seedsDatabase=%s: there is nothing in %s/%s",
		                 seeds->database, finder->root.root, seeds->database);
	}
	for (size_t i = 0; i < COUNT(seeds->names); i++) {
		if (seeds->names[i] == NULL || rank_of(str_of(seeds->names[i])) < 2)
			continue;
		const char *base = arena_printf(finder->arena, "%s/", seeds->names[i]);
		if (has_folder(finder, base)) {
			finder->base = base;
			return true;
		}
	}
	return true;
}

/* --- scripts ------------------------------------------------------------------------------- */

/* SQL, or a script that the configuration has a program for. */
static bool is_script(const struct finder *finder, const char *name,
                      const struct program_kind **program)
{
	*program = NULL;
	if (filename_is_sql(name, &finder->options->names))
		return true;
	*program = program_kind_of(&finder->options->programs, name);
	return *program != NULL && (*program)->executor != NULL;
}

static bool is_seed(const struct finder *finder, const struct location_file *file)
{
	const struct program_kind *program;

	return is_wanted(finder, folder_of(finder, file)) &&
	       is_script(finder, fs_base_name(file->path), &program) && file->unreadable != ENOENT;
}

struct candidate {
	const struct location_file *file;
	size_t rank;
};

static int compare(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	return strcmp(left->file->relative, right->file->relative);
}

static size_t collect(const struct finder *finder, struct candidate *candidates)
{
	size_t n = 0;

	for (size_t i = 0; i < finder->files.n; i++) {
		const struct location_file *file = &finder->files.items[i];

		if (is_seed(finder, file))
			candidates[n++] =
				(struct candidate){file, rank_of(folder_of(finder, file))};
	}
	if (n > 1)
		qsort(candidates, n, sizeof(candidates[0]), compare);
	return n;
}

/* As in the names of other migrations, '_' is shown as a blank. */
static const char *describe_path(struct arena *arena, struct str path)
{
	return arena_printf(arena, "seed %s", str_replace(arena, path, STR("_"), STR(" ")));
}

static bool describe(const struct finder *finder, const struct location_file *found,
                     unsigned number, struct migration_file *seed, struct error *err)
{
	struct arena *arena = finder->arena;
	struct location_file *file = arena_alloc(arena, sizeof(*file));
	struct script_config *config = arena_alloc(arena, sizeof(*config));
	const char *below = found->relative + strlen(finder->base);
	const char *name = fs_base_name(found->path);
	const struct program_kind *program;

	if (found->unreadable != 0)
		return location_fail_unreadable(found->path, false, found->unreadable, err);
	if (!migration_file_read_config(arena, found, finder->options, config, err))
		return false;
	*file = *found;
	file->relative = arena_printf(arena, SCRIPT_PREFIX "%s", below);
	bool is_sql = is_script(finder, name, &program) && program == NULL;
	size_t suffix = is_sql ? strlen(name) - filename_stem(name, &finder->options->names).len
	                       : strlen(program_extension(name));
	*seed = (struct migration_file){
		.file = file,
		.name = name,
		.parts = {.kind = FILENAME_REPEATABLE,
	                  .prefix = SCRIPT_PREFIX,
	                  .version = version_empty(),
	                  .description =
	                          describe_path(arena, (struct str){below, strlen(below) - suffix}),
	                  .placeholder = name},
		.config = config,
		.program = program,
		.seed = number,
	};
	return strlen(seed->parts.description) <= MAX_DESCRIPTION ||
	       error_set(err, ERROR_GENERAL,
	                 "%s: the name of a seed has at most %d bytes, with its folders",
	                 found->path, MAX_DESCRIPTION - (int)strlen("seed "));
}

/* --- what is missing ----------------------------------------------------------------------- */

static const char *list_databases(const struct finder *finder)
{
	struct str_list names = {0};

	for (size_t i = 0; i < finder->files.n; i++) {
		struct str folder = folder_of(finder, &finder->files.items[i]);
		const char *name = str_dup(finder->arena, folder);

		if (folder.len > 0 && is_database(finder, folder) && !str_list_has(&names, name))
			str_list_add(finder->arena, &names, name);
	}
	return str_list_join(finder->arena, &names, ", ");
}

static bool fail_without_seeds(const struct finder *finder, struct error *err)
{
	bool is_full = finder->seeds->mode == SEEDS_FULL;
	const char *databases = list_databases(finder);

	error_set(err, ERROR_CONFIGURATION, "cflyway.seeds=%s: there are no scripts in %s/%s%s",
	          mode_name(finder->seeds->mode), finder->root.root, finder->base,
	          is_full ? "*" : mode_folders[0]);
	if (databases[0] != '\0')
		error_note(err,
		           "there are folders of databases; cflyway.seedsDatabase names one: %s",
		           databases);
	return false;
}

/* A folder that the mode is named after should not be missing unnoticed. */
static void tell_of_missing_folder(const struct finder *finder, const struct log *log,
                                   const struct candidate *candidates, size_t n)
{
	if (finder->seeds->mode != SEEDS_SAMPLE || candidates[n - 1].rank == 1)
		return;
	log_cflyway(log, "cflyway.seeds=sample: there are no scripts in %s/%s%s", finder->root.root,
	            finder->base, mode_folders[1]);
}

/* --- the whole ----------------------------------------------------------------------------- */

bool seeds_find_root(struct arena *arena, const char *text, const char *directory,
                     struct location *root, struct error *err)
{
	struct str path = str_trim(str_of(text));
	struct location_list list;
	struct str_list texts = {0};

	if (str_starts_nocase(path, STR("filesystem:")))
		path = str_sub(path, strlen("filesystem:"), path.len);
	str_list_add(arena, &texts,
	             arena_printf(arena, "filesystem:%.*s", (int)path.len, path.ptr));
	if (!location_list_parse(arena, &texts, &list, err))
		return false;
	*root = list.items[0];
	if (path.len == 0 || root->pattern != NULL)
		return error_set(err, ERROR_CONFIGURATION,
		                 "cflyway.seedsLocation is one folder, without wildcards: %s",
		                 text);
	if (directory != NULL)
		*root = location_below(arena, root, directory);
	return true;
}

static bool list_files(struct finder *finder, const struct log *log, struct error *err)
{
	unsigned skip = finder->options->skip_unreadable ? LOCATION_SKIP_UNREADABLE : 0U;

	if (!seeds_find_root(finder->arena, finder->seeds->location,
	                     finder->options->working_directory, &finder->root, err))
		return false;
	if (location_scan(finder->arena, &finder->root, LOCATION_MUST_EXIST | skip, log,
	                  &finder->files, err))
		return true;
	error_note(err, "cflyway.seeds=%s wants seeds; cflyway.seedsLocation names their folder",
	           mode_name(finder->seeds->mode));
	return false;
}

/* Makes room for n files behind those that are there. */
static void extend(struct arena *arena, struct migration_files *files, size_t n)
{
	struct migration_file *items = arena_array(arena, files->n + n, sizeof(items[0]));

	if (files->n > 0)
		memcpy(items, files->items, files->n * sizeof(items[0]));
	files->items = items;
}

bool seeds_scan(struct arena *arena, const struct resolve_options *options,
                const struct seed_options *seeds, const struct log *log,
                struct migration_files *files, struct error *err)
{
	struct finder finder = {.arena = arena, .options = options, .seeds = seeds};

	if (seeds->mode == SEEDS_NONE)
		return true;
	if (!list_files(&finder, log, err) || !choose_base(&finder, err))
		return false;
	struct candidate *candidates = arena_array(arena, finder.files.n, sizeof(candidates[0]));
	size_t n = collect(&finder, candidates);
	if (n == 0)
		return fail_without_seeds(&finder, err);
	tell_of_missing_folder(&finder, log, candidates, n);
	extend(arena, files, n);
	for (size_t i = 0; i < n; i++)
		if (!describe(&finder, candidates[i].file, (unsigned)(i + 1),
		              &files->items[files->n++], err))
			return false;
	return true;
}
