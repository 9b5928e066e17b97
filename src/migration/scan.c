/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.c - walk the locations, read script configurations, check names
 *
 * The order of work is Flyway's, because the order decides which of several errors is reported: all
 * locations with their script configurations come first, then the names.
 */
#include "cflyway/migration/scan.h"

#include "layout_arrange.h"
#include "layout_detect.h"
#include "migration_file.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/fs.h"
#include "cflyway/migration/filename_meant.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* A file before the check of its name. */
struct candidate {
	const struct location_file *file;
	const struct script_config *config;
};

struct candidates {
	struct candidate *items;
	size_t n;
};

enum { NAMES_EXPLAINED = 5 };

struct scan {
	struct arena *arena;
	struct arena *scratch; /* freed after the scan */
	const struct resolve_options *options;
	const struct log *log;
	struct migration_files *files;
	size_t invalid_names;
	size_t passed_over;                     /* scripts of executors whose names are not valid */
	struct buf invalid;                     /* the message about invalid names */
	struct str_list meant;                  /* what some of them should be */
	const struct location_file *unreadable; /* the first unreadable script */
};

/* --- locations ----------------------------------------------------------------------------- */

static const struct script_config no_config = {.execute_in_transaction = UNSET};

static bool read_config(const struct scan *scan, struct candidate *candidate, struct error *err)
{
	struct script_config *config = arena_alloc(scan->arena, sizeof(*config));

	candidate->config = config;
	return migration_file_read_config(scan->arena, candidate->file, scan->options, config, err);
}

/* Reads the configuration of every file that has one, script or not, but of no broken link. */
static bool add_candidates(const struct scan *scan, const struct location_files *found,
                           struct candidates *candidates, struct error *err)
{
	for (size_t i = 0; i < found->n; i++) {
		struct candidate candidate = {.file = &found->items[i], .config = &no_config};

		if ((candidate.file->has_config || candidate.file->has_limits) &&
		    candidate.file->unreadable != ENOENT && !read_config(scan, &candidate, err))
			return false;
		candidates->items = arena_grow(scan->scratch, candidates->items, candidates->n,
		                               sizeof(candidates->items[0]));
		candidates->items[candidates->n++] = candidate;
	}
	return true;
}

static unsigned location_flags(const struct resolve_options *options)
{
	return (options->fail_on_missing_locations ? LOCATION_MUST_EXIST : 0U) |
	       (options->skip_unreadable ? LOCATION_SKIP_UNREADABLE : 0U);
}

static bool list_candidates(const struct scan *scan, const struct location_list *locations,
                            struct candidates *candidates, struct error *err)
{
	const struct resolve_options *options = scan->options;
	struct location_files *found = arena_array(scan->arena, locations->n, sizeof(found[0]));

	*candidates = (struct candidates){0};
	for (size_t i = 0; i < locations->n; i++) {
		struct location location = locations->items[i];

		if (options->working_directory != NULL)
			location =
				location_below(scan->arena, &location, options->working_directory);
		if (!location_scan(scan->arena, &location, location_flags(options), scan->log,
		                   &found[i], err) ||
		    !add_candidates(scan, &found[i], candidates, err))
			return false;
	}
	return true;
}

/* --- names --------------------------------------------------------------------------------- */

static bool is_migration(enum filename_kind kind)
{
	return kind == FILENAME_VERSIONED || kind == FILENAME_REPEATABLE ||
	       kind == FILENAME_BASELINE || kind == FILENAME_UNDO;
}

/*
 * Measured: "R.sql" has a valid name, but only prefix and suffix, and Flyway ignores it. For a
 * program only the prefix counts: "R" is ignored, "R.sh" is a migration.
 */
static bool has_substance(const struct migration_file *file, const struct filename_rules *rules)
{
	struct str name = str_of(file->name);
	size_t prefix = strlen(file->parts.prefix);

	if (file->program != NULL)
		return name.len > prefix;
	for (size_t i = 0; i < rules->suffixes.n; i++) {
		struct str suffix = str_of(rules->suffixes.items[i]);

		if (str_ends_nocase(name, suffix) && name.len > prefix + suffix.len)
			return true;
	}
	return false;
}

static void keep(struct scan *scan, const struct migration_file *file)
{
	struct migration_files *files = scan->files;

	if (file->file->unreadable != 0) {
		if (scan->options->skip_unreadable_migrations && is_migration(file->parts.kind))
			return;
		if (scan->unreadable == NULL)
			scan->unreadable = file->file;
	}
	files->items = arena_grow(scan->scratch, files->items, files->n, sizeof(files->items[0]));
	files->items[files->n++] = *file;
}

