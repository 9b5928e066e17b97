/* SPDX-License-Identifier: Apache-2.0 */
/*
 * callbacks.h - fires events: runs the scripts that are named after them
 *
 * Without callbacks nothing here costs a round trip. Connections and transactions of the events:
 * doc/transactions.md.
 */
#ifndef CFLYWAY_CORE_CALLBACKS_H
#define CFLYWAY_CORE_CALLBACKS_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/core/script_traits.h"
#include "cflyway/migration/callback.h"

#include <stdbool.h>

/*
 * Finds the callbacks among the files of run->session and sets run->callbacks. Errors: those of
 * callbacks_resolve.
 */
MUST_USE bool callbacks_open(struct run *run, struct error *err);

/* Closes what connections callbacks still have. Also without callbacks_open before it. */
void callbacks_close(struct run *run);

bool callbacks_has(const struct run *run, enum event event);

/* The callbacks of one event, in their order. */
struct callback_list callbacks_of(const struct run *run, enum event event);

/* Are there callbacks that share connection and transaction of a migration? */
bool callbacks_in_migrations(const struct run *run);

/*
 * Adds what the callbacks inside of a migration do to transaction, lock and session: that concerns
 * the migration as much as what its own script does.
 */
void callbacks_add_traits(const struct run *run, struct script_traits *traits);

/* Has any callback run yet that may have changed the database? */
bool callbacks_have_run(const struct run *run);

/*
 * Fires an event of a command. Errors: "Error while executing beforeMigrate callback: …"; those of
 * the splitter as they are.
 */
MUST_USE bool callbacks_run(struct run *run, enum event event, struct error *err);

/*
 * After a failure: fires the event for it. If a callback fails in turn, its error takes the place
 * of the first, as in Flyway, and a note tells the first. Always returns false.
 */
bool callbacks_after_failure(struct run *run, enum event event, struct error *err);

#endif
