/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver.h - the functions that a database driver has to provide
 *
 * A driver is one const struct db_driver. To add a database:
 *
 *     src/db/NAME/driver.c      the struct and its methods; src/db/sqlite is the smallest example
 *     src/db/NAME/catalog.c     struct db_catalog, with its queries in src/db/NAME/sql/
 *     src/db/drivers.h, .c      one line each, and the URL finds it
 *     src/sql/dialect_NAME.c    how its scripts are cut into statements
 *
 * db.h describes each method at the function that calls it: lock.release at db_unlock, every other
 * one at db_ plus its name. No method may be missing (tests/unit/test_drivers.c checks this). Where
 * a database lacks a feature, the driver names one of the defaults below. A driver keeps its state
 * in db->handle, and fills db->failed_index and db->failed_part. Memory comes from db->arena.
 * Where db->dry_run is set, connection.open makes a connection that cannot write, and the methods
 * of the catalog hand what they would execute to dry_run_write.
 *
 * Two things are the same for all databases so far; a database that differs would turn them into
 * methods: double quotes around names (db_quote_identifier), and $1, $2, … for parameters.
 */
#ifndef CFLYWAY_DB_DRIVER_H
#define CFLYWAY_DB_DRIVER_H

#include "cflyway/base/buf.h"
#include "cflyway/db/db.h"
#include "cflyway/db/trial.h"

#include <stdbool.h>
#include <stddef.h>

struct db_connection_methods {
	/*
	 * Connects to db->url, once: open.c retries if err is an SQL failure. Sets handle, product
	 * and server_version. Errors: SQL state and the sentence of the Java driver.
	 */
	bool (*open)(struct db *db, struct error *err);
	/* Also called when handle is NULL. Sets it to NULL first, because cancel reads it. */
	void (*close)(struct db *db);
	/* Warns about a version that Flyway does not know, or refuses it. */
	bool (*check_version)(struct db *db, struct error *err);
	bool (*check_product)(struct db *db, struct error *err);
	bool (*describe)(struct db *db, const char *default_schema, const char *table,
	                 struct db_description *description, struct error *err);
	bool (*query)(struct db *db, const char *sql, const char *const *args, size_t n,
	              db_row_fn *row, void *ctx, struct error *err);
	void (*cancel)(struct db *db); /* safe in a signal handler */
	/* Before initSql: sets db->pools_transactions, if it is not known yet. */
	bool (*find_pooler)(struct db *db, struct error *err);
	/*
	 * With db->pools_transactions: checks a statement of initSql, and runs it at the beginning
	 * of each transaction from then on, for that transaction. Errors: also if it can have an
	 * effect beyond that.
	 */
	bool (*set_locally)(struct db *db, const struct statement *statement, struct error *err);
	void (*explain)(struct db *db, struct error *err);
};

struct db_script_methods {
	enum db_status (*begin_guarded)(struct db *db, const struct db_guard *guard, bool lock,
	                                struct error *err);
	enum db_status (*prepare_guarded)(struct db *db, const struct db_guard *guard,
	                                  struct error *err);
	enum db_status (*send)(struct db *db, const struct statement *statement, struct error *err);
	enum db_status (*copy)(struct db *db, const struct statement *statement,
	                       struct splitter *rows, struct error *err);
	enum db_status (*sync)(struct db *db, struct error *err);
	struct db_conflict (*find_conflict)(const struct sql_failure *failure);
	bool (*set_limits)(struct db *db, const struct db_limits *limits, struct error *err);
	bool (*lift_limits)(struct db *db, struct error *err);
	bool (*find_leftovers)(struct db *db, struct str_list *sentences, struct error *err);
	void (*describe_batch)(struct arena *arena, const struct batch_entry *entry,
	                       struct sql_failure *sql, const char **cause);
};

struct db_transaction_methods {
	bool (*begin)(struct db *db, struct error *err);
	bool (*commit)(struct db *db, struct error *err);
	void (*rollback)(struct db *db);
	enum tx_status (*status)(struct db *db);
	bool (*ensure_writable)(struct db *db, bool *committed, struct error *err);
	bool (*restore_role)(struct db *db, struct error *err);
};

struct db_lock_methods {
	bool (*try)(struct db *db, enum lock_kind kind, const char *name, bool *taken,
	            struct error *err);
	bool (*release)(struct db *db, const char *name, bool *held, struct error *err);
	bool (*is_held)(struct db *db, const char *name, bool *held, struct error *err);
	const char *(*holder)(struct db *db, const char *name, int64_t *process);
};

struct db_durability_methods {
	bool can_queue_commit; /* commit_row takes is_queued */
	bool (*commit_row)(struct db *db, const struct db_commit *commit, struct error *err);
	bool (*may_flush_later)(struct db *db, bool *may, struct error *err);
	bool (*flush)(struct db *db, struct error *err);
};

