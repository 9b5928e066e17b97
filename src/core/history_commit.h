/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history_commit.h - writes the history row of a migration and commits both
 *
 * COMMIT never shares a round trip with its own script. But when that script is done, and the next
 * one is as plain, the row and COMMIT wait for the next one's BEGIN, guards and statements and are
 * sent with them: one round trip for both. Should they fail, the server skips what follows.
 */
#ifndef CFLYWAY_CORE_HISTORY_COMMIT_H
#define CFLYWAY_CORE_HISTORY_COMMIT_H

#include "execution.h"

#include "cflyway/base/attr.h"

#include <stdbool.h>

/* Writes the row of a step. */
MUST_USE bool row_insert(struct execution *execution, struct step *step, bool success,
                         struct error *err);

/* The same outside of a transaction: it counts at once. */
MUST_USE bool row_insert_alone(struct execution *execution, struct step *step, struct error *err);

/* The same at the end of the transaction, with its COMMIT. */
MUST_USE bool row_commit(struct execution *execution, struct step *step, struct error *err);

/* May row and COMMIT of the current step wait for the beginning of the next one? */
bool row_may_wait(const struct execution *execution);

/* Sends row and COMMIT that wait, if there are any, before what the next step sends. */
MUST_USE bool row_send_waiting(struct execution *execution, struct error *err);

/* The driver reports that their COMMIT has succeeded. */
void row_committed(struct execution *execution);

/*
 * After a failure: waits until it is known whether they have succeeded. False if they have not: err
 * is theirs then.
 */
MUST_USE bool row_await_commit(struct execution *execution, struct error *err);

/* Reports that they have failed. STEP_FAILED or STEP_STALE. */
MUST_USE enum step_status row_fail(struct execution *execution, struct error *err);

#endif
