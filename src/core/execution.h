/*
 * execution.h - one call of execute_steps: what its parts share
 */
#ifndef CFLYWAY_CORE_EXECUTION_H
#define CFLYWAY_CORE_EXECUTION_H

#include "listen.h"

#include "cflyway/core/execute.h"

struct execution {
	struct executor *executor;
	const struct run *run;
	struct step *steps;
	size_t n;
	struct step *current;
	struct hearing hearing;
	bool has_started; /* the guards have passed and the first line is out */
	int64_t started_ms;
	size_t completed; /* statements of the current script that are done, for the report */
	bool holds_session_lock;
	bool committed_itself; /* the current script has ended a transaction */
	bool is_committing;
};

/* --- run_script.c -------------------------------------------------------------------------- */

/* Sends all statements of a script and waits for the last. */
enum db_status run_script(struct execution *execution, struct step *step, struct error *err);

/* After a COMMIT or ROLLBACK of its own the script goes on in a new transaction, as with JDBC. */
bool continue_transaction(struct execution *execution, struct error *err);

/* --- failure.c ----------------------------------------------------------------------------- */

/* Completes the error and logs "Migration of … failed! …". Always returns STEP_FAILED. */
enum step_status report_failure(const struct execution *execution, struct error *err);

/* After a connection that was lost during COMMIT: adds a line that tells how it ended. */
void note_commit_outcome(const struct execution *execution, struct error *err);

#endif
