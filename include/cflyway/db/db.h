/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h - the interface through which the other layers use a database
 *
 * A struct db is one connection. This is how a command applies a migration (core/ does it, and
 * checks each result):
 *
 *     struct db db;
 *
 *     db_open(&db, drivers, arena, settings, log, err);
 *     db_begin_guarded(&db, &guard, true, err);     transaction, lock, "history unchanged?"
 *     db_send(&db, &statement, err);                for each statement of the script
 *     db_sync(&db, err);                            waits for all of them
 *     history_commit(&db, &history, &row, ...);     the row and COMMIT
 *     db_close(&db);
 *
 * db_send need not wait: a driver may collect statements into a batch, which succeeds as a whole or
 * stops at its first failure. db_sync waits for the end of the batch. doc/transactions.md says what
 * shares a transaction or a batch. driver.h says what a database has to provide.
 */
#ifndef CFLYWAY_DB_DB_H
#define CFLYWAY_DB_DB_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/base/row_set.h"
#include "cflyway/base/str.h"
#include "cflyway/config/settings.h"
#include "cflyway/sql/dialect.h"
#include "cflyway/sql/split.h"
#include "cflyway/sql/statement.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_driver;
struct db_drivers;
struct dry_run;

enum tx_status {
	TX_IDLE,   /* no transaction open */
	TX_ACTIVE, /* in a transaction */
	TX_FAILED, /* in a transaction that can only be rolled back */
	TX_LOST,   /* the connection is gone */
};

/* How a statement or a batch ended. */
enum db_status {
	DB_OK,
	DB_FAILED,          /* db->failed_index tells which statement; err is set */
	DB_LOCK_BUSY,       /* another session holds the lock: nothing took effect */
	DB_HISTORY_CHANGED, /* the guard saw another installed_rank: nothing took effect */
};

/* After DB_FAILED: the part of the transaction that failed. */
enum db_part {
	DB_PART_SCRIPT, /* the script, or what precedes it */
	DB_PART_ROW,    /* the history row */
	DB_PART_COMMIT, /* COMMIT, or the connection was lost before the outcome was known */
};

/* What a statement has been waiting for, for a second or more. */
struct db_wait {
	const char *sentence;   /* "waiting for the lock SHARE on t, blocked by process 4711 …" */
	size_t statement_bytes; /* the length of the statement; 0: not known */
	bool is_longer;         /* or more than that */
};

/* When, in milliseconds since a wait began, comes look number n at who is in the way, from 0? */
int64_t db_wait_look_due_ms(size_t n);

/*
 * Callbacks about the statements of a script. They come in this order: committed (for the previous
 * migration), started, then notice, result and complete for each statement. Any function may be
 * NULL. Notices of cflyway's own SQL call nothing.
 */
struct db_listener {
	/* The transaction that db_commit_row ends has been committed. */
	void (*committed)(void *ctx);
	/*
	 * The guards of db_begin_guarded or db_prepare_guarded have passed, ago_ms ago. The first
	 * statement counts as started then.
	 */
	void (*started)(void *ctx, int64_t ago_ms);
	/* A message of the server: notice, warning, … sqlstate is "00000" if it has none. */
	void (*notice)(void *ctx, const char *sqlstate, const char *message);
	/*
	 * Statement index has returned rows, which can be read during the call. Statements count
	 * from 0 as in db_send. Without this function the driver collects no rows.
	 */
	void (*result)(void *ctx, size_t index, struct row_set *rows);
	/* Statement index is done; affected is -1 if the command counts no rows. */
	void (*complete)(void *ctx, size_t index, int64_t affected);
	/* Called several times a second while a statement runs. Must not use the connection. */
	void (*waiting)(void *ctx);
	/* The statement that runs is kept waiting by others. Must not use the connection. */
	void (*blocked)(void *ctx, const struct db_wait *wait);
	bool sees_each_end; /* complete is wanted as soon as it is true, which costs time */
	void *ctx;
};

