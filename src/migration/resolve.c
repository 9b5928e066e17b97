/*
 * resolve.c - from files to migrations: sorted, without duplicates, with their checksums
 *
 * The order of work is Flyway's, because it decides which of several errors is reported: locations
 * and script configurations, names, checksums of versioned, repeatable and baseline migrations,
 * duplicates.
 */
#include "cflyway/migration/resolve.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/charset.h"
#include "cflyway/base/fs.h"
#include "cflyway/migration/checksum.h"
#include "duplicates.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct migration_file {
	const struct location_file *file;
	const char *name;
	struct filename parts;
	struct script_config config;
};

bool migration_is_versioned(const struct migration *migration)
{
	return version_is_set(&migration->version);
}

bool migration_checksum_matches(const struct migration *migration, int32_t stored)
{
	return stored == migration->checksum ||
	       (!migration_is_versioned(migration) && stored == migration->raw_checksum);
}

/* --- scanning ------------------------------------------------------------------------------ */

struct scan {
	struct arena *arena;
	const struct resolve_options *options;
	const struct log *log;
	struct location_files *found;  /* of each location */
	struct script_config *configs; /* of the files that have one, in their order */
	size_t configs_n;
	struct migration_files *files;
	size_t invalid_names;
	struct buf invalid; /* the message about them */
};

/* Of all files that have one, scripts or not: measured. */
static bool read_configs(struct scan *scan, const struct location_files *found, struct error *err)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct location_file *file = &found->items[i];

		if (!file->has_config)
			continue;
		scan->configs = arena_grow(scan->arena, scan->configs, scan->configs_n,
		                           sizeof(scan->configs[0]));
		if (!script_config_read(scan->arena, file->path, true, scan->options->encoding,
		                        &scan->configs[scan->configs_n++], err))
			return false;
	}
	return true;
}

static bool scan_location(struct scan *scan, size_t i, struct error *err)
{
	const struct resolve_options *options = scan->options;
	struct location location = options->locations.items[i];

	if (options->working_directory)
		location = location_below(scan->arena, &location, options->working_directory);
	return location_scan(scan->arena, &location, options->fail_on_missing_locations, scan->log,
	                     &scan->found[i], err) &&
	       read_configs(scan, &scan->found[i], err);
}

/* All files of all locations, with their configurations. */
static void list_files(struct scan *scan)
{
	struct migration_files *files = scan->files;
	size_t total = 0, config = 0;

	for (size_t i = 0; i < scan->options->locations.n; i++)
		total += scan->found[i].n;
	files->items = arena_array(scan->arena, total, sizeof(files->items[0]));
	for (size_t i = 0; i < scan->options->locations.n; i++) {
		for (size_t j = 0; j < scan->found[i].n; j++) {
			struct migration_file *file = &files->items[files->n++];

			file->file = &scan->found[i].items[j];
			file->name = fs_base_name(file->file->path);
			if (!file->file->has_config)
				continue;
			assert(scan->configs); /* read_configs was here */
			file->config = scan->configs[config++];
		}
	}
}

static bool scan_locations(struct scan *scan, struct error *err)
{
	size_t n = scan->options->locations.n;

	if (n == 0 && scan->options->fail_on_missing_locations)
		return error_set(err, ERROR_ERROR,
		                 "Unable to resolve location classpath:db/migration.");
	scan->found = arena_array(scan->arena, n, sizeof(scan->found[0]));
	for (size_t i = 0; i < n; i++)
		if (!scan_location(scan, i, err))
			return false;
	list_files(scan);
	return true;
}

/* --- names --------------------------------------------------------------------------------- */

static void check_name(struct scan *scan, const struct migration_file *file)
{
	if (file->parts.kind != FILENAME_INVALID)
		return;
	scan->invalid_names++;
	buf_add(&scan->invalid, "\r\n");
	buf_add(&scan->invalid, file->parts.message);
}

static bool report_names(const struct scan *scan, struct error *err)
{
	if (scan->invalid_names == 0)
		return true;
	if (scan->options->validate_naming)
		return error_set(err, ERROR_ERROR, "Invalid SQL filenames found:%s",
		                 scan->invalid.ptr);
	log_info(scan->log,
	         "%zu SQL migrations were detected but not run because they did not follow the "
	         "filename convention.",
	         scan->invalid_names);
	log_info(scan->log,
	         "Set 'validateMigrationNaming' to true to fail fast and see a list of the "
	         "invalid file names.");
	return true;
}

static bool check_names(struct scan *scan, struct error *err)
{
	const struct filename_rules *rules = &scan->options->names;

	buf_init(&scan->invalid, INT_MAX);
	for (size_t i = 0; i < scan->files->n; i++) {
		struct migration_file *file = &scan->files->items[i];

		file->parts = (struct filename){.kind = FILENAME_INVALID};
		if (!filename_is_sql(file->name, rules))
			continue;
		filename_parse(scan->arena, file->name, rules, &file->parts);
		check_name(scan, file);
	}
	bool ok = report_names(scan, err);
	buf_release(&scan->invalid);
	return ok;
}

/* --- what is kept and what is refused ------------------------------------------------------ */

static bool is_migration(enum filename_kind kind)
{
	return kind == FILENAME_VERSIONED || kind == FILENAME_REPEATABLE ||
	       kind == FILENAME_BASELINE;
}

/* Measured: "R.sql" has a valid name, but it is nothing: no more than prefix and suffix. */
static bool has_substance(const struct migration_file *file, const struct str_list *suffixes)
{
	struct str name = str_of(file->name);

	for (size_t i = 0; i < suffixes->n; i++) {
		struct str suffix = str_of(suffixes->items[i]);

		if (str_ends_nocase(name, suffix) &&
		    name.len > strlen(file->parts.prefix) + suffix.len)
			return true;
	}
	return false;
}

