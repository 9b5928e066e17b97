/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement_override.h - a statement whose errors and notices errorOverrides may change
 *
 * An error that becomes less than an error must not end the transaction. Where a failed statement
 * would do that, the statement runs in a savepoint.
 */
#ifndef CFLYWAY_CORE_STATEMENT_OVERRIDE_H
#define CFLYWAY_CORE_STATEMENT_OVERRIDE_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/sql/statement.h"

#include <stdbool.h>

struct statement_override {
	const struct run *run;
	enum tx_status before; /* the transaction before the statement */
	bool has_savepoint;
	bool is_copy; /* its rows follow in the script: which of them were read is not known */
};

/* Are there rules, and are statements executed at all? */
bool statement_override_is_on(const struct run *run);

/* Nothing may be in flight. Sets the savepoint if one is needed. */
MUST_USE bool statement_override_begin(struct statement_override *override, const struct run *run,
                                       const struct statement *statement, struct error *err);

/* The statement has succeeded. */
MUST_USE bool statement_override_end(struct statement_override *override, struct error *err);

/*
 * The statement has failed as err says. True if a rule makes less of it: err is cleared then, and
 * the script can go on. Otherwise err is as before, perhaps with a note.
 */
bool statement_override_recover(struct statement_override *override, struct error *err);

/* Logs the line of a rule at its level; a warning also becomes one of the result. */
void statement_override_log(const struct run *run, enum override_behaviour behaviour,
                            const char *line);

#endif
