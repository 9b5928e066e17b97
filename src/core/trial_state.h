/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_state.h - a trial that is under way, for the files that work on it
 */
#ifndef CFLYWAY_CORE_TRIAL_STATE_H
#define CFLYWAY_CORE_TRIAL_STATE_H

#include "cflyway/core/run.h"
#include "cflyway/core/trial_result.h"

/* A relation that was there before the trial. */
struct trial_relation {
	int64_t oid;
	const char *name, *kind;
	int64_t size_bytes, rows;
	int64_t filenode;                             /* as the trial sees it now; 0: it has none */
	unsigned modes;                               /* bits of the levels that the trial holds */
	const struct migration *locked_by, *named_by; /* who did so last; see held_by */
	int64_t inserted, updated, deleted, returned; /* as last read: they only grow */
};

/* Somebody who waits for the trial. */
struct trial_waiter {
	int64_t pid, first_seen_ms;
};

struct trial {
	const struct run *run;
	struct trial_result *result;
	int64_t started_ms;

	struct db watcher;                /* a second connection; closed: nobody watches */
	const char *pid;                  /* of the worker */
	struct trial_relation *relations; /* by oid */
	size_t relations_n;
	int64_t wal_bytes;     /* as last read; -1: not yet */
	int64_t held_since_ms; /* writes of others have to wait since then; -1: they need not */
	int64_t watched_ms;    /* last look at who waits */
	struct trial_waiter *waiters;
	size_t waiters_n;

	struct trial_script *script; /* the current one */
	struct trial_statement *statement;
	struct str sql;                    /* of it */
	struct trial_statement unmeasured; /* takes what is found out about those */
	bool has_noted;                    /* the error of the run has its notes */
	int64_t statement_started_ms;
	const struct migration *missing;  /* was not tried, and others may need it */
	const struct migration *left_out; /* the same, but what follows is tried */
};

/* Since the trial began. */
int64_t trial_now_ms(const struct trial *trial);

/* --- trial_watch.c --- */

/* Opens the second connection, and looks at the relations. Without one the trial goes on. */
void trial_watch_open(struct trial *trial);
void trial_watch_close(struct trial *trial);

/* What the last statement took and changed. Errors: the limits cannot be set again. */
MUST_USE bool trial_watch_changes(struct trial *trial, struct error *err);

/* Who waits for whom; sets result->stopped if the trial has to end for it. */
void trial_watch_waits(struct trial *trial);

/* Notes the sequences: before the trial, and those that have moved after it. */
void trial_watch_sequences(struct trial *trial);

#endif
