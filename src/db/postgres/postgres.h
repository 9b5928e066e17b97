/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgres.h - the handle of a connection to PostgreSQL, which all files of the driver share
 *
 * From below: libpq.c is the client library. errors.c turns its errors into pgjdbc's text,
 * pgjdbc_errors.c has those of pgjdbc's own. listener.c tells what the server says, wakeup.c when a
 * migration has begun that shares its flight with the end of another. pipeline.c sends commands
 * without waiting. role.c goes back to our own role. query.c runs SQL of our own; lock.c, catalog.c
 * and clean.c use it. guard.c knows what begins a migration, send.c and copy.c run its statements,
 * commit.c knows what ends it. properties.c, conninfo.c and connect.c make the connection, and
 * driver.c fills the table of the interface.
 */
#ifndef CFLYWAY_DB_POSTGRES_POSTGRES_H
#define CFLYWAY_DB_POSTGRES_POSTGRES_H

#include "cflyway/db/driver.h"

#include "libpq.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a command in the pipeline is, and so what its failure means. */
enum pg_entry_kind {
	PG_OWN,       /* BEGIN, SET ROLE, search_path, … */
	PG_LOCK,      /* divides by zero when the lock is held by another session */
	PG_HISTORY,   /* divides by zero when the history has changed */
	PG_QUERY,     /* SQL of our own whose rows are wanted */
	PG_STATEMENT, /* of a script */
	PG_ROW,       /* what restores the role, and the history row */
	PG_COMMIT,    /* of the transaction that ends with that row */
	PG_SYNC,
};

struct pg_entry {
	enum pg_entry_kind kind;
	bool starts; /* the last guard: when it has passed, the script counts as started */
	size_t index, size_bytes;
};

enum { PG_PIPELINE_MAX = 1024 };

/* Commands that have been sent without waiting; see pipeline.c. */
struct pg_pipeline {
	bool is_on;
	struct pg_entry *ring; /* PG_PIPELINE_MAX entries */
	size_t first, n;
	size_t size_bytes;           /* of all that is in flight */
	size_t asked_n, asked_bytes; /* since the server was last asked to send what it has */
	bool has_result, has_failed; /* of the first entry */
	bool is_waiting_for_start;   /* guards are under way: notices wait */
	bool is_closing;             /* a row and its COMMIT are under way: notices are not heard */
	int64_t affected;            /* of the first entry */
	bool is_insert;              /* the first entry */
	bool is_unchecked;           /* the parameters have not been looked at since some INSERT */
	size_t last_index;           /* of the last statement that is done */
	enum db_status status;       /* of the flight: the first failure counts */
	struct str_list early;       /* notices that came too early: state, text, state, … */
	PGresult *kept;              /* of PG_QUERY */
};

/* How the first wait for the answer to a flight went; see wakeup.c. */
enum pg_wakeup_wait {
	PG_WAKEUP_AWAKE,      /* as ever */
	PG_WAKEUP_MEASURED,   /* and what came was measured */
	PG_WAKEUP_SLEPT,      /* until more had come than the message */
	PG_WAKEUP_SLEPT_LONG, /* until there was no more patience */
};

/* When the script of a flight has begun that starts with a row; see wakeup.c. */
struct pg_wakeup {
	bool is_unread; /* the flight is on its way, and nothing of the answer has been read */
	enum pg_wakeup_wait waited;
	int arrived_bytes;     /* measured */
	int message_bytes;     /* of all that the server says until the script begins; 0: unknown */
	bool is_misjudged;     /* that was wrong, and a tenth of a second lost: never again */
	size_t commands_after; /* in flight after the guards */
	int64_t queued_ms;     /* on our clock; 0: the flight does not start with a row */
	int64_t server_ms;     /* on the server's clock, at its first command */
	int64_t busy_ms;       /* from there to the guards */
};

/* The handle of a connection. */
struct postgres {
	struct db *db;
	struct libpq pq;
	PGconn *conn;
	PGcancel *cancel;        /* made at open: a signal handler must not allocate */
	const char *role;        /* current user after initSql */
	const char *session;     /* session user after initSql */
	const char *search_path; /* text of SHOW search_path after initSql */
	struct pg_own_sql {
		const char *role;     /* goes back to the role after initSql */
		const char *row;      /* the same, and sets the time limits aside */
		const char *last_row; /* the same, with time limits that end with the transaction */
		/* last_row with db_flush, and what waits for the disk; NULL: see may_flush_later */
		const char *flush_later, *flush_now, *flush;
	} own; /* made when first needed */
	struct pg_guard_sql {
		const char *table, *schema, *original; /* what it was made for; original: path */
		const char *lock;                      /* fails if it is held */
		const char *history; /* fails if $1 is not the last rank; sets the path to $2 */
		const char *path;    /* NULL: none is to be set */
	} guard_sql;
	bool is_script;           /* statements of a script are under way: notices are heard */
	bool may_differ;          /* a script has run: role and session user may not be ours */
	bool restore_first;       /* restore_role was called: the next query begins with it */
	bool has_kept_timeouts;   /* the time limits of the script are set aside */
	bool is_wedged;           /* nothing can be sent any more */
	size_t sent;              /* statements since the flight began */
	const char *last_failure; /* what the server said last before 25P02; may be NULL */
	struct arena scratch;     /* for one row at a time */
	struct row_set rows;      /* of the statement whose results are being read */
	bool has_rows;            /* there is such a set */
	struct pg_pipeline pipeline;
	struct pg_wakeup start;
};

static inline struct postgres *postgres_of(struct db *db)
{
	return db->handle;
}

#endif
