/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgres.h - what the files of the PostgreSQL driver share
 *
 * driver.c fills the table of the interface; connect.c makes connections; query.c runs SQL of our
 * own; pipeline.c sends the statements of scripts and reads their results; flight.c knows what
 * begins a migration, commit.c what ends it, wakeup.c when one has begun that shares its flight
 * with the end of another; copy.c streams rows; catalog.c and clean.c know the schema level;
 * errors.c turns the server's errors into pgjdbc's text, pgjdbc_errors.c has those of its own.
 */
#ifndef CFLYWAY_DB_POSTGRES_POSTGRES_H
#define CFLYWAY_DB_POSTGRES_POSTGRES_H

#include "cflyway/db/driver.h"
#include "cflyway/db/url.h"

#include "../drivers.h"
#include "libpq.h"

#include <poll.h>
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

/* SQL for the time, and in which column of our own commands it stands. */
#define PG_NOW_MS "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint"

enum { PG_ROW_TIME = 0, PG_HISTORY_TIME = 1 };

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

/* connect.c */

enum { PG_CONNINFO_MAX = 40 };

struct pg_conninfo {
	const char *keys[PG_CONNINFO_MAX + 1]; /* NULL-terminated, as PQconnectStartParams wants */
	const char *values[PG_CONNINFO_MAX + 1];
	size_t n;
	struct db_host_list hosts;
	int timeout_s;             /* 0: none */
	bool any_if_no_primary;    /* targetServerType=preferPrimary */
	const char *target_server; /* value of targetServerType for messages; NULL: any */
};

/*
 * The URL after its scheme, user, password, driver properties and the section of a service file to
 * libpq's parameters. Errors: SQL failures with pgjdbc's sentences, and refusals of properties
 * that nothing here corresponds to. info is {0}.
 */
MUST_USE bool pg_conninfo_make(struct arena *arena, const struct settings *settings,
                               const char *url, const struct log *log, struct pg_conninfo *info,
                               struct error *err);

/* Makes the connection of pg->db. Errors: the driver's sentences with their SQL state. */
MUST_USE bool pg_connect(struct postgres *pg, struct error *err);

/* Name of the client's time zone, as Java would find it. */
const char *pg_client_time_zone(struct arena *arena);

/* errors.c */

/* Fields of a server's message; NULL where it has none. */
struct pg_message {
	const char *severity, *sqlstate, *primary, *detail, *hint, *position, *context;
};

/* pgjdbc's text: "ERROR: …", then "  Detail: …", "  Hint: …", "  Position: …", "  Where: …". */
const char *pg_message_text(struct arena *arena, const struct pg_message *message);

/* Sets err from a failed result, or (NULL) from the state of the connection. Returns false. */
bool pg_fail(struct postgres *pg, const PGresult *result, struct error *err);

/* Sets err with a sentence of the driver itself. Returns false. */
bool pg_fail_text(struct error *err, const char *sqlstate, const char *message);

/*
 * Sets err from libpq's text about a failed connection (made with PQERRORS_VERBOSE). Returns false.
 * err->cause is what Java's cause would say, NULL if there would be none.
 */
bool pg_fail_connect(const char *text, bool needs_password, bool empty_password,
                     const struct db_host *last, const char *target_server, struct error *err);

/* query.c */

/* SQL of our own by the simple protocol, without rows: BEGIN, SET ROLE, … */
MUST_USE bool pg_command(struct postgres *pg, const char *sql, struct error *err);

/* The same by the extended protocol with parameters; row may be NULL. */
MUST_USE bool pg_query(struct db *db, const char *sql, const char *const *args, size_t n,
                       db_row_fn *row, void *ctx, struct error *err);

/* pgjdbc_errors.c */

/* pgjdbc closes a connection whose encoding or date style a script has changed. */
MUST_USE bool pg_check_parameters(struct postgres *pg, struct error *err);

extern const char pg_copy_refused[]; /* a COPY that the splitter did not see */
extern const char pg_rolled_back[];  /* a COMMIT that was none */

/* guard.c */

MUST_USE enum db_status pg_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                         struct error *err);
MUST_USE enum db_status pg_prepare_guarded(struct db *db, const struct db_guard *guard,
                                           struct error *err);

/* Rolls back if a guard has failed: then nothing took effect. Returns status. */
enum db_status pg_turn_back(struct db *db, enum db_status status);

/* The search path for migrations, or NULL when none is to be set. */
const char *pg_migration_search_path(struct arena *arena, const char *original, const char *schema);