/* One row of cflyway's own query: values[i] is NULL for NULL. Returning false stops (err set). */
typedef bool db_row_fn(void *ctx, size_t columns, const char *const *values, struct error *err);

/* The facts that db_describe asks for, once after connecting, in one round trip. */
struct db_description {
	const char *user;           /* current user after initSql; "" on SQLite */
	const char *database;       /* NULL on SQLite */
	const char *search_path;    /* as SHOW search_path prints it; NULL on SQLite */
	const char *current_schema; /* NULL when there is none */
	bool history_exists;        /* the table in the default schema (or current_schema) */
	bool default_schema_exists;
	bool schema_unknown; /* SQLite: no query works: not attached, locked, not a database */
	bool schema_missing; /* it is unknown because it is not attached */
};

/* Time limits of each statement of a script: milliseconds, 0 (any time) or DURATION_OF_SERVER. */
struct db_limits {
	int lock_timeout_ms; /* may wait for a lock */
	int statement_timeout_ms;
};

/* The conditions that must hold when a migration begins. */
struct db_guard {
	const char *table; /* quoted, qualified: the history table, also the name of the lock */
	int last_rank;     /* the highest installed_rank read so far; -1: none */
	const char
		*schema; /* default schema, to lead the search path; NULL: leave the path alone */
	bool check_history; /* false: the table does not exist yet */
	/* Those of the script that follows; NULL: none. See db_set_limits. */
	const struct db_limits *limits;
};

/* Whether a COMMIT waits for the disk. */
enum db_flush {
	DB_FLUSH_AS_SET, /* as the server or the script says */
	DB_FLUSH_LATER,  /* no, unless the script has set something else */
	DB_FLUSH_NOW,    /* yes, and with it all COMMITs before it */
};

/* How the transaction of a migration ends. */
struct db_commit {
	const char *sql;         /* writes the history row */
	const char *const *args; /* the first is the rank */
	int rank;
	size_t n;
	const char *table; /* of the row, quoted */
	bool is_queued;    /* not awaited: db_begin_guarded follows in the same batch */
	enum db_flush flush;
};

/* What clean asks about a schema before it drops anything. */
struct db_clean_size {
	bool exists;
	int64_t locks; /* about how many locks one transaction takes that drops all its objects */
	int64_t limit; /* how many of them the server has room for; 0: any number */
};

/* One transaction of clean. */
struct db_clean_part {
	int64_t max_locks;      /* ends when it has taken about so many; 0: drops everything */
	const char *kept_table; /* is not dropped; needs max_locks; may be NULL */
	size_t step;            /* where it begins: 0, then as the transaction before has left it */
	bool is_last;           /* result: nothing is left to drop */
	bool is_too_large;      /* result after a failure: the server had no room for its locks */
};

enum lock_kind {
	LOCK_TRANSACTION,
	LOCK_SESSION,
};

struct db {
	const struct db_driver *driver;
	struct arena *arena; /* the memory of the connection */
	const struct settings *settings;
	const struct log *log;
	const char *url;                    /* as configured; show url_masked(url) only */
	const struct db_listener *listener; /* NULL: nobody listens */
	size_t failed_index;                /* after DB_FAILED; see db_send */
	enum db_part failed_part;           /* after DB_FAILED and after db_commit_row */
	int64_t affected;                   /* rows that the last command of db_query has changed */
	/* Or rules, which may keep a row out: COMMIT waits until the row is known to be in. */
	bool history_has_triggers;
	/*
	 * A connection pooler lends a server for one transaction at a time: nothing may be left in
	 * the session, or be expected there. Known once the database has been described.
	 */
	bool pools_transactions;
	/*
	 * The server is a standby: it can only be read, and may be late. Known once the database
	 * has been described.
	 */
	bool is_standby;
	bool cannot_roll_back; /* after db_rollback: what was written may still be there */
	bool has_gone_silent;  /* TX_LOST: given up, because the server did not answer any more */
	const char *product;   /* "PostgreSQL 15.20" */
	int server_version;    /* major version; 0: the database has none */
	/* A handler sets it to its signal before db_cancel: waiting functions then give up. */
	volatile sig_atomic_t is_cancelled;
	volatile sig_atomic_t program_group; /* of a script that is not SQL and runs now, or 0 */
	/* Another connection that currently works for this one: db_cancel stops it too. */
	struct db *volatile second;
	struct dry_run *dry_run; /* dry_run.h; NULL: what is sent is executed */
	void *handle;            /* state of the driver */
};