/* What a dry run knows about the history when it begins. */
struct db_history_mark {
	const char *schema, *table; /* unquoted */
	const char *quoted;         /* "schema"."table" */
	bool exists;
	size_t rows;
	int last_rank;     /* -1 without rows */
	int64_t checksums; /* their sum */
	size_t successes;  /* rows that have succeeded */
};

/*
 * What the file of a dry run needs so that the client program of the database (psql, sqlite3) does
 * in one session what cflyway would do. The functions append whole lines; db is the connection from
 * which the dry run reads.
 */
struct db_file_methods {
	const char *command[2]; /* before and after the name of the file, to run it */
	const char *begin;      /* begins the transaction of a migration */
	const char *reset;      /* makes the session a new one, "" if nothing does */
	const char *truths[2];  /* "FALSE", "TRUE" */
	bool end_ends_comment;  /* a comment of a script may be open at its end */
	const char *client;     /* the name of the program that runs the file */
	/* The program would execute a part of the statement as a command of its own. NULL: never */
	bool (*has_client_command)(struct str statement);
	/* Where it may see a variable of its own, unless a blank follows. NULL: nowhere */
	size_t (*find_variable)(struct str statement, size_t from);
	/*
	 * Keep the session from writing: for one statement of initSql, which COMMIT ends, and after
	 * initSql, which may have changed that. NULL: nothing can.
	 */
	const char *begin_reading, *read_only;
	/* The settings that a connection has once it is open. */
	bool (*write_settings)(struct db *db, struct buf *out, struct error *err);
	/* Fails when it is run, unless the history is as mark says. */
	void (*write_guard)(const struct db_history_mark *mark, struct buf *out);
	/* Puts the schema at the head of the search path, where a migration needs it there. */
	void (*write_path)(struct db *db, const char *schema, struct buf *out);
	/* Sets time limits, for the transaction or the session, and puts back what they replace. */
	void (*write_limits)(struct db *db, const struct db_limits *limits, bool is_local,
	                     struct buf *out);
	void (*write_lift)(struct db *db, const struct db_limits *limits, bool is_local,
	                   struct buf *out);
	/* Goes back to the role after initSql; has_session: and to its session user first. */
	void (*write_role)(struct db *db, bool has_session, struct buf *out);
	/* A string, as a part of a line. */
	void (*write_literal)(const char *value, struct buf *out);
};

/* What the transaction of a trial is made of (trial_driver.c). */
struct db_trial_methods {
	const struct db_trial_sql *sql; /* NULL: there is nothing to watch */
	bool (*begin)(struct db *db, const struct db_trial_limits *limits, struct error *err);
	void (*end)(struct db *db); /* rolls back; does nothing without a transaction */
	bool (*savepoint)(struct db *db, struct error *err);
	/* A statement of a script comes next: notes what COMMIT would take back of it. */
	bool (*note)(struct db *db, const struct statement *statement, struct error *err);
	/* Fails where COMMIT would, and ends the savepoint otherwise. */
	bool (*release)(struct db *db, struct error *err);
	void (*rollback_to)(struct db *db); /* ends the savepoint as well */
};

/*
 * Schemas and the history table, in the SQL of this database. The methods give their errors
 * Flyway's titles (db_title).
 */
struct db_catalog {
	bool (*schema_exists)(struct db *db, const char *schema, bool *exists, struct error *err);
	bool (*schema_empty)(struct db *db, const char *schema, bool *empty, struct error *err);
	bool (*create_schema)(struct db *db, const char *schema, struct error *err);
	bool (*drop_schema)(struct db *db, const char *schema, struct error *err);
	bool (*measure_schema)(struct db *db, const char *schema, struct db_clean_size *size,
	                       struct error *err);
	bool (*clean_schema)(struct db *db, const char *schema, struct db_clean_part *part,
	                     struct error *err);
	bool (*table_exists)(struct db *db, const char *schema, const char *table, bool *exists,
	                     struct error *err);
	/*
	 * The n statements that create the history table, in order. A first row is written after
	 * the first of them. They live in the connection's arena. tablespace may be NULL.
	 */
	const char *const *(*history_ddl)(struct db *db, const char *schema, const char *table,
	                                  const char *tablespace, size_t *n);

	/*
	 * SQL with %t for the quoted table. select returns the rows above installed_rank $1, in
	 * rank order: installed_rank, version, description, type, script, checksum, installed_on,
	 * installed_by, execution_time, success. insert takes the same as $1 to $9, without
	 * installed_on, which the database sets.
	 */
	const char *history_select, *history_insert;
	const char *history_update;   /* description, type, checksum = $1, $2, $3 of the rank $4 */
	const char *history_set_time; /* installed_on = $1 of the rank $2 */
	const char *history_delete;   /* rank, version, script = $1, $2, $3; returns it */
	const char *history_delete_failed_version;     /* rows without success, version $1 */
	const char *history_delete_failed_description; /* rows without success, description $1 */

