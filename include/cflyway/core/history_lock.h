/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history_lock.h - waiting for the lock on the history table
 *
 * One key for Flyway and cflyway, so that they exclude each other: doc/transactions.md.
 */
#ifndef CFLYWAY_CORE_HISTORY_LOCK_H
#define CFLYWAY_CORE_HISTORY_LOCK_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/core/run.h"

#include <stdbool.h>

/*
 * Begins a transaction that holds the lock, trying again every second, in a new transaction each
 * time. Errors: "Number of retries exceeded while attempting to acquire PostgreSQL advisory lock. …".
 */
MUST_USE bool history_lock_begin(const struct run *run, struct error *err);

/* Takes the lock for the session, in the same way. */
MUST_USE bool history_lock_session(const struct run *run, struct error *err);

/* After DB_LOCK_BUSY: returns when the lock was free for a moment, with no transaction open. */
MUST_USE bool history_lock_wait(const struct run *run, struct error *err);

#endif