/* The functions below fill err when they fail. */

/* --- what the database is ------------------------------------------------------------------ */

/* "PostgreSQL". */
const char *db_name(const struct db *db);

/* The dialect of its scripts. */
const struct dialect *db_dialect(const struct db *db);

/* Does Flyway hold its lock in a transaction of its own (postgresql.transactional.lock)? */
bool db_has_transactional_lock(const struct db *db);

/*
 * Refuses a server that is another product than it seems, for a command that does not describe the
 * database, which would refuse it, too. At most one round trip.
 */
MUST_USE bool db_check_product(struct db *db, struct error *err);

/* Fills description, in one round trip. default_schema may be NULL. */
MUST_USE bool db_describe(struct db *db, const char *default_schema, const char *table,
                          struct db_description *description, struct error *err);

/* --- cflyway's own SQL ---------------------------------------------------------------------- */

/*
 * Runs one command with the parameters $1 to $n (in every dialect), waits, and calls row for each
 * row. row may be NULL. An arg that is NULL means SQL's NULL.
 */
MUST_USE bool db_query(struct db *db, const char *sql, const char *const *args, size_t n,
                       db_row_fn *row, void *ctx, struct error *err);

/* --- the script of a migration ------------------------------------------------------------- */

/*
 * Begins the transaction of a migration: BEGIN, the original role, the transaction lock, the check
 * of the history, the search path. The connection must be idle, or end a transaction with a queued
 * db_commit_row. lock false: the caller holds a session lock.
 *
 * A driver may queue all this; a later db_send or db_sync then gives the outcome. After
 * DB_LOCK_BUSY and DB_HISTORY_CHANGED the transaction is rolled back already; after DB_FAILED the
 * caller does it.
 */
MUST_USE enum db_status db_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                         struct error *err);

/*
 * The same without BEGIN and lock: for a script outside of a transaction, and for every migration
 * of a group except the first.
 */
MUST_USE enum db_status db_prepare_guarded(struct db *db, const struct db_guard *guard,
                                           struct error *err);

/*
 * Sets the time limits of a script. Those of a guard count until the end of the transaction, which
 * is open then, or until db_restore_role or db_lift_limits. These here count for the session, until
 * db_lift_limits: for a script that ends transactions itself. A limit that the script sets itself
 * wins, and stays. db_lift_limits comes after the end of the transaction, and does nothing when no
 * limits are set.
 */
MUST_USE bool db_set_limits(struct db *db, const struct db_limits *limits, struct error *err);
MUST_USE bool db_lift_limits(struct db *db, struct error *err);

/*
 * Is the failure a conflict with other sessions, which the same transaction may not meet again: a
 * lock that was not given in time, a deadlock, a serialization failure? Without one, sentence is
 * NULL. state: SQLSTATE, NULL where the database has none.
 */
struct db_conflict {
	const char *sentence; /* "it could not get a lock in time" */
	const char *state;
};
struct db_conflict db_find_conflict(const struct db *db, const struct error *err);

/*
 * Queues or runs one statement of a script. The failure may belong to an earlier statement:
 * db->failed_index tells. Statements and copies count from 0 since db_begin_guarded,
 * db_prepare_guarded or the last db_sync. After a failure in a transaction nothing more is executed
 * until db_rollback.
 */
MUST_USE enum db_status db_send(struct db *db, const struct statement *statement,
                                struct error *err);

/* The same for COPY … FROM STDIN, with the rows that follow in the script. Waits. */
MUST_USE enum db_status db_copy(struct db *db, const struct statement *statement,
                                struct splitter *rows, struct error *err);

