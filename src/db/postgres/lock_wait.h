/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_wait.h - says who holds what a statement waits for
 *
 * A server that waits for a lock says nothing. After the first second, and seldom after that, a
 * second, short connection asks it who is in the way. What does not wait so long costs nothing.
 */
#ifndef CFLYWAY_DB_POSTGRES_LOCK_WAIT_H
#define CFLYWAY_DB_POSTGRES_LOCK_WAIT_H

#include "probe.h"

/* Once the connection has been made. */
void pg_lock_wait_init(struct postgres *pg);

/* Looks, and tells what has not been told yet. Finds nobody, or cannot look: says nothing. */
void pg_lock_wait_look(struct postgres *pg);

/* Would it find the right session? Asked before pg_lock_wait_ask. */
bool pg_lock_wait_may_look(const struct postgres *pg);

/*
 * Runs a query, with the number of our process in place of $1, on a second connection where it can
 * neither wait nor change anything. stops_early: it is not needed any more when pg's own answer
 * comes. pg_probe_close follows.
 */
void pg_lock_wait_ask(struct postgres *pg, const char *sql, bool stops_early,
                      struct pg_probe *probe);

#endif
