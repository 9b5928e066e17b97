/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execution.h - the state of an executor and of one call of it, for the files that work on it
 */
#ifndef CFLYWAY_CORE_EXECUTION_H
#define CFLYWAY_CORE_EXECUTION_H

#include "flush_delay.h"
#include "script_run.h"

#include "cflyway/core/progress_event.h"
#include "cflyway/core/step.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A step that has run, while its row and COMMIT wait for the next one. */
struct waiting_row {
	struct step *step; /* NULL: none waits */
	int rank_before;   /* last_rank without it; set when it is sent */
	enum db_flush flush;
};

struct executor {
	const struct run *run;
	const struct step_hooks *hooks;
	int last_rank; /* highest installed_rank that is known; grows with each step */
	struct progress_events progress;
	struct flush_delay delay;
	struct waiting_row waiting;
	const struct migration *failed; /* after STEP_FAILED: whose script is to blame */
};

/* Where a call is; a failure is reported by it. */
enum execution_phase {
	PHASE_GUARDS, /* waits for lock and history: no line is out */
	PHASE_BEFORE, /* the guards have passed: what comes before the script */
	PHASE_SCRIPT, /* "Migrating …" is out: a failure is the script's */
	PHASE_AFTER,  /* the script has ended: events, end of its transaction, lock, row */
	PHASE_COMMIT, /* row and COMMIT are sent together: a failure is no script's */
};

/* One call of execute_steps. */
struct execution {
	struct executor *executor;
	const struct run *run;
	struct step *steps;
	size_t n;
	const struct step *next; /* checked, for the next call; NULL: none */
	bool holds_session_lock; /* all the time: the kind of its scripts asks for it */
	bool has_events_before;  /* something comes between the guards and the script */

	enum execution_phase phase;
	struct step *current;
	struct script_run script; /* of current */
	bool has_refused_commit;  /* the server has, or what is deferred until then */
	bool is_committed; /* after a COMMIT without an answer: it was found to have succeeded */
	bool is_commit_unknown; /* after one: it could not be found out */
	struct statement_hooks statement_hooks;
	int64_t started_ms; /* of current */
	struct db_limits limits;
	bool has_limits; /* current does: limits */
	int tries;       /* of current that have failed, and after which it is run again */
};

#endif
