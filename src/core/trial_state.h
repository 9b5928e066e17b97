/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_state.h - a trial that is under way, for the files that work on it
 */
#ifndef CFLYWAY_CORE_TRIAL_STATE_H
#define CFLYWAY_CORE_TRIAL_STATE_H

#include "cflyway/core/run.h"
#include "cflyway/core/trial_result.h"
#include "cflyway/db/answer_shape.h"
#include "cflyway/sql/statement.h"

/* A relation that was there before the trial. */
struct trial_relation {
	int64_t oid;
	const char *name, *kind;
	int64_t table_oid; /* of an index; else 0 */
	int64_t size_bytes, rows;
	int64_t filenode;                             /* as the trial sees it now; 0: it has none */
	unsigned modes;                               /* bits of the levels that the trial holds */
	const struct migration *locked_by, *named_by; /* who did so last; see held_by */
	int64_t changed[TRIAL_ROW_CHANGES_N], returned; /* as last read: they only grow */
	int64_t reads, writes;                          /* of all sessions: see trial_rates.c */
};

/* Somebody who waits for the trial. */
struct trial_waiter {
	int64_t pid, first_seen_ms;
};

/* A lock of another session that the watcher has seen, before the trial took one itself. */
struct trial_sighting {
	const struct trial_relation *relation;
	size_t level; /* see trial_modes.h */
	struct trial_session session;
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
	struct trial_sighting *sightings;
	size_t sightings_n;
	int64_t others_ms; /* last look at what others use; -1: not yet */
	int64_t rates_ms;  /* how long the tables were watched afterwards */

	struct trial_script *script; /* the current one */
	struct trial_statement *statement;
	struct str sql; /* of it */
	/* Statements that are not measured one by one: how many, and what all of them did. */
	size_t unmeasured_n;
	struct trial_statement unmeasured;
	bool has_noted; /* the error of the run has its notes */
	int64_t statement_started_ms;
	const struct migration *missing;  /* was not tried, and others may need it */
	const struct migration *left_out; /* the same, but what follows is tried */
};

enum { TRIAL_MAX_LISTED = 200 }; /* statements of a script that are listed whatever they do */

/* Since the trial began. */
static inline int64_t trial_now_ms(const struct trial *trial)
{
	const struct clock *clock = trial->run->clock;

	return clock->monotonic_ms(clock) - trial->started_ms;
}

/* --- trial_account.c --- */

/* A statement of which nothing but its place is known yet. */
struct trial_statement trial_make_statement(const struct statement *statement);

/* Lists the statement, and returns it where it is then. */
struct trial_statement *trial_list_statement(struct trial *trial, struct trial_script *script,
                                             struct trial_statement statement);

/* Notes a lock of the current statement that is new. */
void trial_add_lock(struct trial *trial, struct trial_relation *relation, size_t level);

/* Lists a lock of a statement; NULL: it is not worth showing. */
struct trial_lock *trial_list_lock(const struct trial *trial, struct trial_statement *statement,
                                   const struct trial_relation *relation, size_t level);

/* --- trial_watch.c --- */

/* Opens the second connection, and looks at the relations. Without one the trial goes on. */
void trial_watch_open(struct trial *trial);
void trial_watch_close(struct trial *trial);

/* NULL: it was not there before the trial. */
struct trial_relation *trial_find_relation(const struct trial *trial, int64_t oid);

/* Notes the sequences: before the trial, and those that have moved after it. */
void trial_watch_sequences(struct trial *trial);

/* --- trial_changes.c --- */

/* What the last statement took and changed. Errors: the limits cannot be set again. */
MUST_USE bool trial_watch_changes(struct trial *trial, struct error *err);

/* --- trial_rules.c --- */

/* Lists the locks of statements that cannot be tried, because they cannot run in a transaction. */
void trial_note_rules(struct trial *trial, struct trial_script *script);

/* --- trial_rates.c --- */

/* How many reads and writes of others the locks would keep waiting; after the trial. */
void trial_watch_rates(struct trial *trial);

/* --- trial_waits.c --- */

/* Who waits for whom; sets result->stopped if the trial has to end for it. */
void trial_watch_waits(struct trial *trial);

/* --- trial_others.c --- */

/* What other sessions have locked or wait for; at most once a second. */
void trial_watch_others(struct trial *trial);

/* Adds the sessions that have been seen with a lock that conflicts with one of this level. */
void trial_add_conflicts(const struct trial *trial, const struct trial_relation *relation,
                         size_t level, struct trial_sessions *conflicts);

/* --- trial_sessions.c --- */

/* The columns of db_trial_sql.waits and .others, which are the same. */
extern const struct answer_shape trial_session_shape;

/* The session of a row of this shape. */
struct trial_session trial_make_session(const struct trial *trial, const char *const *values,
                                        bool is_granted);

/* Adds the session unless it is there. */
void trial_add_session(struct arena *arena, struct trial_sessions *sessions,
                       const struct trial_session *session);

#endif
