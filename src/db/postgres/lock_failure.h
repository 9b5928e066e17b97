/* SPDX-License-Identifier: Apache-2.0 */
/* lock_failure.h - says who was in the way of a statement that failed for it */
#ifndef CFLYWAY_DB_POSTGRES_LOCK_FAILURE_H
#define CFLYWAY_DB_POSTGRES_LOCK_FAILURE_H

#include "postgres.h"

/* Once the connection has been made. */
void pg_lock_failure_init(struct postgres *pg);

/*
 * The server has just refused a statement: because it got no lock in time, or to end a deadlock?
 * Then err gets a cause: who holds locks on its tables now, or the statements of the deadlock, as
 * far as they can be seen. detail is the server's, or NULL. Any other state: nothing happens.
 */
void pg_lock_failure_explain(struct postgres *pg, const char *sqlstate, const char *detail,
                             struct error *err);

#endif