	/* Tables of others. table_columns: the names of the columns of schema $1, table $2. */
	const char *table_columns;
	/*
	 * The tables of schema $1, which is %s quoted, in the order of their names, and whether
	 * each has the columns of a history table: "t" or "1".
	 */
	const char *schema_tables;
	/*
	 * An expression that makes of the column %c, whatever its type is, the digits of
	 * installed_on: NULL if it is no time. %u: TRUE if times without a zone are UTC.
	 */
	const char *time_text;
};

struct db_driver {
	const char *name;       /* "PostgreSQL" */
	const char *scheme;     /* "jdbc:postgresql:" */
	const char *java_class; /* "org.postgresql.Driver": a valid value of flyway.driver */
	const char *library;    /* "libpq": the client library */
	const char *(*library_version)(void); /* "15.20", without loading it */
	/* The version of the OpenSSL in the program; NULL, both of them: there is none. */
	const char *(*tls_version)(struct arena *arena);
	bool makes_schemas;            /* create_schema makes one; otherwise it only says so */
	bool has_transactional_lock;   /* see db_has_transactional_lock */
	bool has_atomic_batches;       /* see db_has_atomic_batches */
	bool failure_ends_transaction; /* see db_failure_ends_transaction */
	const struct dialect *dialect;
	const struct db_catalog *catalog;
	const struct db_file_methods *file;
	/* Would open make a new, empty database? NULL: it never does. url has the scheme. */
	bool (*is_missing)(struct arena *arena, const char *url);
	struct db_connection_methods connection;
	struct db_script_methods script;
	struct db_transaction_methods transaction;
	struct db_lock_methods lock;
	struct db_durability_methods durability;
	struct db_trial_methods trial;
};

/* The databases that a run can use; the URL selects one. */
struct db_drivers {
	const struct db_driver *const *items;
	size_t n;
};

/* The drivers of the program. */
extern const struct db_drivers db_drivers;

/* --- defaults (src/db/driver_defaults.c) -------------------------------------------------- */

/* Accepts every version. */
MUST_USE bool db_default_check_version(struct db *db, struct error *err);

/* For a database that no other product pretends to be. */
MUST_USE bool db_default_check_product(struct db *db, struct error *err);

/* For a database that nobody pools. */
MUST_USE bool db_default_find_pooler(struct db *db, struct error *err);
MUST_USE bool db_default_set_locally(struct db *db, const struct statement *statement,
                                     struct error *err);

/* For a database without a table of causes. */
void db_default_explain(struct db *db, struct error *err);

/* For a dialect without COPY: sends the statement alone. */
MUST_USE enum db_status db_default_copy(struct db *db, const struct statement *statement,
                                        struct splitter *rows, struct error *err);

/* For a database where a failed statement leaves no objects. */
MUST_USE bool db_default_find_leftovers(struct db *db, struct str_list *sentences,
                                        struct error *err);

/* For a database where a script cannot make a transaction read-only. */
MUST_USE bool db_default_ensure_writable(struct db *db, bool *committed, struct error *err);

/* For a database without roles. */
MUST_USE bool db_default_restore_role(struct db *db, struct error *err);

/* For a database where a transaction may take any number of locks. */
MUST_USE bool db_default_measure_schema(struct db *db, const char *schema,
                                        struct db_clean_size *size, struct error *err);

/* For a database that does not report who holds a lock. */
const char *db_default_lock_holder(struct db *db, const char *name, int64_t *process);

/*
 * Inserts a row of the history, and fails if the table does not take it: a trigger that returns
 * NULL or raises IGNORE, and a rule DO INSTEAD, end without an error.
 */
MUST_USE bool db_insert_row(struct db *db, const char *sql, const char *const *args, size_t n,
                            struct error *err);

/*
 * Fails if no row of that rank, or of a later one, is there: a trigger has deleted what was
 * inserted, a rule has written it elsewhere, or a policy hides it. table is quoted.
 */
MUST_USE bool db_look_for_row(struct db *db, const char *table, int rank, struct error *err);

extern const char db_row_not_there[]; /* what that failure says */

/* Role, row, a look at the row and COMMIT, one after the other; is_queued and flush are ignored. */
MUST_USE bool db_default_commit_row(struct db *db, const struct db_commit *commit,
                                    struct error *err);

/* For a database where COMMIT keeps everything. */
MUST_USE bool db_default_trial_note(struct db *db, const struct statement *statement,
                                    struct error *err);

/* For a database where every COMMIT waits for the disk: there is no later flush to wait for. */
MUST_USE bool db_default_may_flush_later(struct db *db, bool *may, struct error *err);
MUST_USE bool db_default_flush(struct db *db, struct error *err);

#endif
