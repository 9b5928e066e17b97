/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo.h - takes applied migrations back with their undo migrations
 */
#ifndef CFLYWAY_CORE_UNDO_H
#define CFLYWAY_CORE_UNDO_H

#include "cflyway/base/attr.h"
#include "cflyway/core/result.h"
#include "cflyway/core/run.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Undoes the last limit runs, or down to target, by the files and the history as they are now, and
 * says so. Fills in what result says about the migrations. Fires the events of each undo. Errors:
 * those of undo_plan.h, of the scripts and of their callbacks, with a note on what was undone
 * before; a run that another program has applied meanwhile.
 */
MUST_USE bool undo_applied(struct run *run, size_t limit, struct undo_result *result,
                           struct error *err);

#endif
