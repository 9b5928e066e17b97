/* SPDX-License-Identifier: Apache-2.0 */
/*
 * callback_script.h - runs one script of a callback
 */
#ifndef CFLYWAY_CORE_CALLBACK_SCRIPT_H
#define CFLYWAY_CORE_CALLBACK_SCRIPT_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/migration/callback.h"

#include <stdbool.h>

/* How a callback that is SQL shares a transaction. */
enum callback_transaction {
	CALLBACK_OWN, /* one of its own, if its statements allow it; role and search path are set */
	CALLBACK_OPEN, /* the one that is open; nothing is set */
	CALLBACK_NONE, /* none is open; nothing is set */
};

/* What a callback has done to a transaction that it shares, also if it failed. */
struct callback_effect {
	bool has_committed;     /* it has ended the transaction */
	bool is_commit_unknown; /* the connection was lost before the answer to its COMMIT */
};

/*
 * Logs the line and runs the script on run->db. What it did is added to effect (may be NULL).
 * Errors: as callbacks_run.
 */
MUST_USE bool callback_execute(const struct run *run, const struct callback *callback,
                               enum callback_transaction transaction,
                               struct callback_effect *effect, struct error *err);

/* Notes in err what had failed before it. */
void callback_note_first(struct error *err, const struct error *first);

#endif
