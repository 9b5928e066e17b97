/* SPDX-License-Identifier: Apache-2.0 */
/*
 * old_history.h - what the history of another tool says, in one form for all of them
 */
#ifndef CFLYWAY_ADOPT_OLD_HISTORY_H
#define CFLYWAY_ADOPT_OLD_HISTORY_H

#include "cflyway/adopt/format.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/core/run.h"

#include <stdbool.h>
#include <stddef.h>

/* What it says of one migration. Strings live in the arena of the run. */
struct old_entry {
	const char *key;           /* what names the migration */
	const char *applied_on;    /* as installed_on; NULL: unknown */
	const char *applied_by;    /* NULL: unknown */
	const char *checksum;      /* NULL: none */
	const char *taken_back_on; /* NULL: never, or unknown when */
	const char *reason;        /* NULL: none */
	enum old_state state;
	size_t parts; /* of a file, that are applied */
};

struct old_history {
	const struct adopt_format *format;
	const char *schema, *table; /* unquoted */
	const char *quoted;
	struct adopt_columns columns;
	struct old_entry *items; /* in the order of the column ADOPT_ORDER, if there is one */
	size_t n;
	bool is_ordered; /* there is one */
};

/* What the user says about the table. */
struct adopt_request {
	const char *from;                        /* auto, a format, custom, a table */
	const char *source;                      /* the table: "name", "schema.name"; NULL */
	const char *store;                       /* of the entries that count; NULL: all */
	const char *columns[ADOPT_COLUMN_COUNT]; /* of custom; NULL: none */
};

/*
 * Finds the history in the database of the run, and says so in a line; reads nothing of it yet.
 * Errors: no table, several of them, columns that no format has, an incomplete description.
 */
MUST_USE bool old_history_find(const struct run *run, const struct adopt_request *request,
                               struct old_history *history, struct error *err);

/*
 * Reads the entries, one for each migration. Errors: those of the database; entries of several
 * stores, without a choice; unknown words for a state; a history that has more than one entry where
 * there can be only one.
 */
MUST_USE bool old_history_read(const struct run *run, const char *store,
                               struct old_history *history, struct error *err);

/*
 * Makes one entry of all that have the same key: the last one counts, in the place of the last one
 * that was applied. Public for tests.
 */
void old_history_merge(struct arena *arena, struct old_history *history);

#endif
