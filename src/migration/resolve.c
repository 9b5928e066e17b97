/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.c - from files to migrations: sorted, without duplicates, with their checksums
 *
 * Files are read in Flyway's order, because it decides which of several errors is reported:
 * versioned, repeatable and baseline migrations; SQL before programs.
 */
#include "cflyway/migration/resolve.h"

#include "cflyway/migration/checksum.h"
#include "duplicates.h"
#include "scan.h"

#include <stdlib.h>

static bool sum_plain(struct migration *migration, const struct resolve_options *options,
                      struct error *err)
{
	const char *path = migration->path, *encoding = migration->encoding;
	bool is_large;

	if (options->sum_large == NULL || migration->program != NULL)
		return checksum_file(path, encoding, &migration->checksum, err);
	return checksum_small_file(path, encoding, &migration->checksum, &is_large, err) &&
	       (!is_large || options->sum_large(options->ctx, migration, err));
}

static bool read_file(struct migration *migration, const struct resolve_options *options,
                      struct error *err)
{
	const char *path = migration->path;
	const struct placeholders *placeholders = options->placeholders;
	const char *file_name = migration->placeholder_name;

	if (!scan_detect_encoding(migration, options, err))
		return false;
	migration->has_checksum = true;
	if (migration->program != NULL) {
		placeholders = options->program_placeholders;
		file_name = NULL; /* measured: FP__flyway_filename__ has no value here */
	}
	if (!migration_is_versioned(migration) && migration->replace_placeholders)
		return checksum_file_replaced(path, migration->encoding, placeholders, file_name,
		                              &migration->raw_checksum, &migration->checksum, err);
	if (!sum_plain(migration, options, err))
		return false;
	migration->raw_checksum = migration->checksum;
	return true;
}

static int compare_items(const void *a, const void *b)
{
	const struct migration *const *left = a, *const *right = b;

	return duplicates_compare(*left, *right);
}

/* Adds the files of one kind, SQL or programs. */
static bool read_files(const struct resolve_options *options, const struct migration_files *files,
                       enum filename_kind kind, bool programs, struct migration *migrations,
                       struct migration_list *list, struct error *err)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct migration_file *file = &files->items[i];
		struct migration *migration = &migrations[list->n];

		if (file->parts.kind != kind || (file->program != NULL) != programs)
			continue;
		*migration = scan_describe(file, options);
		if (!read_file(migration, options, err))
			return false;
		list->items[list->n++] = migration;
	}
	return true;
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
	for (size_t i = 0; i < COUNT(order); i++)
		if (!read_files(options, files, order[i], false, migrations, list, err))
			return false;
	for (size_t i = 0; i < COUNT(order); i++)
		if (!read_files(options, files, order[i], true, migrations, list, err))
			return false;
	qsort(list->items, list->n, sizeof(list->items[0]), compare_items);
	return duplicates_drop(list, err);
}
