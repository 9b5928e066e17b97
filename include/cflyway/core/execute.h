/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute.h - runs migrations: script and history row together
 *
 * What shares a transaction, a round trip and a lock with what is doc/transactions.md. This is the
 * only place that writes history rows for scripts.
 */
#ifndef CFLYWAY_CORE_EXECUTE_H
#define CFLYWAY_CORE_EXECUTE_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/core/step.h"

#include <stdbool.h>
#include <stddef.h>

/* Runs the steps of one migrate, plan by plan. */
struct executor;

/* Lives in the arena of the run; hooks is borrowed. */
struct executor *executor_make(const struct run *run, const struct step_hooks *hooks);

/* The steps that follow were planned from a history with this highest installed_rank (-1: none). */
void executor_set_last_rank(struct executor *executor, int last_rank);

/* The same rank; it grows with each step. */
int executor_last_rank(const struct executor *executor);

/* Before the steps of a group of n, however many calls they take: events name their number. */
void executor_expect_steps(struct executor *executor, size_t n);

/*
 * Before n single steps: may their COMMITs leave the disk to a later one (flush_delay.h)? Errors:
 * those of asking the database. executor_end_steps must follow, also after an error of the steps.
 */
MUST_USE bool executor_begin_steps(struct executor *executor, size_t n, struct error *err);

/* Waits for the disk if that was left to a later COMMIT. err: of the steps; NULL: they ran. */
void executor_end_steps(struct executor *executor, struct error *err);

/*
 * Runs n steps in one transaction (all must run in one) or a single step by the rules of its kind.
 * next (may be NULL) is a checked step that the next call will run by itself: then row and COMMIT
 * of this step may wait for it, to share its round trip. A step is applied once its is_done says
 * so: if they wait, it becomes so, or fails, in the next call only.
 */
MUST_USE enum step_status execute_steps(struct executor *executor, struct step *steps, size_t n,
                                        struct step *next, struct error *err);

/* Writes only the rows of n steps, in one transaction (skipExecutingMigrations). */
MUST_USE enum step_status execute_skipped(struct executor *executor, struct step *steps, size_t n,
                                          struct error *err);

/* Do row and COMMIT of a step wait for the next call of execute_steps? */
bool executor_row_waits(const struct executor *executor);

/*
 * Has the user interrupted the run? Then err says so. A step whose row and COMMIT still wait
 * notices that itself.
 */
MUST_USE bool executor_is_interrupted(const struct executor *executor, struct error *err);

/* After STEP_FAILED: whose script is to blame; NULL: none. */
const struct migration *executor_failed(const struct executor *executor);

#endif
