/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome.h - what a command has left in the database, told after a failure
 *
 * While a command runs, whoever commits something records it. After a failure outcome_note makes
 * notes of it: what holds now, and what to do. Without a failure nobody reads it.
 */
#ifndef CFLYWAY_CORE_OUTCOME_H
#define CFLYWAY_CORE_OUTCOME_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/core/run.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/* What has become of the migration that failed. */
enum outcome_end {
	OUTCOME_NONE,           /* none has failed after it had begun */
	OUTCOME_ROLLED_BACK,    /* with those before it in its transaction */
	OUTCOME_WILL_ROLL_BACK, /* by a server that does not answer, once it notices */
	OUTCOME_STAYS,          /* not all of it is rolled back: other notes say what stays */
	OUTCOME_LOOK,           /* the same, and of its last statement nobody knows */
	OUTCOME_UNKNOWN,        /* whether it was committed */
	OUTCOME_APPLIED,        /* with its row: what failed came later */
};

struct outcome {
	struct arena *arena;
	const char *verb;          /* "migrate": to be typed again */
	struct str_list before;    /* verbs of the same call that may have changed the database */
	struct str_list done;      /* "kept: the new schema history table …": committed */
	struct str_list callbacks; /* paths of those that were committed by themselves */
	/* Migrations, or undo migrations, in the order in which they ran. */
	struct migration_list kept;        /* committed with their rows by this command */
	struct migration_list last;        /* the same, found out when those are not listed yet */
	struct migration_list rolled_back; /* with the one that failed, which is the last */
	const char *doing; /* "cleaning schema x", for an interruption; NULL: nothing to name */
	const char *doing_left; /* what is left of that when it is rolled back; NULL: not known */
	enum outcome_end end;
	const struct migration *failed_row; /* the history says that it has failed; or NULL */
	struct str_list stays; /* paths of scripts with a committed part; empty: the blamed one */
	const char *blamed;    /* path of the script that failed; NULL: none did */
	bool blames_surroundings; /* it can run as it is, once they are right */
};

/* Do nothing where run->outcome is NULL. Texts are copied or live in the arena of the run. */
void outcome_keep(const struct run *run, const struct migration *migration);
void outcome_keep_last(const struct run *run, const struct migration *migration);
void outcome_roll_back(const struct run *run, const struct migration *migration);
void outcome_done(const struct run *run, const char *format, ...) PRINTF(2, 3);
void outcome_callback_done(const struct run *run, const char *path);
void outcome_blame(const struct run *run, const char *path); /* NULL: none any more */
void outcome_doing(const struct run *run, const char *doing, const char *left); /* may be NULL */
void outcome_stays(const struct run *run, const char *path);
void outcome_blame_surroundings(const struct run *run);
void outcome_keep_failed_row(const struct run *run, const struct migration *migration);
void outcome_end_with(const struct run *run, enum outcome_end end);

/*
 * After a failure: adds notes of the kinds outcome and next to err. Claims nothing about changes if
 * err has a note of an outcome already and nothing else is known.
 */
void outcome_note(const struct run *run, struct error *err);

/*
 * After a failure: tells in a cause, if it was a signal, during which verb that was, and what is
 * left of what was being done, unless err says so already. only_reads: the verb.
 */
void outcome_note_interruption(const struct run *run, const char *verb, bool only_reads,
                               struct error *err);

#endif
