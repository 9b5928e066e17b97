/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout_arrange.c - what the files of a layout mean together: order, versions, undo
 *
 * Versions of equal numbers: the first file in the order of the names keeps the number, and the
 * others get a second part, 000.1 and 000.2. A file that comes behind the others changes none of
 * their versions; renamed to V000_1__x.sql, it still has the version that the history knows.
 */
#include "layout_arrange.h"

#include "migration_file.h"

#include "cflyway/base/fs.h"

#include <stdlib.h>
#include <string.h>

/* The files of one layout that migrate, sorted. */
struct sorted {
	struct migration_file **items;
	size_t n;
};

static bool is_of_layout(const struct migration_file *file)
{
	return file->parts.stem.len > 0;
}

static int compare_names(const void *a, const void *b)
{
	const struct migration_file *const *left = a, *const *right = b;
	int order = strcmp((*left)->name, (*right)->name);

	return order != 0 ? order : strcmp((*left)->file->absolute, (*right)->file->absolute);
}

static struct sorted sort_by_name(struct arena *arena, const struct migration_files *files)
{
	struct sorted sorted = {.items = arena_array(arena, files->n, sizeof(sorted.items[0]))};

	for (size_t i = 0; i < files->n; i++)
		if (is_of_layout(&files->items[i]) &&
		    files->items[i].parts.kind == FILENAME_VERSIONED)
			sorted.items[sorted.n++] = &files->items[i];
	qsort(sorted.items, sorted.n, sizeof(sorted.items[0]), compare_names);
	return sorted;
}

/* --- checks -------------------------------------------------------------------------------- */

static bool check_markers(const struct layout *layout, const struct migration_files *files,
                          struct error *err)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct migration_file *file = &files->items[i];
		const struct layout *other = layout_foreign_marker(layout, file->parts.stem);

		if (is_of_layout(file) && other != NULL)
			return error_set(err, ERROR_GENERAL,
			                 "%s has a name of the layout %s, but cflyway.layout is %s",
			                 file->file->path, other->name, layout->name);
	}
	return true;
}

static bool check_order(const struct layout *layout, const struct sorted *sorted, struct error *err)
{
	for (size_t i = 1; i < sorted->n; i++) {
		const struct migration_file *before = sorted->items[i - 1];
		const struct migration_file *after = sorted->items[i];

		if (version_compare(&before->parts.version, &after->parts.version) > 0)
			return error_set(
				err, ERROR_GENERAL,
				"In the layout %s files are ordered by their names, and %s comes "
				"before %s: fill the numbers with zeros so that all have the same "
				"length",
				layout->name, before->file->path, after->file->path);
	}
	return true;
}

/* --- equal numbers ------------------------------------------------------------------------- */

static bool set_version(struct arena *arena, struct version *version, const struct version *first,
                        size_t index, struct error *err)
{
	return version_parse(arena, arena_printf(arena, "%s.%zu", first->text, index), version,
	                     err);
}

/* The same file may have been found through two locations, such as sql and ./sql. */
static bool is_same_file(struct arena *arena, const struct migration_file *a,
                         const struct migration_file *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(fs_canonical(arena, a->file->absolute),
	                                               fs_canonical(arena, b->file->absolute)) == 0;
}

static bool count_equals(struct arena *arena, const struct sorted *sorted, struct error *err)
{
	struct version first = version_empty();
	size_t index = 0;

	for (size_t i = 0; i < sorted->n; i++) {
		struct migration_file *file = sorted->items[i];
		const struct migration_file *before = i > 0 ? sorted->items[i - 1] : NULL;

		file->is_counted = true;

		if (before != NULL && is_same_file(arena, before, file)) {
			file->parts.version = before->parts.version;
			continue;
		}
		if (before == NULL || version_compare(&first, &file->parts.version) != 0) {
			first = file->parts.version;
			index = 0;
		} else if (!set_version(arena, &file->parts.version, &first, ++index, err)) {
			return false;
		}
	}
	return true;
}

/* --- rollbacks ----------------------------------------------------------------------------- */

static struct str folder_of(const struct migration_file *file)
{
	return (struct str){file->file->absolute,
	                    strlen(file->file->absolute) - strlen(file->name)};
}

