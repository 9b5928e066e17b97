/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite.h - declarations shared by the files of the SQLite driver
 */
#ifndef CFLYWAY_DB_SQLITE_SQLITE_H
#define CFLYWAY_DB_SQLITE_SQLITE_H

#include "cflyway/db/driver.h"

#include "../drivers.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* The handle of a connection. */
struct sqlite {
	sqlite3 *conn;
	const char *lock_file; /* "FILE-cflyway.lock"; NULL: a private database needs none */
	int lock_fd;           /* -1: the lock is not held */
	size_t sent;           /* statements of a script since the last db_sync */
	const struct statement *statement; /* of a script, while it runs; otherwise NULL */
	const char *command;               /* in it, which may have several: the one that runs */
	struct sqlite_limits *limits;      /* limits.c; NULL: none were ever set */
	struct sqlite_vfs *vfs;            /* wait.c; NULL: the default one */
};

static inline struct sqlite *sqlite_of(struct db *db)
{
	return db->handle;
}

/* errors.c */

/* sqlite-jdbc's message: "[SQLITE_BUSY] The database file is locked (database is locked)". */
const char *sqlite_error_text(struct arena *arena, int extended_code, const char *message);

/* Sets err from the last failure of the connection. Returns false. */
bool sqlite_fail(struct sqlite *sqlite, struct error *err);

/* See db_describe_batch. */
void sqlite_describe_batch(struct arena *arena, const struct batch_entry *entry,
                           struct sql_failure *sql, const char **cause);

struct db_conflict sqlite_find_conflict(const struct sql_failure *failure);

/* limits.c: of scripts. See db_set_limits; until the end of the transaction or the lift. */
MUST_USE bool sqlite_set_limits(struct db *db, const struct db_limits *limits, struct error *err);
MUST_USE bool sqlite_lift_limits(struct db *db, struct error *err);

/* A statement of a script begins; must it be stopped now? */
void sqlite_limits_begin_statement(struct sqlite *sqlite);
bool sqlite_limits_are_over(const struct sqlite *sqlite);

/* After a failure: says so, if the limit has stopped the statement. */
void sqlite_limits_note(const struct sqlite *sqlite, struct error *err);

/* causes.c: see db_explain; also where the file could not be opened. */
void sqlite_explain(struct db *db, struct error *err);

/* driver.c */

/* Runs all statements of sql; drops their rows. */
MUST_USE bool sqlite_command(struct sqlite *sqlite, const char *sql, struct error *err);

/* Is journal_mode OFF? Then a rollback leaves what has been written to the file. */
bool sqlite_has_no_journal(struct db *db);

/* catalog.c */
extern const struct db_catalog sqlite_catalog;
MUST_USE bool sqlite_describe(struct db *db, const char *default_schema, const char *table,
                              struct db_description *description, struct error *err);

/* dry_run.c */
extern const struct db_file_methods sqlite_file_methods;

/* sqlite_command for what changes the database: in a dry run it is only written down. */
MUST_USE bool sqlite_change(struct db *db, const char *sql, struct error *err);

/* open.c */
MUST_USE bool sqlite_open(struct db *db, struct error *err);
bool sqlite_is_missing(struct arena *arena, const char *url); /* see struct db_driver */
void sqlite_close(struct db *db);

/* lock.c */
MUST_USE bool sqlite_try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                              struct error *err);
MUST_USE bool sqlite_unlock(struct db *db, const char *name, bool *held, struct error *err);
MUST_USE bool sqlite_has_lock(struct db *db, const char *name, bool *held, struct error *err);

/* busy.c */
const char *sqlite_lock_holder(struct db *db, const char *name, int64_t *process);

/* The database is locked: names the process in a cause, if there is one and the kernel tells. */
void sqlite_note_busy(const struct sqlite *sqlite, struct error *err);

/* The words of that, "process 4711 (sqlite3) has begun a transaction …"; or NULL. */
const char *sqlite_busy_holder(const struct sqlite *sqlite, struct arena *arena);

/* wait.c */

/* Sleeps of SQLite that follow each other: it waits for a lock. */
struct sqlite_wait {
	int64_t began_ms, slept_ms; /* of the clock; 0: it has never slept */
	size_t looks;               /* at who is in the way */
};

/* Before a sleep: is it time to look again? After a second for the first time. */
bool sqlite_wait_is_due(struct sqlite_wait *wait, int64_t now_ms);

/*
 * Makes a VFS for the connection, to be opened with this name; NULL: there is none, and nothing is
 * said about waits. It ends after the connection.
 */
const char *sqlite_wait_open(struct db *db);
void sqlite_wait_close(struct sqlite *sqlite);

/* trial.c */
MUST_USE bool sqlite_trial_begin(struct db *db, const struct db_trial_limits *limits,
                                 struct error *err);
MUST_USE bool sqlite_trial_savepoint(struct db *db, struct error *err);
MUST_USE bool sqlite_trial_release(struct db *db, struct error *err);
void sqlite_trial_rollback_to(struct db *db);

#endif
