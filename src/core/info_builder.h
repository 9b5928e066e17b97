/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info_builder.h - the making of a struct info: what its parts share
 */
#ifndef CFLYWAY_CORE_INFO_BUILDER_H
#define CFLYWAY_CORE_INFO_BUILDER_H

#include "cflyway/core/info.h"
#include "cflyway/migration/seeds.h"

/* The latest run of a repeatable migration. */
struct latest_run {
	const char *description;
	int rank;
};

struct builder {
	struct arena *arena;
	const struct migration_list *migrations;
	const struct info_options *options;
	struct info *info;
	bool *has_row; /* per file: a row that counts as its run exists */
	struct latest_run *latest;
	size_t latest_count;
	bool has_pending_baseline;
	struct version pending_baseline;
	struct version target;
	bool has_target; /* false: no limit */
};

static inline bool row_is_versioned(const struct history_row *row)
{
	return version_is_set(&row->version);
}

static inline bool is_delete(const struct history_row *row)
{
	return row->type == MIGRATION_DELETE;
}

/* Does the row take a run back? */
static inline bool row_deletes(const struct history_row *row)
{
	return is_delete(row) && row->success;
}

/*
 * Does the row undo a run?
 *
 * DIFFERS: rows of type UNDO_SCRIPT do. Flyway's free edition leaves the version applied
 * (measured), and so does the one that writes such rows, although its script has undone it.
 */
static inline bool row_undoes(const struct history_row *row)
{
	return migration_type_is_undo(row->type) && row->success;
}

/* The row of a seed, whether or not its file is there now. */
static inline bool info_is_seed(const struct history_row *row)
{
	return !row_is_versioned(row) && seed_is_script(row->script);
}

static inline bool row_takes_back(const struct history_row *row)
{
	return row_deletes(row) || row_undoes(row);
}

/* Is there a version, or a baseline, on which the next migration builds? */
static inline bool has_applied_version(const struct info *info)
{
	return info->has_applied_baseline || version_is_set(&info->last_applied);
}

static inline bool is_above_target(const struct builder *builder, const struct version *version)
{
	return builder->has_target && version_compare(version, &builder->target) > 0;
}

/* info_taken_back.c: are there rows that take runs back? */
bool info_has_taken_back(const struct history_rows *rows);

/*
 * For each row that takes a run back, the row of that run; NULL for others, and without. A DELETE
 * row means the last run before it, an undo row the last one that is still there.
 */
const struct history_row **info_find_taken_back(struct arena *arena,
                                                const struct history_rows *rows);

/* info_undoable.c: gives every entry its undo migration and its undo row. */
void info_find_undos(struct builder *builder);

/* info_picked.c: says of every entry whether and where cherryPick names it. The target is known. */
void info_find_picks(struct builder *builder);

/* info_order.c: descriptions compare by UTF-16 code units, as in Java. */
int info_compare_text(const char *a, const char *b);

/* info_order.c: sorts the entries, whose states are known. */
void info_sort(const struct builder *builder);

/* The highest rank among the runs of a repeatable; INT_MIN when there is none. */
int info_latest_rank(const struct builder *builder, const char *description);

/* Does the row of a repeatable fit the file? */
bool info_checksum_is_current(const struct info_entry *entry);

/* Gives every entry its state: info_states.c. */
void info_set_states(const struct builder *builder);

#endif
