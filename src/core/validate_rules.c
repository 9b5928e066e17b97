/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate_rules.c - the rules of validate: what is wrong between files and history
 *
 * The rules are asked in Flyway's order and the first that fits decides: a checksum mismatch hides
 * a changed description, an ignored pattern hides everything.
 */
#include "cflyway/core/validate_rules.h"

#include "cflyway/base/about.h"
#include "cflyway/migration/seeds.h"

#include <inttypes.h>

struct checker {
	struct arena *arena;
	const struct info *info;
	const struct pattern_list *patterns;
	bool ignores_missing, ignores_pending, ignores_ignored, ignores_future;
	struct validate_errors *errors;
	struct validate_errors *changes; /* of files that may change; NULL: none may */
};

static void append(struct arena *arena, struct validate_errors *list, struct validate_error error)
{
	list->items = arena_grow(arena, list->items, list->n, sizeof(*list->items));
	list->items[list->n++] = error;
}

PRINTF(4, 5)
static void add(struct checker *checker, const struct info_entry *entry, enum error_code code,
                const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *message = arena_vprintf(checker->arena, format, args);
	va_end(args);
	append(checker->arena, checker->errors, (struct validate_error){code, message, entry});
}

/* Version, or the description of a repeatable. */
static const char *name_of(const struct info_entry *entry)
{
	return info_entry_is_versioned(entry) ? info_entry_version(entry)->text
	                                      : info_entry_description(entry);
}

/* Failed, and not merely a failed future migration while future ones are ignored. */
static bool check_failed(struct checker *checker, const struct info_entry *entry)
{
	if (!state_spec(entry->state)->is_failed)
		return false;
	if (entry->state == STATE_FUTURE_FAILED && checker->ignores_future)
		return false;
	if (info_entry_is_versioned(entry))
		add(checker, entry, ERROR_FAILED_VERSIONED_MIGRATION,
		    "Detected failed migration to version %s (%s).\nPlease remove any half-completed "
		    "changes then run repair to fix the schema history.",
		    info_entry_version(entry)->text, info_entry_description(entry));
	else
		add(checker, entry, ERROR_FAILED_REPEATABLE_MIGRATION,
		    "Detected failed repeatable migration: %s.\nPlease remove any half-completed "
		    "changes then run repair to fix the schema history.",
		    info_entry_description(entry));
	return true;
}

static bool check_not_resolved(struct checker *checker, const struct info_entry *entry)
{
	enum migration_state state = entry->state;

	if (entry->file != NULL || migration_type_is_synthetic(entry->row->type) ||
	    migration_type_is_undo(entry->row->type) || state == STATE_SUPERSEDED)
		return false;
	/* A seed of another mode: none is missed. */
	if (state == STATE_SUCCESS && seed_is_script(entry->row->script))
		return false;
	if (checker->ignores_missing && state == STATE_MISSING_SUCCESS)
		return false;
	if (checker->ignores_future &&
	    (state == STATE_FUTURE_SUCCESS || state == STATE_FUTURE_FAILED))
		return false;
	add(checker, entry,
	    info_entry_is_versioned(entry) ? ERROR_APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED
	                                   : ERROR_APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED,
	    "Detected applied migration not resolved locally: %s.\nIf you removed this migration "
	    "intentionally, run repair to mark the migration as deleted.",
	    name_of(entry));
	return true;
}

static bool check_not_applied(struct checker *checker, const struct info_entry *entry)
{
	if (entry->state == STATE_IGNORED && !checker->ignores_ignored && entry->file != NULL &&
	    !migration_type_is_baseline(entry->file->type) && !entry->file->is_switched_off) {
		add(checker, entry, ERROR_RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED,
		    "Detected resolved migration not applied to database: %s.\nTo ignore this "
		    "migration, set -ignoreMigrationPatterns='*:ignored'. To allow executing this "
		    "migration, set -outOfOrder=true.",
		    name_of(entry));
		return true;
	}
	if (checker->ignores_pending)
		return false;
	if (entry->state == STATE_PENDING) {
		bool versioned = info_entry_is_versioned(entry);

		add(checker, entry,
		    versioned ? ERROR_RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED
		              : ERROR_RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED,
		    "Detected resolved %smigration not applied to database: %s.\nTo fix this error, "
		    "either run migrate, or set -ignoreMigrationPatterns='*:pending'.",
		    versioned ? "" : "repeatable ", name_of(entry));
		return true;
	}
	if (entry->state == STATE_OUTDATED) {
		add(checker, entry, ERROR_OUTDATED_REPEATABLE_MIGRATION,
		    "Detected outdated resolved repeatable migration that should be re-applied to "
		    "database: %s.\nRun migrate to execute this migration.",
		    info_entry_description(entry));
		return true;
	}
	return false;
}