/* Of scripts that are not SQL; most of those without an extension are none at all. */
static const char *const script_extensions[] = {"", ".sh", ".bash", ".py", ".ps1", ".bat", ".cmd"};

/* NULL if the file cannot be a script. */
static const char *script_extension(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *extension = dot && dot[1] != '\0' ? dot : "";

	for (size_t i = 0; i < COUNT(script_extensions); i++)
		if (str_eq_nocase(str_of(extension), str_of(script_extensions[i])))
			return extension;
	return NULL;
}

/* A name such as README is not meant: it must be one of a migration or a callback. */
static bool check_script(struct scan *scan, const struct migration_file *file, struct error *err)
{
	struct filename_rules rules = scan->options->names;
	struct migration_file as_script = *file;
	const char *extension = script_extension(file->name);

	if (!extension)
		return true;
	rules.suffixes = (struct str_list){&extension, 1};
	filename_parse(scan->arena, file->name, &rules, &as_script.parts);
	if (as_script.parts.kind == FILENAME_CALLBACK)
		return error_refuse(err, "%s is a callback, and callbacks are not supported yet.",
		                    file->file->path);
	if (!is_migration(as_script.parts.kind) || scan->options->skip_default_resolvers ||
	    !has_substance(&as_script, &rules.suffixes))
		return true;
	return error_refuse(err,
	                    "%s is a script migration, and migrations that are not SQL are not "
	                    "supported yet.",
	                    file->file->path);
}

static bool check_callback(const struct scan *scan, const struct migration_file *file,
                           struct error *err)
{
	if (file->parts.kind != FILENAME_CALLBACK || scan->options->skip_default_callbacks)
		return true;
	return error_refuse(err, "%s is a callback, and callbacks are not supported yet.",
	                    file->file->path);
}

static bool keep_migrations(struct scan *scan, struct error *err)
{
	const struct str_list *suffixes = &scan->options->names.suffixes;
	struct migration_files *files = scan->files;
	size_t kept = 0;

	for (size_t i = 0; i < files->n; i++) {
		const struct migration_file *file = &files->items[i];

		if (!check_callback(scan, file, err) || !check_script(scan, file, err))
			return false;
		if (is_migration(file->parts.kind) && !scan->options->skip_default_resolvers &&
		    has_substance(file, suffixes))
			files->items[kept++] = *file;
	}
	files->n = kept;
	return true;
}

bool resolve_scan(struct arena *arena, const struct resolve_options *options, const struct log *log,
                  struct migration_files *files, struct error *err)
{
	struct scan scan = {.arena = arena, .options = options, .log = log, .files = files};

	*files = (struct migration_files){0};
	return scan_locations(&scan, err) && check_names(&scan, err) && keep_migrations(&scan, err);
}

/* --- reading ------------------------------------------------------------------------------- */

static struct migration describe(const struct migration_file *file,
                                 const struct resolve_options *options)
{
	const struct script_config *config = &file->config;
	bool is_baseline = file->parts.kind == FILENAME_BASELINE;

	return (struct migration){
		.type = is_baseline ? MIGRATION_SQL_BASELINE : MIGRATION_SQL,
		.version = file->parts.version,
		.description = file->parts.description,
		.script = file->file->relative,
		.path = file->file->path,
		.absolute_path = file->file->absolute,
		.file_name = file->name,
		.placeholder_name = file->parts.placeholder,
		.config = *config,
		.encoding = config->encoding ? config->encoding : options->encoding,
		.replace_placeholders = config->placeholder_replacement == UNSET
	                                        ? options->placeholder_replacement
	                                        : config->placeholder_replacement == YES,
	};
}

static bool read_file(struct migration *migration, const struct resolve_options *options,
                      struct error *err)
{
	const char *path = migration->path;

	if (options->detect_encoding && !migration->config.encoding &&
	    !charset_detect(path, &migration->encoding, err))
		return false;
	if (!migration_is_versioned(migration) && migration->replace_placeholders)
		return checksum_file_replaced(path, migration->encoding, options->placeholders,
		                              migration->placeholder_name, &migration->raw_checksum,
		                              &migration->checksum, err);
	if (!checksum_file(path, migration->encoding, &migration->checksum, err))
		return false;
	migration->raw_checksum = migration->checksum;
	return true;
}

static int compare_items(const void *a, const void *b)
{
	const struct migration *const *left = a, *const *right = b;

	return duplicates_compare(*left, *right);
}

bool resolve_migrations(struct arena *arena, const struct resolve_options *options,
                        const struct migration_files *files, struct migration_list *list,
                        struct error *err)
{
	static const enum filename_kind order[] = {
		FILENAME_VERSIONED,
		FILENAME_REPEATABLE,
		FILENAME_BASELINE,
	};
	struct migration *migrations = arena_array(arena, files->n, sizeof(migrations[0]));

	*list = (struct migration_list){
		.items = arena_array(arena, files->n, sizeof(list->items[0])),
	};
	for (size_t k = 0; k < COUNT(order); k++) {
		for (size_t i = 0; i < files->n; i++) {
			struct migration *migration = &migrations[list->n];

			if (files->items[i].parts.kind != order[k])
				continue;
			*migration = describe(&files->items[i], options);
			if (!read_file(migration, options, err))
				return false;
			list->items[list->n++] = migration;
		}
	}
	qsort(list->items, list->n, sizeof(list->items[0]), compare_items);
	return duplicates_drop(list, err);
}