static int compare_texts(struct str a, struct str b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_stems(const void *a, const void *b)
{
	const struct migration_file *const *left = a, *const *right = b;
	int order = compare_texts((*left)->parts.stem, (*right)->parts.stem);

	return order != 0 ? order : compare_names(a, b);
}

static struct sorted sort_by_stem(struct arena *arena, const struct sorted *by_name)
{
	struct sorted sorted = {arena_array(arena, by_name->n, sizeof(sorted.items[0])),
	                        by_name->n};

	for (size_t i = 0; i < sorted.n; i++)
		sorted.items[i] = by_name->items[i];
	qsort(sorted.items, sorted.n, sizeof(sorted.items[0]), compare_stems);
	return sorted;
}

/* The position of the first file with this stem, or of one with a later stem. */
static size_t find_stem(const struct sorted *by_stem, struct str stem)
{
	size_t low = 0, high = by_stem->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_texts(by_stem->items[middle]->parts.stem, stem) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The file of the same name without the marker; rather the one in the same folder. */
static const struct migration_file *find_partner(const struct sorted *by_stem,
                                                 const struct migration_file *undo)
{
	const struct migration_file *found = NULL;

	for (size_t i = find_stem(by_stem, undo->parts.stem); i < by_stem->n; i++) {
		const struct migration_file *file = by_stem->items[i];

		if (!str_eq(file->parts.stem, undo->parts.stem))
			break;
		if (str_eq(folder_of(file), folder_of(undo)))
			return file;
		if (found == NULL)
			found = file;
	}
	return found;
}

static void pair_rollbacks(struct arena *arena, const struct layout *layout, const struct log *log,
                           const struct sorted *sorted, struct migration_files *files)
{
	const struct sorted by_stem = sort_by_stem(arena, sorted);

	for (size_t i = 0; i < files->n; i++) {
		struct migration_file *file = &files->items[i];

		if (!is_of_layout(file) || file->parts.kind != FILENAME_UNDO)
			continue;
		const struct migration_file *partner = find_partner(&by_stem, file);
		if (partner != NULL) {
			file->parts.version = partner->parts.version;
			continue;
		}
		log_cflyway(log, "%s takes nothing back: there is no %.*s without %s",
		            file->file->path, (int)file->parts.stem.len, file->parts.stem.ptr,
		            layout->undo_marker);
		file->parts.kind = FILENAME_INVALID;
	}
}

static void remove_invalid(struct migration_files *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < files->n; i++)
		if (files->items[i].parts.kind != FILENAME_INVALID)
			files->items[kept++] = files->items[i];
	files->n = kept;
}

/* --- parts --------------------------------------------------------------------------------- */

static bool read_parts(const struct resolve_options *options, const struct migration_file *file,
                       struct file_parts *parts, struct error *err)
{
	struct migration migration = migration_file_describe(file, options);

	return migration_file_detect_encoding(&migration, options, err) &&
	       file_parts_read(migration.path, migration.encoding, options->names.layout->parts,
	                       parts, err);
}

/* The file as one of its parts. What its own configuration says about transactions wins. */
static struct migration_file make_part(struct arena *arena, const struct layout *layout,
                                       const struct file_parts *parts,
                                       const struct migration_file *file, enum script_part part)
{
	struct migration_file made = *file;

	made.part = (struct part_of_file){layout->parts, part};
	if (part == PART_DOWN)
		made.parts.kind = FILENAME_UNDO;
	if (parts->without_transaction[part] && file->config->execute_in_transaction == UNSET) {
		struct script_config *config = arena_alloc(arena, sizeof(*config));

		*config = *file->config;
		config->execute_in_transaction = NO;
		made.config = config;
	}
	return made;
}

/* Makes a migration, and its undo migration if it is there, of each file. */
static bool divide(struct arena *arena, const struct resolve_options *options,
                   struct migration_files *files, struct error *err)
{
	const struct layout *layout = options->names.layout;
	bool has_undo = options->names.undo_prefix[0] != '\0';
	struct migration_files divided = {
		.items = arena_array(arena, 2 * files->n, sizeof(divided.items[0])),
	};

	for (size_t i = 0; i < files->n; i++) {
		const struct migration_file *file = &files->items[i];
		struct file_parts parts;

		if (!is_of_layout(file) || file->program != NULL) {
			divided.items[divided.n++] = *file;
			continue;
		}
		if (!read_parts(options, file, &parts, err))
			return false;
		divided.items[divided.n++] = make_part(arena, layout, &parts, file, PART_UP);
		if (parts.has[PART_DOWN] && has_undo)
			divided.items[divided.n++] =
				make_part(arena, layout, &parts, file, PART_DOWN);
	}
	*files = divided;
	return true;
}

/* ------------------------------------------------------------------------------------------- */

bool layout_arrange(struct arena *arena, const struct resolve_options *options,
                    const struct log *log, struct migration_files *files, struct error *err)
{
	const struct layout *layout = options->names.layout;
	const struct sorted sorted = sort_by_name(arena, files);

	if ((layout->order == LAYOUT_BY_NAME && !check_order(layout, &sorted, err)))
		return false;
	if (layout->parts != NULL)
		return divide(arena, options, files, err);
	if (!check_markers(layout, files, err))
		return false;
	if (layout->equal_numbers == LAYOUT_EQUAL_COUNTED) {
		if (!count_equals(arena, &sorted, err))
			return false;
		pair_rollbacks(arena, layout, log, &sorted, files);
		remove_invalid(files);
	}
	return true;
}
