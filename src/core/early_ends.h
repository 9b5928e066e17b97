/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early_ends.h - what is left of migrations whose scripts have ended their transaction
 *
 * A COMMIT of a script keeps the migrations of the group before it, with their rows, and its own
 * statements up to there, without its row. A ROLLBACK takes all of that back.
 */
#ifndef CFLYWAY_CORE_EARLY_ENDS_H
#define CFLYWAY_CORE_EARLY_ENDS_H

#include "execution.h"

#include "cflyway/base/error.h"

/*
 * After a failure, and outside of any transaction: reads in the history which migrations of the
 * group are kept, records them and those that are rolled back as the outcome of the run, and notes
 * in err which scripts have left something behind. is_told: of the current script, err says so.
 */
void early_ends_record(const struct execution *execution, bool is_told, struct error *err);

#endif
