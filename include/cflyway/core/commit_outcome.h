/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit_outcome.h - finds out how a COMMIT ended whose answer was lost with the connection
 *
 * Only the server knows it then. A new connection takes the lock of the history, so that the lost
 * transaction has ended, and reads the history. Nothing is tried again by itself.
 */
#ifndef CFLYWAY_CORE_COMMIT_OUTCOME_H
#define CFLYWAY_CORE_COMMIT_OUTCOME_H

#include "cflyway/base/error.h"
#include "cflyway/core/run.h"
#include "cflyway/db/history.h"

#include <stdbool.h>

struct commit_question {
	/* Do the rows show that it has succeeded? rows: NULL if there is no history table. */
	bool (*has_succeeded)(const void *ctx, const struct history_rows *rows);
	const void *ctx;
	bool is_locked; /* the lost transaction held the lock: once it is free, all is known */
	/* The sentences, up to the name of the table, which ends them. */
	const char *succeeded; /* "The migration has been applied: its row is in" */
	const char *failed;    /* "The migration has not been applied: its row is not in" */
	const char *missing;   /* "Its outcome is not known yet: the row is not in" */
	const char *unknown;   /* "Whether the migration has been applied is shown by info." */
};

enum commit_outcome {
	COMMIT_FAILED, /* nothing was committed */
	COMMIT_SUCCEEDED,
	COMMIT_UNKNOWN,
};

/*
 * Call it after each failure of what may have been committed. Adds a note to err if the connection
 * is lost: what has happened, or that it could not be found out.
 */
enum commit_outcome commit_outcome_note(const struct run *run,
                                        const struct commit_question *question, struct error *err);

#endif
