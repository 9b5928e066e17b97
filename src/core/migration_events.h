/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_events.h - the events of a single migration
 *
 * Their callbacks share its connection and its transaction, and are rolled back with it.
 */
#ifndef CFLYWAY_CORE_MIGRATION_EVENTS_H
#define CFLYWAY_CORE_MIGRATION_EVENTS_H

#include "execution.h"

#include "cflyway/base/attr.h"
#include "cflyway/migration/callback.h"

#include <stdbool.h>

/* Finds out which callbacks there are for the steps of an execution, and what they do. */
void migration_events_open(struct execution *execution);

/* Fires an event of the current migration. */
MUST_USE bool migration_event(struct execution *execution, enum event event, struct error *err);

/* The same after a failure: an error of a callback takes the place of err. Returns true if none. */
bool migration_event_after_failure(struct execution *execution, enum event event,
                                   struct error *err);

#endif
