/* SPDX-License-Identifier: Apache-2.0 */
/* validate_pairs.c - finds files of a pair whose other file is missing (validate) */
#include "cflyway/core/validate_pairs.h"

#include "cflyway/base/ascii.h"

/* Does the name, without its suffix, end with the marker? Flyway's names have no markers. */
static bool has_marker(const struct migration *migration, const struct filename_rules *rules,
                       const char *marker)
{
	struct str name = str_of(migration->file_name);

	if (name.len == 0 || !ascii_is_digit(name.ptr[0]))
		return false;
	for (size_t i = 0; i < rules->suffixes.n; i++) {
		struct str suffix = str_of(rules->suffixes.items[i]);

		if (str_ends(name, suffix))
			return str_ends(str_sub(name, 0, name.len - suffix.len), str_of(marker));
	}
	return false;
}

static bool has_other(const struct migration_list *migrations, const struct migration *migration)
{
	for (size_t i = 0; i < migrations->n; i++) {
		const struct migration *other = migrations->items[i];

		if (migration_is_undo(other) != migration_is_undo(migration) &&
		    version_is_set(&other->version) &&
		    version_compare(&other->version, &migration->version) == 0)
			return true;
	}
	return false;
}

static void add(struct arena *arena, const struct migration *migration, enum error_code code,
                const char *message, struct validate_errors *errors)
{
	struct info_entry *entry = arena_alloc(arena, sizeof(*entry));

	*entry = (struct info_entry){.file = migration, .state = STATE_PENDING};
	errors->items = arena_grow(arena, errors->items, errors->n, sizeof(*errors->items));
	errors->items[errors->n++] = (struct validate_error){code, message, entry};
}

void validate_pairs(struct arena *arena, const struct layout *layout,
                    const struct filename_rules *rules, const struct migration_list *migrations,
                    struct validate_errors *errors)
{
	for (size_t i = 0; i < migrations->n; i++) {
		const struct migration *migration = migrations->items[i];
		const bool is_undo = migration_is_undo(migration);

		if (!version_is_set(&migration->version) ||
		    !has_marker(migration, rules,
		                is_undo ? layout->undo_marker : layout->up_marker) ||
		    has_other(migrations, migration))
			continue;
		if (is_undo)
			add(arena, migration, ERROR_UNDO_WITHOUT_VERSIONED_MIGRATION,
			    arena_printf(arena,
			                 "Detected undo migration without migration: %s (%s).\nAdd "
			                 "the migration that it takes back, or remove the file.",
			                 migration->version.text, migration->script),
			    errors);
		else
			add(arena, migration, ERROR_VERSIONED_MIGRATION_WITHOUT_UNDO,
			    arena_printf(
				    arena,
				    "Detected migration without undo migration: %s (%s).\nAdd a "
				    "file that ends with %s, or leave %s out of the name.",
				    migration->version.text, migration->script, layout->undo_marker,
				    layout->up_marker),
			    errors);
	}
}