/* send.c */

MUST_USE enum db_status pg_send(struct db *db, const struct statement *statement,
                                struct error *err);
MUST_USE enum db_status pg_sync(struct db *db, struct error *err);

/* Waits for all that was sent; the count of statements goes on. */
MUST_USE enum db_status pg_settle(struct postgres *pg, struct error *err);

/* commit.c */

/* SQL of our own after restore_role, in one flight with what that restores. *result is to be
 * cleared, NULL after a failure. */
MUST_USE bool pg_query_restored(struct postgres *pg, const char *sql, const char *const *args,
                                size_t n, PGresult **result, struct error *err);

MUST_USE bool pg_commit_row(struct db *db, const struct db_commit *commit, struct error *err);

MUST_USE bool pg_may_flush_later(struct db *db, bool *may, struct error *err);
MUST_USE bool pg_flush(struct db *db, struct error *err);

/* The SQL that goes back to the role after initSql. */
const char *pg_role_sql(struct postgres *pg);

extern const char pg_give_back_timeouts[];

/* pipeline.c */

/* Queues one command; may read results meanwhile. arg may be NULL: $1. */
MUST_USE bool pg_pipeline_add(struct postgres *pg, struct pg_entry entry, const char *sql,
                              const char *const *args, size_t n, struct error *err);

/* Sends what is queued and reads what has come, without waiting unless much is in flight. */
MUST_USE enum db_status pg_pipeline_advance(struct postgres *pg, struct error *err);

/* Waits for the end of all that is queued and leaves the pipeline. Nothing queued: DB_OK. */
MUST_USE enum db_status pg_pipeline_finish(struct postgres *pg, struct error *err);

/* listener.c */

/* As poll without an end, but tells the listener now and then that it waits. */
int pg_wait(const struct postgres *pg, struct pollfd *fd);

/* Waits for what get_result would wait for, with the listener told. */
void pg_await_result(const struct postgres *pg);

/* Does the listener want to be told while it waits? */
bool pg_is_watched(const struct postgres *pg);

/* The listener may say how far it is. */
void pg_tell_waiting(const struct postgres *pg);

/* Calls row for each row of a result. */
MUST_USE bool pg_hand_over(struct postgres *pg, const PGresult *result, db_row_fn *row, void *ctx,
                           struct error *err);

void pg_listener_notice(void *ctx, const PGresult *result);
/* Collects the rows of a statement; those of PGRES_TUPLES_OK are the last. */
void pg_listener_rows(struct postgres *pg, size_t index, const PGresult *result);
void pg_drop_rows(struct postgres *pg); /* those of a statement that has failed */
void pg_listener_complete(struct postgres *pg, size_t index, int64_t affected);
void pg_listener_started(struct postgres *pg, int64_t ago_ms);
void pg_listener_committed(struct postgres *pg);
int64_t pg_affected_rows(const struct postgres *pg, PGresult *result);

/* wakeup.c */

/* A row has been queued, and the script that follows it will share its flight. */
void pg_wakeup_queued(struct postgres *pg);

/* pg_wait, but if possible not for the message that the script has begun alone. */
int pg_wakeup_wait(struct postgres *pg, struct pollfd *fd);

/* To be called when what has arrived has been read. */
void pg_wakeup_learn(struct postgres *pg);

/* A result of PG_ROW or PG_HISTORY. */
void pg_wakeup_note_time(struct postgres *pg, enum pg_entry_kind kind, const PGresult *result);

/* The guards have passed: how long is it that the script began? 0 if that is what we hear now. */
int64_t pg_wakeup_ago_ms(const struct postgres *pg);

/* copy.c */
MUST_USE enum db_status pg_copy(struct db *db, const struct statement *statement,
                                struct splitter *rows, struct error *err);

/* lock.c */
int64_t pg_lock_key(const char *name);
MUST_USE bool pg_try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                          struct error *err);
MUST_USE bool pg_unlock(struct db *db, const char *name, bool *held, struct error *err);
MUST_USE bool pg_has_lock(struct db *db, const char *name, bool *held, struct error *err);
const char *pg_lock_holder(struct db *db, const char *name);

/* catalog.c, clean.c */
extern const struct db_catalog pg_catalog;
MUST_USE bool pg_describe(struct db *db, const char *default_schema, const char *table,
                          struct db_description *description, struct error *err);
MUST_USE bool pg_clean_schema(struct db *db, const char *schema, struct error *err);

#endif
