/* SPDX-License-Identifier: Apache-2.0 */
/*
 * callback_script.h - one script of a callback, and which of them there are
 */
#ifndef CFLYWAY_CORE_CALLBACK_SCRIPT_H
#define CFLYWAY_CORE_CALLBACK_SCRIPT_H

#include "cflyway/core/callbacks.h"
#include "cflyway/core/script_traits.h"

/* The callbacks of one event, in their order. */
struct callback_list callbacks_of(const struct run *run, enum event event);

/* How a callback that is SQL shares a transaction. */
enum callback_transaction {
	CALLBACK_OWN, /* one of its own, if its statements allow it; role and search path are set */
	CALLBACK_OPEN, /* the one that is open; nothing is set */
	CALLBACK_NONE, /* none is open; nothing is set */
};

/* Logs the line and runs the script on run->db. Errors: as callbacks_run. */
MUST_USE bool callback_execute(const struct run *run, const struct callback *callback,
                               enum callback_transaction transaction, struct error *err);

/*
 * What the callbacks inside of a migration do to transaction, lock and session concerns it as much
 * as its own script.
 */
void callbacks_add_traits(const struct run *run, struct script_traits *traits);

/* Notes in err what had failed before it. */
void callback_note_first(struct error *err, const struct error *first);

#endif
