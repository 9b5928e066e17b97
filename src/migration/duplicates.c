/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duplicates.c - drop files found twice, refuse two files for one version
 *
 * Versions must be unique, and so must the descriptions of repeatables. The list is sorted: entries
 * that collide are neighbours, and so are entries for the same file (script, description, checksum,
 * type).
 */
#include "duplicates.h"

#include "cflyway/base/utf8.h"

#include <string.h>

static int compare_text(const char *a, const char *b)
{
	return utf8_compare_utf16(str_of(a), str_of(b));
}

/* One version may have a migration, a baseline and an undo migration, in this order. */
static int role(const struct migration *migration)
{
	return migration_is_undo(migration) ? 2 : migration_is_baseline(migration);
}

/* Compares the keys that must be unique: version or description. */
static int compare_keys(const struct migration *a, const struct migration *b)
{
	bool is_versioned = migration_is_versioned(a);

	if (is_versioned != migration_is_versioned(b))
		return is_versioned ? -1 : 1;
	if (!is_versioned)
		return compare_text(a->description, b->description);
	int order = version_compare(&a->version, &b->version);
	if (order != 0)
		return order;
	return role(a) - role(b);
}

int duplicates_compare(const struct migration *a, const struct migration *b)
{
	int order = compare_keys(a, b);

	if (order == 0)
		order = compare_text(a->script, b->script);
	return order != 0 ? order : strcmp(a->absolute_path, b->absolute_path);
}

static bool is_same(const struct migration *a, const struct migration *b)
{
	return a->type == b->type && a->checksum == b->checksum &&
	       strcmp(a->script, b->script) == 0 && strcmp(a->description, b->description) == 0;
}

static bool explain(const struct migration *a, const struct migration *b, struct error *err)
{
	if (a->has_checksum && b->has_checksum && a->checksum == b->checksum) {
		error_explain(err, NOTE_CAUSE, "both files have the same text");
		error_explain(err, NOTE_NEXT,
		              "delete one of them, or name locations that have only "
		              "one of them");
	} else if (migration_is_versioned(a) && !migration_is_undo(a)) {
		error_explain(err, NOTE_NEXT,
		              "give the newer file a version that no other file has; a file that "
		              "has been applied somewhere keeps its name");
	} else if (migration_is_undo(a)) {
		error_explain(err, NOTE_NEXT,
		              "make one file of them: a version has one undo "
		              "migration");
	} else {
		error_explain(err, NOTE_NEXT,
		              "give one of them another description: the name of a "
		              "repeatable migration is its key in the history");
	}
	return false;
}

/* Reports in path order. Flyway uses the order of a hash table, which differs by folder. */
static bool report(const struct migration *a, const struct migration *b, struct error *err)
{
	bool in_order = strcmp(a->absolute_path, b->absolute_path) < 0;
	const struct migration *first = in_order ? a : b, *second = in_order ? b : a;
	const char *offenders =
		arena_printf(err->arena, "Offenders:\n-> %s (%s)\n-> %s (%s)", first->absolute_path,
	                     migration_type_name(first->type), second->absolute_path,
	                     migration_type_name(second->type));

	if (migration_is_undo(first))
		error_set(err, ERROR_DUPLICATE_UNDO_MIGRATION,
		          "Found more than one undo migration with version %s\n%s",
		          first->version.text, offenders);
	else if (migration_is_versioned(first))
		error_set(err, ERROR_DUPLICATE_VERSIONED_MIGRATION,
		          "Found more than one migration with version %s\n%s", first->version.text,
		          offenders);
	else
		error_set(err, ERROR_DUPLICATE_REPEATABLE_MIGRATION,
		          "Found more than one repeatable migration with description %s\n%s",
		          first->description, offenders);
	return explain(first, second, err);
}

bool duplicates_drop(struct migration_list *list, struct error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct migration *last = kept > 0 ? list->items[kept - 1] : NULL;
		const struct migration *next = list->items[i];

		if (last != NULL && compare_keys(last, next) == 0) {
			if (!is_same(last, next))
				return report(last, next, err);
			continue;
		}
		list->items[kept++] = next;
	}
	list->n = kept;
	return true;
}
