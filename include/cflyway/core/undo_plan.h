/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo_plan.h - which migrations an undo takes back, and in which order
 */
#ifndef CFLYWAY_CORE_UNDO_PLAN_H
#define CFLYWAY_CORE_UNDO_PLAN_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/options.h"
#include "cflyway/core/info.h"
#include "cflyway/core/step.h"

#include <stdbool.h>
#include <stddef.h>

struct undo_options {
	enum undo_history history;
	size_t limit;    /* of runs to undo */
	bool has_undone; /* an earlier plan of the same command has undone some */
};

/* info and rows are borrowed. */
struct undo_plan {
	struct undo_options options;
	const struct info *info;
	const struct history_rows *rows;
	struct step *steps; /* the last applied first */
	size_t n;
	const struct history_row *below_target; /* the run at which the target ended the plan */
};

/*
 * Reads the option steps: how many runs are to be undone; SIZE_MAX for "all". Errors:
 * ERROR_CONFIGURATION if it is neither that nor a number from 1.
 */
MUST_USE bool undo_steps_parse(const char *text, size_t *steps, struct error *err);

/*
 * Plans the undo of the last runs, down to the target version of info if it has one: that is undone
 * as well. A target ends where an undo migration is missing. info was made from rows.
 *
 * With picks: plans the undo of those of them that are applied, in the reverse order of the picks,
 * but none below the target.
 *
 * Errors: "Unable to undo migration to version 2 as no corresponding undo migration has been found."
 * for the first run, and for any of them without a target or with picks; "Detected failed undo of version 2 …".
 */
MUST_USE bool undo_plan_make(struct arena *arena, const struct info *info,
                             const struct history_rows *rows, const struct undo_options *options,
                             struct undo_plan *plan, struct error *err);

/*
 * The rows of the last runs that are still there, at most limit, the last applied first, whether an
 * undo migration is there for them or not. Sets *n.
 */
const struct history_row **undo_plan_last(struct arena *arena, const struct info *info,
                                          size_t limit, size_t *n);

/* The version of the schema when the first n steps have run; NULL: none. */
const char *undo_plan_version_after(struct arena *arena, const struct undo_plan *plan, size_t n);

#endif
