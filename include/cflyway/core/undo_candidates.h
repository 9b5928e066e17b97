/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo_candidates.h - what an undo could take back from a database, and when it was applied
 */
#ifndef CFLYWAY_CORE_UNDO_CANDIDATES_H
#define CFLYWAY_CORE_UNDO_CANDIDATES_H

#include "cflyway/base/attr.h"
#include "cflyway/core/run.h"

#include <stdbool.h>
#include <stddef.h>

/* Strings live in the run's arena. */
struct undo_candidate {
	const char *version;
	const char *installed_on; /* as the history has it: a later one is the greater text */
};

struct undo_candidates {
	struct undo_candidate *items; /* the last applied first */
	size_t n;
};

/*
 * Lists at most limit runs that are applied and not taken back, by the history alone: whether there
 * are files that undo them is not looked at. The session is open; changes nothing. Errors: those of
 * reading the history.
 */
MUST_USE bool undo_candidates_list(struct run *run, size_t limit,
                                   struct undo_candidates *candidates, struct error *err);

#endif
