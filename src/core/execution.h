/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execution.h - one call of execute_steps: what its parts share
 */
#ifndef CFLYWAY_CORE_EXECUTION_H
#define CFLYWAY_CORE_EXECUTION_H

#include "script_listener.h"

#include "cflyway/core/execute.h"
#include "cflyway/migration/callback.h"

struct execution {
	struct executor *executor;
	const struct run *run;
	struct step *steps;
	size_t n;
	struct step *current;
	struct script_listener listener;
	bool has_started; /* the guards have passed and the first line is out */
	int64_t started_ms;
	size_t completed; /* statements of the current script that are done, for the report */
	bool holds_session_lock;
	bool committed_itself;     /* the current script has ended a transaction */
	bool is_closing;           /* its row or COMMIT has failed */
	bool in_script;            /* its line is out: a failure now is the script's */
	bool has_callbacks_before; /* something comes between the guards and the script */
	bool has_statement_events;
};

/* --- guard.c -------------------------------------------------------------------------------- */

/* What begin_guarded and prepare_guarded are to make sure of before the current step. */
struct db_guard make_guard(const struct execution *execution);

/*
 * A failure may come from a migration that another program has applied meanwhile, behind our guard:
 * under repeatable read the guard sees the past. Then it is no failure, but a reason to plan again.
 */
bool history_has_changed(const struct execution *execution);

/* --- history_commit.c ---------------------------------------------------------------------- */

/* Writes the row of a step. */
MUST_USE bool row_insert(struct execution *execution, struct step *step, bool success,
                         struct error *err);

/* The same at the end of the transaction, with its COMMIT. */
MUST_USE bool row_commit(struct execution *execution, struct step *step, struct error *err);

/* May row and COMMIT of the current step wait for the beginning of the next one? */
bool row_may_wait(const struct execution *execution);

/* Queues row and COMMIT that wait, if there are any, before what the next step sends. */
MUST_USE bool row_queue(struct execution *execution, struct error *err);

/* The driver says that a COMMIT is through. */
void row_committed(struct execution *execution);

/*
 * After a failure: waits until it is known whether they are through. False if they are not: err is
 * theirs then.
 */
MUST_USE bool row_await_commit(struct execution *execution, struct error *err);

/* Reports that they have failed. STEP_FAILED or STEP_STALE. */
MUST_USE enum step_status row_fail(struct execution *execution, struct error *err);

/* --- run_script.c -------------------------------------------------------------------------- */

/* Sends all statements of a script and waits for the last, or runs the program. */
MUST_USE enum db_status run_script(struct execution *execution, struct step *step,
                                   struct error *err);

/* After a COMMIT or ROLLBACK of its own the script goes on in a new transaction, as with JDBC. */
MUST_USE bool continue_transaction(struct execution *execution, struct error *err);

/* --- migration_events.c ------------------------------------------------------------------- */

/* Finds out which callbacks there are for the migrations of a run. */
void migration_events_open(struct execution *execution);

/* Fires an event of the current migration, on its connection and in its transaction. */
MUST_USE bool migration_event(struct execution *execution, enum event event, struct error *err);

/* The same after a failure: an error of a callback takes the place of err. Returns true if none. */
bool migration_event_after_failure(struct execution *execution, enum event event,
                                   struct error *err);

/* --- failure.c ----------------------------------------------------------------------------- */

enum error_code failure_code(const struct migration *migration);

/* Names script and line of the statement that the database refused; false if there is none. */
bool name_failed_statement(const struct execution *execution, enum error_code code,
                           struct error *err);

/* The script of the current migration has failed: names the statement, fires the events for it. */
void fail_script(struct execution *execution, struct error *err);

/* After a script outside of a transaction: lines of our own about what it has left half-done. */
void warn_about_leftovers(const struct execution *execution);

/* Completes the error and logs "Migration of … failed! …". Always returns STEP_FAILED. */
enum step_status report_failure(const struct execution *execution, struct error *err);

/* After a connection that was lost during COMMIT: adds a line that tells how it ended. */
void note_commit_outcome(const struct execution *execution, struct error *err);

#endif