/* Waits until all sent statements are done. */
MUST_USE enum db_status db_sync(struct db *db, struct error *err);

/* A statement of a batch (batch=true). */
struct batch_entry {
	size_t number;    /* in the batch, from 0 */
	const char *text; /* without delimiter */
};

/* Are the statements of a batch that runs outside of a transaction a transaction of their own? */
bool db_has_atomic_batches(const struct db *db);

/*
 * The statement has failed as sql says: sql and *cause (of its message) become what the Java driver
 * says about the batch. The strings live in the arena.
 */
void db_describe_batch(struct db *db, struct arena *arena, const struct batch_entry *entry,
                       struct sql_failure *sql, const char **cause);

/*
 * Adds a sentence for each object that statements since the last call may have left half-done
 * outside of a transaction, with the command to type: an index whose CREATE INDEX CONCURRENTLY has
 * failed, or one that CREATE INDEX CONCURRENTLY IF NOT EXISTS has found in that state. The
 * sentences live in the connection's arena.
 */
MUST_USE bool db_find_leftovers(struct db *db, struct str_list *sentences, struct error *err);

/* --- transactions -------------------------------------------------------------------------- */

/* A transaction for cflyway's own SQL; each call waits. */
MUST_USE bool db_begin(struct db *db, struct error *err);
MUST_USE bool db_commit(struct db *db, struct error *err);

/* Does nothing without a transaction, nor on a lost connection: there the server rolls back. */
void db_rollback(struct db *db);

enum tx_status db_tx_status(struct db *db);

/* Does a failed statement make its transaction unusable, so that only a savepoint saves it? */
bool db_failure_ends_transaction(const struct db *db);

/*
 * If a script has made the transaction read-only: commits it, begins one that can write, and sets
 * *committed, also if the connection was lost and nobody knows. Does nothing in any other
 * transaction.
 */
MUST_USE bool db_ensure_writable(struct db *db, bool *committed, struct error *err);

/*
 * Before the history row is written: restores the role and session user that the connection had
 * after initSql, and lifts the time limits of the script. A driver may do this together with the
 * next query.
 */
MUST_USE bool db_restore_role(struct db *db, struct error *err);

/* --- the lock on the history --------------------------------------------------------------- */

/* Tries once, without waiting; *taken tells. LOCK_TRANSACTION needs an open transaction. */
MUST_USE bool db_try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                          struct error *err);

/* Releases a session lock; *held is false if it had been lost meanwhile. */
MUST_USE bool db_unlock(struct db *db, const char *name, bool *held, struct error *err);

/* Does this session still hold the session lock? */
MUST_USE bool db_has_lock(struct db *db, const char *name, bool *held, struct error *err);

/*
 * Who holds the lock: "process 4711 of user x (application y), …", what else is known follows. NULL:
 * unknown. *process: its number.
 */
const char *db_lock_holder(struct db *db, const char *name, int64_t *process);

/* --- the history row, its COMMIT and the disk ---------------------------------------------- */

/* Can db_commit_row be queued (is_queued), so that the next migration shares its batch? */
bool db_can_queue_commit(const struct db *db);

/*
 * db_restore_role, the history row and COMMIT, if possible in one batch; db->failed_part tells
 * which of them failed. If they are queued, listener->committed or a later DB_FAILED tells the
 * outcome, and after a failure nothing later takes effect.
 */
MUST_USE bool db_commit_row(struct db *db, const struct db_commit *commit, struct error *err);

/*
 * Asks whether db_commit_row may use DB_FLUSH_LATER and DB_FLUSH_NOW. *may is false if that gains
 * nothing, and if a COMMIT has effects outside of the database.
 */
MUST_USE bool db_may_flush_later(struct db *db, bool *may, struct error *err);

/* Waits, outside of a transaction, until everything committed is on disk. */
MUST_USE bool db_flush(struct db *db, struct error *err);

/* --- schemas ------------------------------------------------------------------------------- */