static void note_invalid(struct scan *scan, const char *name, const struct filename *parts)
{
	const char *meant = filename_meant(scan->scratch, name, &scan->options->names);

	if (meant != NULL && scan->meant.n < NAMES_EXPLAINED)
		str_list_add(scan->scratch, &scan->meant, meant);
	scan->invalid_names++;
	buf_add(&scan->invalid, "\r\n");
	buf_add(&scan->invalid, parts->message);
}

/* The files of a location that count. */
enum wanted {
	WANT_MIGRATIONS = 1,
	WANT_CALLBACKS = 2,
};

static bool is_wanted(const struct scan *scan, const struct migration_file *file, unsigned wanted)
{
	const struct resolve_options *options = scan->options;

	if (file->parts.kind == FILENAME_CALLBACK)
		return (wanted & WANT_CALLBACKS) &&
		       (file->program != NULL || !options->skip_default_callbacks);
	return is_migration(file->parts.kind) && (wanted & WANT_MIGRATIONS) &&
	       !options->skip_default_resolvers && has_substance(file, &options->names);
}

/* A link to nothing is no file. */
static bool is_there(const struct location_file *file)
{
	return file->unreadable == 0 || file->unreadable == EACCES;
}

static void take_sql(struct scan *scan, struct migration_file file, unsigned wanted)
{
	const struct filename_rules *rules = &scan->options->names;

	if (!filename_is_sql(file.name, rules))
		return;
	filename_parse(scan->arena, file.name, rules, &file.parts);
	/* callbackLocations may have any files */
	if (file.parts.kind == FILENAME_INVALID && (wanted & WANT_MIGRATIONS) &&
	    is_there(file.file))
		note_invalid(scan, file.name, &file.parts);
	else if (is_wanted(scan, &file, wanted))
		keep(scan, &file);
}

/* Skips names such as README: the name must be that of a migration or a callback. */
static void take_program(struct scan *scan, struct migration_file file, unsigned wanted)
{
	struct filename_rules rules = scan->options->names;
	const char *extension = program_extension(file.name);

	file.program = program_kind_of(&scan->options->programs, file.name);
	if (file.program == NULL)
		return;
	rules.suffixes = (struct str_list){&extension, 1};
	filename_parse(scan->arena, file.name, &rules, &file.parts);
	if (file.parts.kind == FILENAME_INVALID && file.program->executor != NULL)
		scan->passed_over++;
	if (is_wanted(scan, &file, wanted))
		keep(scan, &file);
}

static void take(struct scan *scan, const struct candidates *candidates, unsigned wanted)
{
	for (size_t i = 0; i < candidates->n; i++) {
		const struct candidate *candidate = &candidates->items[i];
		struct migration_file file = {
			.file = candidate->file,
			.name = fs_base_name(candidate->file->path),
			.config = candidate->config,
		};

		take_sql(scan, file, wanted);
		take_program(scan, file, wanted);
	}
}

/* To leave a migration out would be worse than an error. */
static bool report_foreign_programs(const struct scan *scan, const struct candidates *candidates,
                                    struct error *err)
{
	const struct layout *layout = scan->options->names.layout;

	for (size_t i = 0; i < candidates->n; i++) {
		const char *path = candidates->items[i].file->path;

		if (layout_is_foreign_program(layout, fs_base_name(path)))
			return error_set(err, ERROR_GENERAL,
			                 "%s is a program, and only %s itself can run it", path,
			                 layout->name);
	}
	return true;
}

static bool report_names(const struct scan *scan, struct error *err)
{
	if (scan->invalid_names == 0)
		return true;
	if (scan->options->validate_naming) {
		error_set(err, ERROR_GENERAL, "Invalid SQL filenames found:%s", scan->invalid.ptr);
		for (size_t i = 0; i < scan->meant.n; i++)
			error_explain(err, NOTE_NEXT, "%s", scan->meant.items[i]);
		return false;
	}
	log_info(scan->log,
	         "%zu SQL migrations were detected but not run because they did not follow the "
	         "filename convention.",
	         scan->invalid_names);
	log_info(scan->log,
	         "Set 'validateMigrationNaming' to true to fail fast and see a list of the "
	         "invalid file names.");
	for (size_t i = 0; i < scan->meant.n; i++)
		log_cflyway(scan->log, "%s", scan->meant.items[i]);
	return true;
}

