/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgres.h - the handle of a connection to PostgreSQL, which all files of the driver share
 *
 * From the bottom up:
 *
 *     libpq                       the client library
 *     to_primary                  behind a pooler, no standby is to answer
 *     errors, pgjdbc_refusals     what went wrong, in pgjdbc's words
 *     listener, wakeup            what the server says while a script runs, and when it began
 *     probe                       a second, short connection that looks at the first one
 *     silence                     when it says nothing
 *     session_words, lock_wait, lock_failure
 *                                 who is in the way
 *     pipeline                    commands that are sent without waiting in between
 *     own_settings                back to the role after initSql, other time limits
 *     local_settings              what each transaction sets, if the session is not ours alone
 *     query                       SQL of our own; lock, catalog and clean use it
 *     limits                      the time limits of scripts
 *     pooler                      is the session ours alone?
 *     begin, send, copy, commit   begin, statements, COPY data and end of a migration
 *     invalid_indexes             what it may leave behind
 *     other_products              servers that are not PostgreSQL
 *     trial                       a migration that is rolled back
 *     properties, conninfo, connect
 *                                 from the URL to the connection
 *     handle                      from the connection to the handle, and its end
 *     driver                      the table of methods
 *
 * A file keeps its state in a struct of its own that hangs on the handle.
 */
#ifndef CFLYWAY_DB_POSTGRES_POSTGRES_H
#define CFLYWAY_DB_POSTGRES_POSTGRES_H

#include "cflyway/db/driver.h"

#include "libpq.h"

#include <stdbool.h>
#include <stddef.h>

/* What the server is answering. It decides where notices go, and what a failure means. */
enum pg_phase {
	PG_PHASE_OWN,    /* SQL of our own: notices are dropped, but see listener.c */
	PG_PHASE_COMMIT, /* a history row and its COMMIT: dropped as well */
	PG_PHASE_GUARDS, /* what begins a migration: notices are kept until that is done */
	PG_PHASE_SCRIPT, /* a statement of a script: the listener gets them */
};

/* Is the current role the one that the connection had after initSql? */
enum pg_role {
	PG_ROLE_OURS,
	PG_ROLE_UNKNOWN,    /* a script has run that may have changed it */
	PG_ROLE_TO_RESTORE, /* the next query of our own has to go back to it first */
};

struct postgres {
	struct db *db;
	struct libpq pq;
	PGconn *conn;
	PGcancel *cancel; /* made at open: a signal handler must not allocate */
	struct pg_origin {
		const char *role;        /* current user */
		const char *session;     /* session user */
		const char *search_path; /* as SHOW search_path prints it */
	} origin;                        /* as initSql left it; see pg_describe */

	enum pg_phase phase;
	enum pg_role role;
	bool timeouts_set_aside; /* those of the script, in this transaction; see own_settings.h */
	bool has_run_concurrently; /* see pg_note_concurrently */
	bool is_unusable;          /* nothing can be sent any more */
	bool asks_for_options;     /* the URL does: see pg_pooler_check_options */
	size_t sent;               /* statements of a script since the last db_sync */
	struct str_list ignored;   /* what to say about properties, see conninfo.h */
	const char *last_failure;  /* what the server said last before 25P02; may be NULL */
	const char *last_fatal;    /* the same when it ended the session */

	struct pg_pipeline *pipeline;   /* pipeline.c */
	struct str_list local_settings; /* local_settings.c */
	const char *begin_sql;          /* the same; NULL: not made yet */
	struct pg_seen_pooler {
		int server_pid;     /* 0: not known yet */
		bool is_there;      /* it is not the number that we were told on connecting */
	} pooler;                   /* pooler.c */
	struct pg_wakeup *wakeup;   /* wakeup.c */
	struct pg_own_sql *own_sql; /* own_settings.c; NULL: not needed yet */
	struct pg_guard_sql *guard; /* begin.c; the same */
	struct pg_limits *limits;   /* limits.c; the same */
	struct pg_row_check {
		const char *table, *sql; /* sql is NULL: not needed yet */
	} row_check;                     /* commit.c */
	struct pg_flush_sql *flush;      /* commit.c; NULL: pg_may_flush_later has not said yes */
	struct pg_trial *trial;          /* trial.c; NULL: there is none */
	struct pg_silence {
		int limit_ms;                          /* 0: any time */
		bool (*is_alive)(struct postgres *pg); /* pg_silence_is_alive */
		size_t suspicions; /* looks in a row that found that nothing is done */
		bool has_said;     /* that the server works */
	} silence;                 /* silence.c */
	const char *address;       /* of the server, as it sees it; NULL: not known */
	struct pg_lock_wait {
		void (*look)(struct postgres *pg); /* pg_lock_wait_look; NULL: nobody does */
		/* pg_lock_failure_explain; the same */
		void (*explain)(struct postgres *pg, const char *sqlstate, const char *detail,
		                struct error *err);
		bool is_off;      /* the server has refused the second connection */
		const char *told; /* what was told last; NULL: nothing was */
	} lock_wait;              /* lock_wait.c */
	const char *given_up;     /* why it was: a sentence; NULL: it was not */
	/* probe.c: the connection that this one looks at, at the same host; NULL: it is no probe */
	const struct postgres *probed;
	int64_t probe_limit_ms;
	bool probe_stops_early; /* when that connection has got an answer */
	struct pg_listened {
		struct str_list early; /* kept notices: state, text, state, … */
		struct row_set rows;   /* of the statement whose results are being read */
		bool has_rows;         /* there is such a set */
		struct arena scratch;  /* for one row at a time */
	} listened;                    /* listener.c */
};

static inline struct postgres *postgres_of(struct db *db)
{
	return db->handle;
}

#endif
