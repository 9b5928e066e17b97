/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_failure.h - what is reported about a migration that failed: whom to blame, what stays
 */
#ifndef CFLYWAY_CORE_MIGRATION_FAILURE_H
#define CFLYWAY_CORE_MIGRATION_FAILURE_H

#include "execution.h"

#include "cflyway/base/attr.h"

#include <stdbool.h>

/* The script of the current migration has failed: names the statement, fires the events for it. */
void fail_script(struct execution *execution, struct error *err);

/* After a script outside of a transaction: lines of our own about what it has left half-done. */
void warn_about_leftovers(const struct execution *execution);

/* Completes the error and logs "Migration of … failed! …". Always returns STEP_FAILED. */
enum step_status report_failure(const struct execution *execution, struct error *err);

/*
 * After a failure to write the history row of a step and commit it: if the connection is lost, adds
 * a line that tells how it ended, and sets execution->is_committed. rank: the installed_rank of the
 * row.
 */
void note_commit_outcome(struct execution *execution, const struct step *step, int rank,
                         struct error *err);

#endif
