/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adoption.h - decides which rows the history of another tool becomes, and what does not fit
 *
 * Nothing here reads files or asks a database: what is to be known about a file is asked of the
 * caller (struct adopt_facts).
 */
#ifndef CFLYWAY_ADOPT_ADOPTION_H
#define CFLYWAY_ADOPT_ADOPTION_H

#include "cflyway/adopt/digest.h"
#include "cflyway/adopt/old_history.h"
#include "cflyway/config/options.h"
#include "cflyway/core/result.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/* What files say about themselves. Each function is called only where a format needs it. */
struct adopt_facts {
	/* The revision that the script names; the empty view if it names none. */
	struct str (*revision)(void *ctx, const struct migration *file);
	/* Of how many parts the script is made; 0: it is not divided. */
	size_t (*parts)(void *ctx, const struct migration *file);
	enum digest_verdict (*check)(void *ctx, const struct migration *file, const char *checksum);
	void *ctx;
};

struct adopt_options {
	bool skip_missing;   /* entries without a file are left out, and no obstacle */
	bool accept_changed; /* files that have changed are no obstacle */
	enum undo_history undo_history;
	const char *installed_by; /* where the old history does not say it */
};

struct adoption {
	struct history_rows rows; /* ranks from 1; installed_on may be NULL: now */
	struct adopt_line *lines; /* the rows, what has none, and the files that stay pending */
	size_t n;
	struct str_list obstacles; /* sentences: why the rows must not be written */
	bool has_missing;          /* among the entries is one without a file, */
	bool has_changed;          /* or one whose file is an obstacle because it has changed */
};

/* Decides. files are sorted by version, as resolve_sort leaves them. */
void adoption_make(struct arena *arena, const struct old_history *history,
                   const struct migration_list *files, const struct adopt_facts *facts,
                   const struct adopt_options *options, struct adoption *adoption);

/* The same for the rows of Flyway's own table, which stay as they are. */
void adoption_copy(struct arena *arena, const struct history_rows *rows,
                   const struct migration_list *files, struct adoption *adoption);

/* Are the rows the same? Times count where both are known. */
bool adoption_is_there(const struct adoption *adoption, const struct history_rows *rows);

#endif
