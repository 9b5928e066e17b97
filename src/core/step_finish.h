/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step_finish.h - what comes after the script of a step, before its history row
 */
#ifndef CFLYWAY_CORE_STEP_FINISH_H
#define CFLYWAY_CORE_STEP_FINISH_H

#include "execution.h"

#include "cflyway/base/attr.h"

#include <stdbool.h>

/*
 * The script of the current step has run: fires the events after it, and makes sure that the row
 * can be written and that the lock is still held. Errors: also if another program has changed the
 * history while the lock was lost.
 */
MUST_USE bool step_finish(struct execution *execution, struct error *err);

#endif
