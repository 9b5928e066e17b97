/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history_again.h - reads the history again, after it has changed under a plan
 */
#ifndef CFLYWAY_CORE_HISTORY_AGAIN_H
#define CFLYWAY_CORE_HISTORY_AGAIN_H

#include "cflyway/base/attr.h"
#include "cflyway/core/execute.h"
#include "cflyway/db/history.h"

#include <stdbool.h>
#include <stddef.h>

struct history_again {
	int futile_plans; /* made one after the other from the same history */
	size_t done;      /* steps of the last plan that are committed; set by the caller */
};

/*
 * At the end of a run: is the last row that it has committed still there? Asks only if the table
 * has triggers or rules: a deferred one may have removed the row at COMMIT, and the migration would
 * be applied again.
 */
MUST_USE bool history_again_is_kept(const struct history_again *again, const struct run *run,
                                    const struct executor *executor, struct error *err);

/*
 * Reads the whole history, because rows may also have been deleted. Errors: those of history_read;
 * "Interrupted"; a history that is the same time and again, so that the guard can never pass (with
 * ranks below 0, for instance); one without the last row that the plan has committed, which would
 * be planned once more.
 */
MUST_USE bool history_again_read(struct history_again *again, const struct run *run,
                                 const struct executor *executor, struct history_rows *rows,
                                 struct error *err);

#endif
