/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial.h - one transaction around all that a command does, rolled back at the end
 *
 * After db_trial_begin the connection works as before, but its transactions are savepoints inside
 * the transaction of the trial: a COMMIT checks what a real one would check (deferred constraints)
 * and keeps the savepoint. Nothing that goes through db.h can commit.
 */
#ifndef CFLYWAY_DB_TRIAL_H
#define CFLYWAY_DB_TRIAL_H

#include "cflyway/base/attr.h"
#include "cflyway/db/db.h"

#include <stdbool.h>

/* The SQL with which a trial watches a server. The columns are those that core/trial.c reads. */
struct db_trial_sql {
	const char *session;  /* the process that runs the trial */
	const char *watching; /* beside it: settings of a connection that must never wait */
	const char *survey;   /* the relations, before the trial begins */
	const char *changes; /* in the trial: its locks, files and rows so far; limits again ($1) */
	const char *waits;   /* beside it: who blocks the process $1, and whom it blocks */
	const char *others;  /* beside it: locks of processes other than $1 */
	const char *rates;   /* beside it: how often tables have been read and written so far */
	const char *sequences;
};

struct db_trial_limits {
	int lock_timeout_ms; /* 0: waits for locks as long as it takes */
};

/*
 * Begins the trial on a connection without a transaction. Errors: those of the database; ERROR_
 * GENERAL if it can only be read.
 */
MUST_USE bool db_trial_begin(struct db *db, const struct db_trial_limits *limits,
                             struct error *err);

/* Rolls everything back; the connection is an ordinary one again. Does nothing without a trial. */
void db_trial_end(struct db *db);

/* NULL: this database has nothing to watch. */
const struct db_trial_sql *db_trial_sql(const struct db *db);

#endif
