/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step_start.h - what comes before the script of a step: guards, events and lines
 */
#ifndef CFLYWAY_CORE_STEP_START_H
#define CFLYWAY_CORE_STEP_START_H

#include "execution.h"

#include "cflyway/base/attr.h"

#include <stdbool.h>
#include <stdint.h>

/* Which step is next: makes it the current one. */
void step_choose(struct execution *execution, struct step *step);

/*
 * The guards of the first step passed so long ago: lock and history are ours. Without events before
 * the script the step is announced; does nothing at a second call. ctx: the execution.
 */
void step_guards_passed(void *ctx, int64_t ago_ms);

/* "Migrating …": the script of the current step began so long ago. */
void step_announce(struct execution *execution, int64_t ago_ms);

/* Logs a stage for programs that show a progress. */
void step_log_stage(const struct execution *execution, const struct step *step,
                    enum progress_stage stage);

/*
 * Before the transaction of the first step: fires the events of the owner already, if the lock of
 * the transaction would keep the connections of callbacks out.
 */
MUST_USE bool step_start_early(struct execution *execution, struct error *err);

/* The events of the owner, before the current step. */
MUST_USE bool step_fire_before(struct execution *execution, struct error *err);

/*
 * After the guards were sent: with events before the script, waits until the guards are known to
 * have passed, fires the events and announces the step.
 */
MUST_USE enum db_status step_start(struct execution *execution, struct error *err);

#endif
