/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps_run.h - runs the steps of a plan: one after the other, or as a group
 */
#ifndef CFLYWAY_CORE_STEPS_RUN_H
#define CFLYWAY_CORE_STEPS_RUN_H

#include "cflyway/base/attr.h"
#include "cflyway/core/execute.h"

#include <stdbool.h>
#include <stddef.h>

struct steps_run {
	const struct run *run;
	struct executor *executor;
	struct step *steps;
	size_t n;
	/* Called before the error of a script that must not run; NULL: nothing comes before it. */
	void (*refused)(void *ctx);
	void *ctx;

	/* Results, also after a failure: the first steps, */
	size_t ran;     /* ... that have run, even if they were rolled back with their group */
	size_t done;    /* ... that count as done, with those that a trial left out */
	size_t untried; /* ... of them that it left out */
	bool is_mixed;  /* the group was refused, because its scripts can share no transaction */
};

/*
 * Checks each script, and runs it. Errors: those of script_check.h and execute.h; "Detected both
 * transactional and non-transactional migrations within the same migration group …".
 */
MUST_USE enum step_status steps_run_all(struct steps_run *steps_run, struct error *err);

#endif