static void add_mismatch(struct checker *checker, const struct info_entry *entry,
                         enum error_code code, const char *what, const char *applied,
                         const char *resolved)
{
	bool versioned = info_entry_is_versioned(entry);

	add(checker, entry, code,
	    "Migration %s mismatch for migration %s%s\n-> Applied to database : %s\n"
	    "-> Resolved locally    : %s\nEither revert the changes to the migration, or run repair "
	    "to update the schema history.",
	    what, versioned ? "version " : "",
	    versioned ? info_entry_version(entry)->text : entry->row->script, applied, resolved);
}

static const char *print_checksum(struct arena *arena, int32_t checksum)
{
	return arena_printf(arena, "%" PRId32, checksum);
}

/*
 * The checksum of a repeatable counts only where a changed one would not simply run again. The
 * state of the migration also accepts the checksum before placeholder replacement; this rule does
 * not: such a row passes validate and fails in migrate, until repair aligns it.
 */
static bool checksum_counts(const struct checker *checker, const struct info_entry *entry)
{
	if (info_entry_is_versioned(entry))
		return true;
	return checker->ignores_pending && entry->state != STATE_OUTDATED &&
	       entry->state != STATE_SUPERSEDED;
}

/* cflyway.onChangedFile=warn */
static void add_change(struct checker *checker, const struct info_entry *entry)
{
	const struct history_row *row = entry->row;
	bool versioned = info_entry_is_versioned(entry);
	const char *message = arena_printf(
		checker->arena,
		"%s has changed since it was applied%s%s: its checksum was %" PRId32
		", and is %" PRId32 " now",
		entry->file->path, versioned ? " as version " : "",
		versioned ? row->version.text : "", row->checksum, entry->file->checksum);

	append(checker->arena, checker->changes,
	       (struct validate_error){ERROR_CHECKSUM_MISMATCH, message, entry});
}

static void check_mismatch(struct checker *checker, const struct info_entry *entry)
{
	const struct history_row *row = entry->row;
	const struct migration *file = entry->file;
	const struct info *info = checker->info;

	if (row == NULL || file == NULL || row->type == MIGRATION_DELETE ||
	    migration_type_is_undo(row->type))
		return;
	if (version_is_set(&row->version) && info->has_applied_baseline &&
	    version_compare(&row->version, &info->applied_baseline) <= 0)
		return;
	if (row->type != file->type) {
		add_mismatch(checker, entry, ERROR_TYPE_MISMATCH, "type",
		             migration_type_name(row->type), migration_type_name(file->type));
		return;
	}
	if (checksum_counts(checker, entry) && row->has_checksum &&
	    row->checksum != file->checksum) {
		if (checker->changes == NULL) {
			add_mismatch(checker, entry, ERROR_CHECKSUM_MISMATCH, "checksum",
			             print_checksum(checker->arena, row->checksum),
			             print_checksum(checker->arena, file->checksum));
			return;
		}
		add_change(checker, entry);
	}
	const char *description = history_abbreviate_description(checker->arena, file->description);
	if (strcmp(row->description, description) != 0)
		add_mismatch(checker, entry, ERROR_DESCRIPTION_MISMATCH, "description",
		             row->description, description);
}

static void check_entry(struct checker *checker, const struct info_entry *entry)
{
	if (entry->state == STATE_UNDONE || entry->state == STATE_ABOVE_TARGET ||
	    entry->state == STATE_DELETED)
		return;
	if (info_entry_matches(entry, checker->patterns))
		return;
	if (check_failed(checker, entry) || entry->is_left_out)
		return;
	if (entry->row != NULL && check_not_resolved(checker, entry))
		return;
	if (check_not_applied(checker, entry))
		return;
	check_mismatch(checker, entry);
}

void validate_info(struct arena *arena, const struct info *info,
                   const struct pattern_list *patterns, struct validate_errors *errors,
                   struct validate_errors *changes)
{
	struct checker checker = {
		.arena = arena,
		.info = info,
		.patterns = patterns,
		.ignores_missing = pattern_list_ignores(patterns, PATTERN_MISSING),
		.ignores_pending = pattern_list_ignores(patterns, PATTERN_PENDING),
		.ignores_ignored =
			info->has_picks || pattern_list_ignores(patterns, PATTERN_IGNORED),
		.ignores_future = pattern_list_ignores(patterns, PATTERN_FUTURE),
		.errors = errors,
		.changes = changes,
	};

	*errors = (struct validate_errors){0};
	for (size_t i = 0; i < info->n; i++)
		check_entry(&checker, &info->entries[i]);
}