/* DIFFERS: Flyway treats an unreadable script as missing. */
static bool report_unreadable(const struct scan *scan, struct error *err)
{
	const struct location_file *file = scan->unreadable;

	return file == NULL || location_fail_unreadable(file->path, false, file->unreadable, err);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void append(struct arena *arena, struct migration_files *files,
                   const struct migration_files *more)
{
	struct migration_file *items = arena_array(arena, files->n + more->n, sizeof(items[0]));

	if (files->n > 0)
		memcpy(items, files->items, files->n * sizeof(items[0]));
	if (more->n > 0)
		memcpy(&items[files->n], more->items, more->n * sizeof(items[0]));
	files->items = items;
	files->n += more->n;
}

/* --- layouts ------------------------------------------------------------------------------- */

static struct layout_evidences find_evidences(const struct scan *scan,
                                              const struct candidates *candidates)
{
	struct layout_evidences evidences = {0};

	for (size_t i = 0; i < candidates->n; i++)
		layout_evidence_add(scan->scratch, scan->options, candidates->items[i].file,
		                    &evidences);
	return evidences;
}

/* Sets the options of the scan to own, which has the layout that the files have. */
static bool choose_layout(struct scan *scan, const struct candidates *candidates,
                          struct resolve_options *own, struct error *err)
{
	const struct layout_evidences evidences = find_evidences(scan, candidates);
	enum layout_kind kind;

	if (!layout_detect(&evidences, scan->log, &kind, err))
		return false;
	*own = *scan->options;
	own->names.layout = layout_of(kind);
	scan->options = own;
	return true;
}

/* Says which layout reads the files, if Flyway's names are those of none. */
static void give_hint(const struct scan *scan, const struct candidates *candidates)
{
	for (size_t i = 0; i < scan->files->n; i++)
		if (is_migration(scan->files->items[i].parts.kind))
			return;
	if (scan->invalid_names + scan->passed_over == 0 || scan->options->detects_layout)
		return;
	const struct layout_evidences evidences = find_evidences(scan, candidates);
	layout_hint(&evidences, scan->log);
}

static bool look_at_layout(const struct scan *scan, const struct candidates *candidates,
                           struct error *err)
{
	if (scan->options->names.layout != NULL)
		return report_foreign_programs(scan, candidates, err) &&
		       layout_arrange(scan->arena, scan->options, scan->log, scan->files, err);
	give_hint(scan, candidates);
	return true;
}

/* ------------------------------------------------------------------------------------------- */

/* Adds the files of these locations that are wanted. */
static bool scan_list(struct arena *arena, const struct resolve_options *options,
                      const struct log *log, const struct location_list *locations, unsigned wanted,
                      struct migration_files *files, struct error *err)
{
	struct arena scratch = ARENA_EMPTY;
	struct migration_files found_files = {0};
	struct candidates found;
	struct resolve_options own;
	struct scan scan = {
		.arena = arena,
		.scratch = &scratch,
		.options = options,
		.log = log,
		.files = &found_files,
	};
	/* Where no migration is used, a bad one must not be in the way. */
	bool has_layout = (wanted & WANT_MIGRATIONS) && !options->skip_unreadable_migrations;

	buf_init(&scan.invalid, INT_MAX);
	bool ok = list_candidates(&scan, locations, &found, err);
	if (ok && has_layout && options->detects_layout)
		ok = choose_layout(&scan, &found, &own, err);
	if (ok) {
		take(&scan, &found, wanted);
		ok = report_names(&scan, err) && report_unreadable(&scan, err) &&
		     (!has_layout || look_at_layout(&scan, &found, err));
	}
	append(arena, files, &found_files);
	buf_release(&scan.invalid);
	arena_release(&scratch);
	return ok;
}

bool scan_locations(struct arena *arena, const struct resolve_options *options,
                    const struct log *log, struct migration_files *files, struct error *err)
{
	unsigned wanted = options->has_callback_locations ? WANT_MIGRATIONS
	                                                  : WANT_MIGRATIONS | WANT_CALLBACKS;

	*files = (struct migration_files){0};
	if (options->locations.n == 0 && options->fail_on_missing_locations)
		return error_set(err, ERROR_GENERAL,
		                 "Unable to resolve location classpath:db/migration.");
	return scan_list(arena, options, log, &options->locations, wanted, files, err);
}

bool scan_callback_locations(struct arena *arena, const struct resolve_options *options,
                             const struct log *log, struct migration_files *files,
                             struct error *err)
{
	return !options->has_callback_locations ||
	       scan_list(arena, options, log, &options->callback_locations, WANT_CALLBACKS, files,
	                 err);
}
