/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_db.h - a database in memory, for tests of what stands above the drivers
 *
 * It has a driver of its own, so db_open reaches it: hand fake.drivers to the run, with an URL that
 * begins with "jdbc:fake:". It keeps what it is told in a store (fake_store.h), records every call
 * in order, refuses what a server refuses (a statement in a failed transaction, a second row of the
 * same rank), fails where the test asks for it, and stops the test where a driver must never be
 * called (BEGIN in a transaction, COMMIT outside of one).
 *
 * Calls are recorded by these names, with "2: " in front for the second connection that was opened:
 *
 *     OPEN VERSION DESCRIBE CLOSE CANCEL        BEGIN COMMIT ROLLBACK WRITABLE ROLE
 *     CHECK RANK  PATH SCHEMA  LIMITS LOCK STATEMENT, LIMITS session …, LIFT
 *                                               LOCK  LOCK session  UNLOCK  HELD  HOLDER
 *     SEND STATEMENT  COPY STATEMENT  SYNC      COMMIT, with later, now, queued    LATER FLUSH
 *     SELECT RANK  INSERT RANK  UPDATE RANK  DELETE VERSION  DELETE RANK RANK
 *     CREATE TABLE  CREATE INDEX
 *     SCHEMA NAME  EMPTY NAME  TABLE NAME       CREATE SCHEMA NAME  DROP SCHEMA NAME
 *     SAVEPOINT RELEASE ROLLBACK TO             (in a trial, which begins with BEGIN)
 *     CLEAN NAME, in parts with where it begins, the locks and what is kept
 */
#ifndef CFLYWAY_TESTS_FAKE_DB_H
#define CFLYWAY_TESTS_FAKE_DB_H

#include "fake_store.h"

#include "cflyway/db/driver.h"

enum { FAKE_FAULTS_MAX = 4, FAKE_REACTIONS_MAX = 8 };

enum fake_fault_kind {
	FAKE_FAILS,        /* the server refuses the call: it has no effect */
	FAKE_LOSES,        /* the connection is lost before the call has any effect */
	FAKE_LOSES_ANSWER, /* the call takes effect, but the connection is lost before it says so */
	FAKE_CONFLICTS,    /* the same, because another session is in the way */
	FAKE_CANCELS,      /* a signal comes while the call is being made, which fails */
};

struct fake_fault {
	enum fake_fault_kind kind;
	const char *call; /* how the calls begin that are counted, "COMMIT"; NULL: all calls */
	size_t at;        /* the n-th of them, from 1 */
	size_t times;     /* so many from there on; 0: once */
	size_t seen;      /* so many of them have been made */
};

/* What a statement of a script does beside being recorded. What is not set does not happen. */
struct fake_reaction {
	const char *statement; /* how it begins */
	const char *state, *failure;
	const char *notice_state, *notice;
	const char *titles, *rows; /* "id,name" and "1,a\n2,b" */
	int64_t affected;          /* 0: the command counts no rows */
	int64_t takes_ms;          /* passes on_time */
	bool drops_locks;          /* also the session lock of the history */
	bool makes_read_only;      /* the transaction */
};

struct fake_db {
	struct db_driver driver;   /* first: a connection finds its database by it */
	struct db_drivers drivers; /* the list that holds it alone */
	const struct db_driver *list[1];
	struct arena *arena;
	struct fake_store store;

	/*
	 * What the test sets, also of the driver: has_transactional_lock; and
	 * durability.can_queue_commit, with which all that is sent waits, as in a pipeline, until
	 * it is awaited.
	 */
	struct fake_fault faults[FAKE_FAULTS_MAX];
	size_t faults_n;
	struct fake_reaction reactions[FAKE_REACTIONS_MAX];
	size_t reactions_n;
	size_t busy_tries;       /* so many tries of the lock find it busy */
	size_t busy_at;          /* so does the n-th of all, from 1; 0: none */
	const char *lock_holder; /* NULL: nobody can be named */
	int64_t lock_process;
	size_t stale_checks_at;     /* the n-th check of the history sees another rank; 0: none */
	size_t stale_checks;        /* so many from there on */
	const char *current_schema; /* NULL: there is none */
	size_t unknown_tries;       /* so many times nothing can be asked (schema_unknown) */
	bool may_flush_later;
	bool pools_transactions; /* see struct db */
	size_t standby_at;       /* from the n-th description on it is one; 0: never */
	size_t descriptions;     /* so many there were */
	bool keeps_rows;         /* a row that is deleted by its rank stays */
	bool swallows_rows;      /* a row that is inserted is not there */
	int64_t clean_locks;     /* what clean needs for each schema */
	int64_t clean_limit;     /* what it believes to have; 0: any number */
	int64_t clean_room;      /* what there is; 0: any number */
	int64_t started_ago_ms;  /* so long it takes until a start is known */
	/* Called before each call takes effect, with its record. */
	void (*on_call)(void *ctx, const char *call);
	/* Time passes while a statement runs. */
	void (*on_time)(void *ctx, int64_t ms);
	void *ctx;

	/* What the test reads. */
	struct str_list calls;
	size_t opened, closed; /* connections */

	size_t checks, lock_tries;
	struct db *first;  /* the connection that signals watch */
	size_t lock_owner; /* the number of a connection; 0: nobody */
};

/* With the schema "public" alone, empty and current. */
void fake_db_init(struct fake_db *fake, struct arena *arena);

/* Connects as the program does; the calls for it are not among fake->calls. */
void fake_db_connect(struct fake_db *fake, struct db *db, const struct settings *settings,
                     const struct log *log);

void fake_db_add_fault(struct fake_db *fake, enum fake_fault_kind kind, const char *call,
                       size_t at);
void fake_db_add_reaction(struct fake_db *fake, struct fake_reaction reaction);

/* What another program has done meanwhile: committed. */
void fake_db_add_schema(struct fake_db *fake, const char *schema);
void fake_db_drop_schema(struct fake_db *fake, const char *schema);
void fake_db_add_object(struct fake_db *fake, const char *schema, const char *name);
void fake_db_add_table(struct fake_db *fake, const char *schema, const char *table);

/*
 * Adds the row of an SQL migration that was successful, above the highest rank; version NULL is a
 * repeatable. *row may be changed until the next call.
 */
struct fake_row *fake_db_add_row(struct fake_db *fake, const char *version, const char *description,
                                 const char *script, const char *checksum);

/* What is committed. */
struct fake_view fake_db_view(const struct fake_db *fake);

/* Statements of scripts that are committed, one a line. */
const char *fake_db_statements(const struct fake_db *fake);

/* The rows that are committed: "1 2.1 a table SQL V2.1__a_table.sql ok\n", "… failed\n". */
const char *fake_db_rows(const struct fake_db *fake);

/* The calls, one a line; forgets them. */
const char *fake_db_calls(struct fake_db *fake);

#endif
