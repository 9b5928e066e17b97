/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_callbacks.h - the events of a single migration
 *
 * Their callbacks share its connection and its transaction, and are rolled back with it.
 */
#ifndef CFLYWAY_CORE_MIGRATION_CALLBACKS_H
#define CFLYWAY_CORE_MIGRATION_CALLBACKS_H

#include "execution.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/callback.h"

#include <stdbool.h>

/* Finds out which callbacks there are for the steps of an execution, and what they do. */
void migration_callbacks_open(struct execution *execution);

/* Fires an event of the current migration. event: that of migrate; undo fires its own instead. */
MUST_USE bool migration_callbacks_run(struct execution *execution, enum event event,
                                      struct error *err);

/* The same after a failure: an error of a callback takes the place of err. Returns true if none. */
bool migration_callbacks_run_after_failure(struct execution *execution, enum event event,
                                           struct error *err);

#endif
