/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pooler_check.h - refuses scripts that need a session of their own where there is none
 *
 * Behind a connection pooler that lends a server for one transaction at a time
 * (db->pools_transactions), a script must fit into one transaction and leave nothing in the
 * session. Both functions succeed at once where there is no such pooler. doc/poolers.md has the
 * rules.
 */
#ifndef CFLYWAY_CORE_POOLER_CHECK_H
#define CFLYWAY_CORE_POOLER_CHECK_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"
#include "cflyway/core/script_traits.h"
#include "cflyway/migration/callback.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/*
 * A script of a migration; shares_transaction: with others of a group. Errors: one sentence with
 * the file, the line, the reason and what to do.
 */
MUST_USE bool pooler_check_script(const struct run *run, const struct migration *migration,
                                  const struct script_traits *traits, bool shares_transaction,
                                  struct error *err);

/* The script of a callback; programs have connections of their own. Errors: the same. */
MUST_USE bool pooler_check_callback(const struct run *run, const struct callback *callback,
                                    const struct script_traits *traits, struct error *err);

#endif
