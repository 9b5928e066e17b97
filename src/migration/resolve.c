/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.c - turn files into migrations: checksums, order, one for each version
 *
 * Files are read in Flyway's order, because the order decides which of several errors is reported:
 * versioned, repeatable, baseline and undo migrations; SQL before programs.
 */
#include "cflyway/migration/resolve.h"

#include "duplicates.h"
#include "migration_file.h"

#include "cflyway/migration/checksum.h"

#include <stdlib.h>

/* --- describing ---------------------------------------------------------------------------- */

/* Adds the files of one kind, SQL or programs. */
static void describe_kind(const struct resolve_options *options,
                          const struct migration_files *files, enum filename_kind kind,
                          bool programs, struct unsorted_migrations *unsorted)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct migration_file *file = &files->items[i];

		if (file->parts.kind == kind && (file->program != NULL) == programs)
			unsorted->items[unsorted->n++] = migration_file_describe(file, options);
	}
}

void resolve_describe(struct arena *arena, const struct resolve_options *options,
                      const struct migration_files *files, struct unsorted_migrations *unsorted)
{
	static const enum filename_kind order[] = {
		FILENAME_VERSIONED,
		FILENAME_REPEATABLE,
		FILENAME_BASELINE,
		FILENAME_UNDO,
	};

	*unsorted = (struct unsorted_migrations){
		.items = arena_array(arena, files->n, sizeof(unsorted->items[0])),
	};
	for (size_t i = 0; i < COUNT(order); i++)
		describe_kind(options, files, order[i], false, unsorted);
	for (size_t i = 0; i < COUNT(order); i++)
		describe_kind(options, files, order[i], true, unsorted);
}

void resolve_describe_executed(struct arena *arena, const struct resolve_options *options,
                               const struct migration_files *files,
                               struct unsorted_migrations *executed)
{
	*executed = (struct unsorted_migrations){
		.items = arena_array(arena, files->n, sizeof(executed->items[0])),
	};
	for (size_t i = 0; i < files->n; i++) {
		const struct migration_file *file = &files->items[i];

		if (file->program != NULL && file->program->executor != NULL &&
		    !file->is_switched_off)
			executed->items[executed->n++] = migration_file_describe(file, options);
	}
}

/* --- reading ------------------------------------------------------------------------------- */

static bool sum_file(struct migration *migration, bool *is_large, struct error *err)
{
	const char *path = migration->path, *encoding = migration->encoding;

	if (migration->part.syntax != NULL)
		return checksum_part(path, encoding, &migration->part, &migration->checksum, err);
	if (is_large == NULL || migration->program != NULL)
		return checksum_file(path, encoding, &migration->checksum, err);
	return checksum_small_file(path, encoding, &migration->checksum, is_large, err);
}

bool resolve_read(struct migration *migration, const struct resolve_options *options,
                  bool *is_large, struct error *err)
{
	const struct placeholders *placeholders = options->placeholders;
	const char *file_name = migration->placeholder_name;

	if (is_large != NULL)
		*is_large = false;
	if (!migration_file_detect_encoding(migration, options, err))
		return false;
	migration->has_checksum = true;
	if (migration->program != NULL) {
		placeholders = options->program_placeholders;
		file_name = NULL; /* measured: FP__flyway_filename__ has no value here */
	}
	if (!migration_is_versioned(migration) && migration->replace_placeholders)
		return checksum_file_replaced(migration->path, migration->encoding, placeholders,
		                              file_name, &migration->raw_checksum,
		                              &migration->checksum, err);
	if (!sum_file(migration, is_large, err))
		return false;
	migration->raw_checksum = migration->checksum;
	return true;
}

void resolve_set_checksum(struct migration *migration, int32_t checksum)
{
	migration->checksum = migration->raw_checksum = checksum;
}

/* --- sorting ------------------------------------------------------------------------------- */

static int compare_items(const void *a, const void *b)
{
	const struct migration *const *left = a, *const *right = b;

	return duplicates_compare(*left, *right);
}

bool resolve_sort(struct arena *arena, const struct unsorted_migrations *unsorted,
                  struct migration_list *list, struct error *err)
{
	*list = (struct migration_list){
		.items = arena_array(arena, unsorted->n, sizeof(list->items[0])),
		.n = unsorted->n,
	};
	for (size_t i = 0; i < unsorted->n; i++)
		list->items[i] = &unsorted->items[i];
	qsort(list->items, list->n, sizeof(list->items[0]), compare_items);
	return duplicates_drop(list, err);
}
