/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial.h - the dry run that executes (-dryRun=execute)
 *
 * The command runs as always, on a connection whose transactions are savepoints in one that is
 * rolled back at the end (db/trial.h). What this module does besides: it says which scripts cannot
 * be tried, measures each statement, and watches from a second connection whom the trial stops.
 */
#ifndef CFLYWAY_CORE_TRIAL_H
#define CFLYWAY_CORE_TRIAL_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/core/script_traits.h"
#include "cflyway/core/trial_result.h"
#include "cflyway/sql/statement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trial;

/*
 * Begins a trial on run->db and sets run->trial; trial_close must follow, also after a failure.
 * Errors: those of the database; a database that cannot be written.
 */
MUST_USE bool trial_open(struct run *run, struct error *err);

/* Rolls back. Returns what the trial has found out, in the arena of the run; NULL without one. */
const struct trial_result *trial_close(struct run *run);

/*
 * May the script run in a trial? Notes it as not tried otherwise, and a migration as the reason why
 * those after it are not tried, unless they can do without it. event: see trial_result.h.
 */
bool trial_may_run(struct trial *trial, const struct migration *migration, const char *event,
                   const struct script_traits *traits);

/* Has a script been left out? Then that nothing ran does not mean that nothing is pending. */
bool trial_has_untried(const struct trial *trial);

/*
 * Is the statement one that is measured? Of a script with very many statements (n), those that only
 * change rows are counted after the first ones, and sent without waiting for each.
 */
bool trial_measures(struct trial *trial, const struct migration *migration, const char *event,
                    const struct statement *statement, size_t n);

/* Around each statement that is measured. */
void trial_statement_begin(struct trial *trial, const struct migration *migration,
                           const char *event, const struct statement *statement);
/* It has changed so many rows; -1: it counts none. */
void trial_statement_rows(struct trial *trial, int64_t affected);
/* The statement waits or works. */
void trial_statement_waits(struct trial *trial);
/* It has succeeded: looks at what it did. Errors: the trial has to stop, or its limits cannot be
 * set again. */
MUST_USE bool trial_statement_done(struct trial *trial, struct error *err);
void trial_statement_failed(struct trial *trial);

/* All statements of a script have succeeded. */
void trial_script_done(struct trial *trial);

/* The script has failed with err, which gets a note about what the trial has to do with it. */
void trial_script_failed(struct trial *trial, const struct migration *migration, struct error *err);

#endif
