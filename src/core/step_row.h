/* SPDX-License-Identifier: Apache-2.0 */
/* step_row.h - the history row of a step */
#ifndef CFLYWAY_CORE_STEP_ROW_H
#define CFLYWAY_CORE_STEP_ROW_H

#include "cflyway/core/run.h"
#include "cflyway/core/step.h"
#include "cflyway/db/history.h"

#include <stdbool.h>

/*
 * The row that stands for a step which has run, or which has failed outside of a transaction.
 * Not for an undo that deletes a row, if it has run.
 *
 * last_rank: the highest installed_rank before it, -1 without rows.
 */
struct history_row step_row(const struct run *run, const struct step *step, int last_rank,
                            bool success);

/*
 * Do the rows show that the step has run? rows: NULL if there is no history table. rank and success
 * are those of its row, which must not be one of another program with the same rank.
 */
bool step_is_recorded(const struct run *run, const struct step *step, int rank, bool success,
                      const struct history_rows *rows);

#endif
