/* SPDX-License-Identifier: Apache-2.0 */
/* pgjdbc_refusals.h - failures that pgjdbc sees where the server sees none, in its words */
#ifndef CFLYWAY_DB_POSTGRES_PGJDBC_REFUSALS_H
#define CFLYWAY_DB_POSTGRES_PGJDBC_REFUSALS_H

#include "postgres.h"

/*
 * Refuses an encoding or date style that pgjdbc does not work with, and that a script has set.
 * pgjdbc closes the connection; here it stays open, to be rolled back.
 */
MUST_USE bool pg_check_parameters(struct postgres *pg, struct error *err);

extern const char pg_copy_refused[]; /* a COPY that the splitter did not see */
extern const char pg_rolled_back[];  /* a COMMIT that was none */

#endif