MUST_USE bool db_schema_exists(struct db *db, const char *schema, bool *exists, struct error *err);
MUST_USE bool db_schema_empty(struct db *db, const char *schema, bool *empty, struct error *err);
bool db_makes_schemas(const struct db *db); /* SQLite makes none, and says so */
MUST_USE bool db_create_schema(struct db *db, const char *schema, struct error *err);
MUST_USE bool db_drop_schema(struct db *db, const char *schema, struct error *err);
/* Asks how large a schema is to clean. */
MUST_USE bool db_measure_schema(struct db *db, const char *schema, struct db_clean_size *size,
                                struct error *err);
/* Drops what Flyway drops, or a part of it. The caller has a transaction open. */
MUST_USE bool db_clean_schema(struct db *db, const char *schema, struct db_clean_part *part,
                              struct error *err);
MUST_USE bool db_table_exists(struct db *db, const char *schema, const char *table, bool *exists,
                              struct error *err);

/* --- names and errors ---------------------------------------------------------------------- */

/* "name", with the quotes in it doubled. */
const char *db_quote_identifier(struct arena *arena, const char *name);

/*
 * Gives an SQL failure the title under which Flyway reports it, and its code; an error of another
 * kind stays as it is. Always returns false.
 */
bool db_title(struct error *err, enum error_code code, const char *format, ...) PRINTF(3, 4);

/*
 * Sets what Flyway says about a script that fails: its file name ("" for a script of Flyway's own)
 * and the environment, unless that is the default one. Always returns false.
 */
bool db_fail_script(const struct db *db, enum error_code code, const struct sql_failure *failure,
                    const char *file_name, struct error *err);

/*
 * Adds notes to err, which has ended the command: why the database refused something, and what to
 * do. Rolls back an open transaction, and may ask the database, shortly, if it still answers.
 * Returns whether what to do is outside of the script.
 */
bool db_explain(struct db *db, struct error *err);

/* --- connecting ---------------------------------------------------------------------------- */

/*
 * Is there a driver for the URL? A URL that is NULL or empty passes: db_open reports it. Flyway
 * checks this before its banner. Errors: "No Flyway database plugin found to handle URL. …".
 */
MUST_USE bool db_check_url(const struct db_drivers *drivers, struct arena *arena, const char *url,
                           struct error *err);

/*
 * Would db_open make a new database, a file that is not there yet? False if the URL is NULL or no
 * driver knows it, and in a dry run, which makes none.
 */
bool db_is_missing(const struct db_drivers *drivers, struct arena *arena, const char *url);

/*
 * Does flyway.driver, if it is set, name the class of one of the drivers? Flyway loads the class
 * before its banner, for every verb, if it knows the URL. Errors: ERROR_JDBC_DRIVER.
 */
MUST_USE bool db_check_driver(const struct db_drivers *drivers, const struct settings *settings,
                              struct error *err);

/*
 * Chooses the driver by the URL, connects with retries, logs the line "Database: URL (PRODUCT)".
 * Errors: Flyway's messages (connection block, no plugin or driver for the URL, no URL).
 */
MUST_USE bool db_open(struct db *db, const struct db_drivers *drivers, struct arena *arena,
                      const struct settings *settings, const struct log *log, struct error *err);

/*
 * Runs initSql, if it is set, and logs its results and notices: the next call after db_open. Apart,
 * because Flyway reads the locations in between. Errors: "Failed to execute script ".
 */
MUST_USE bool db_run_init_sql(struct db *db, struct error *err);

/*
 * Opens another connection to the same database, which knows its role and search path. Does the
 * same as db_open and db_run_init_sql, but without the log line and without check_version.
 */
MUST_USE bool db_open_second(struct db *db, const struct db *first, struct error *err);

/* The same without initSql, for one that only looks at what first does. */
MUST_USE bool db_open_watcher(struct db *db, const struct db *first, struct error *err);

void db_close(struct db *db); /* closing a closed db does nothing */

/* Stops the running statement; safe in a signal handler. */
void db_cancel(struct db *db);

#endif
