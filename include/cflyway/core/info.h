/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info.h - what is known of each migration: file, history row, state (info_make.h makes it)
 */
#ifndef CFLYWAY_CORE_INFO_H
#define CFLYWAY_CORE_INFO_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/core/migration_state.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/cherry_pick.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>
#include <stddef.h>

struct info_entry {
	const struct migration *file;  /* NULL: only in the history */
	const struct history_row *row; /* NULL: only on disk */
	bool is_out_of_order;          /* of the row: applied after a higher version */
	bool is_deleted;               /* of the row: a DELETE row follows */
	bool is_undone;                /* of the row: an UNDO_SQL row follows */
	bool is_left_out;              /* cherryPick is on and does not name it */
	unsigned pick;                 /* else: the place in cherryPick's list */
	enum migration_state state;
	const struct migration *undo_file;       /* its undo migration, NULL: none */
	const struct history_row *undo_row;      /* an undo row of its version, NULL: none */
	const struct history_row *taken_back_by; /* the row that takes its row back, NULL: none */
};

struct info_options {
	const char *target; /* as configured: "latest", "current", "next", "2.1", "2.1?" */
	/* as if target ended with "?"; DIFFERS: Flyway accepts failOnMissingTarget=false only */
	bool target_may_be_missing;
	bool out_of_order;
	struct cherry_pick picks; /* without items: all count */
};

/* In the order in which Flyway shows, validates and runs them. Read-only once made. */
struct info {
	struct info_entry *entries;
	size_t n;
	struct version last_resolved; /* EMPTY: no versioned file */
	struct version last_applied;  /* EMPTY: none */
	bool has_applied_baseline;
	struct version applied_baseline;
	bool has_picks; /* cherryPick is on */
	bool target_is_next;
	struct version target_version; /* EMPTY: target is no version */
};

/* Row or file, whichever there is (the row first). */
const struct version *info_entry_version(const struct info_entry *entry);
const char *info_entry_description(const struct info_entry *entry);
enum migration_type info_entry_type(const struct info_entry *entry);
bool info_entry_is_versioned(const struct info_entry *entry);
bool info_entry_is_undo(const struct info_entry *entry); /* an undo migration or its row */

/* "Yes", "No", or "" where the question does not arise: the column Undoable. */
const char *info_entry_undoable(const struct info_entry *entry);

/* Does it match a pattern (ignoreMigrationPatterns)? */
bool info_entry_matches(const struct info_entry *entry, const struct pattern_list *patterns);

/* Has it a row that counts when the schema's version is looked for? May be without version. */
bool info_entry_gives_version(const struct info_entry *entry);

/* How many migrations would migrate apply? */
size_t info_count_pending(const struct info *info);

/* The entry that makes the schema's version: NULL in an empty history. May be without version. */
const struct info_entry *info_current(const struct info *info);

#endif
