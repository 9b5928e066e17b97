/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_traits.h - what one pass over a script tells, before any of it runs
 */
#ifndef CFLYWAY_CORE_SCRIPT_TRAITS_H
#define CFLYWAY_CORE_SCRIPT_TRAITS_H

#include <stdbool.h>
#include <stddef.h>

struct script_traits {
	size_t statements;         /* 0 for a program */
	size_t size_bytes;         /* of its text, with the placeholders replaced */
	bool runs_in_transaction;  /* by script configuration, settings and statements */
	bool controls_transaction; /* BEGIN, COMMIT, …: needs a session lock and sync points */
	bool controls_by_itself;   /* the same, without what its callbacks do */
	bool may_unlock;           /* may drop a session lock */
	bool changes_session;      /* SET ROLE, SET TRANSACTION, … */
	bool reaches_out;          /* may do what a crash does not undo: see script_check.c */
	bool shares_transaction;   /* SQL callbacks are to run in its transaction */
	/*
	 * What it needs a session of its own for, and in which line (0: not in one); only looked
	 * for where there is none (db->pools_transactions). NULL: nothing.
	 */
	const char *session_need;
	size_t session_need_line;
	const char *side_effect; /* what no rollback takes back; for trials and retries only */
};

#endif
