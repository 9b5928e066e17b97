/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dry_run_state.h - a dry run that is under way, for the files that work on it
 *
 *     sql_file            the file
 *     dry_run_state       what this run has "written": rows of the history, schemas
 *     dry_run_text        statements, transactions and rows as lines of the file
 *     dry_run_script      what statements do to the transaction and the session
 *     dry_run_catalog     schemas and the history table
 *     dry_run_reading     the session that it reads from
 *     dry_run_driver      the methods of a driver, around another one
 *     dry_run             the life of a dry run
 */
#ifndef CFLYWAY_DB_DRY_RUN_STATE_H
#define CFLYWAY_DB_DRY_RUN_STATE_H

#include "sql_file.h"

#include "cflyway/base/buf.h"
#include "cflyway/base/clock.h"
#include "cflyway/db/driver.h"

/* --- what this run has "written" ----------------------------------------------------------- */

enum {
	DRY_COLUMNS = 10, /* those of history_select */
	DRY_RANK = 0,
	DRY_VERSION = 1,
	DRY_DESCRIPTION = 2,
	DRY_TYPE = 3,
	DRY_SCRIPT = 4,
	DRY_CHECKSUM = 5,
	DRY_INSTALLED_ON = 6,
	DRY_SUCCESS = 9,
};

struct dry_row {
	const char *values[DRY_COLUMNS];
	int rank;
	bool is_deleted;
};

/* A row as it was before it was changed. */
struct dry_change {
	size_t index;
	struct dry_row before;
};

struct dry_history {
	const char *schema, *table, *quoted; /* NULL: not known yet */
	bool exists;
	bool is_read; /* rows holds all of them */
	struct dry_row *rows;
	size_t n, room;
	struct dry_change *changes;
	size_t changes_n;
	const char *const *ddl; /* the statements that create it; of the last history_ddl */
	size_t ddl_n;
};

enum dry_schema_state {
	DRY_CREATED,
	DRY_CLEANED,
	DRY_DROPPED,
};

struct dry_schema {
	const char *name;
	enum dry_schema_state state;
	bool keeps_history; /* cleaned, but for the history table */
};

/* What a rollback goes back to. */
struct dry_mark {
	bool exists, is_read;
	size_t n, changes_n, schemas_n;
};

struct dry_connection;

struct dry_run {
	struct arena arena;
	struct sql_file file;
	const struct clock *clock;
	struct db_drivers drivers;
	struct dry_history history;
	struct dry_schema *schemas; /* the last one of a name counts */
	size_t schemas_n;
	struct dry_connection *writer; /* whose transaction is open in the file; NULL: none */
	size_t connections;            /* open ones */
	bool has_header, has_session, has_guard; /* what the file begins with */
	bool has_objects;                        /* it may have made some, or dropped them */
	bool has_script_objects;                 /* statements of scripts may have done so */
	/* statements of scripts that may make schemas, and that may drop or rename them */
	struct buf schemas_made, schemas_dropped;
	bool schemas_unknown; /* there are too many of them */
	size_t written;       /* commands of cflyway's own */
	/* of the session that runs the file: */
	struct buf session;                /* what it begins with */
	struct dry_connection *session_of; /* whose statements were written last */
	bool is_changed; /* they may have changed settings, made temporary tables … */
	bool has_path;   /* the search path is that of a migration or callback */
	struct dry_connection *path_of; /* which has set it; NULL: it is closed */
	bool role_is_ours;
	bool has_session_user; /* a script may have chosen another one */
};

/* The history becomes known, with its rows if there is one. What cannot be read is left to the
 * command, which reports it. */
void dry_history_find(struct dry_run *dry_run, struct db *real, const char *schema,
                      const char *table, bool exists);

/* Answers history_select: the rows above the rank. Reads them first, if need be. */
MUST_USE bool dry_history_select(struct dry_run *dry_run, struct db *real, const char *sql,
                                 const char *const *args, db_row_fn *row, void *ctx,
                                 struct error *err);

void dry_history_created(struct dry_run *dry_run);
void dry_history_insert(struct dry_run *dry_run, const char *const *args);
void dry_history_update(struct dry_run *dry_run, const char *const *args);

/* Deletes the rows that have the values in these columns; returns how many. */
size_t dry_history_delete(struct dry_run *dry_run, const char *const *args, const int *columns,
                          size_t n);
/* ... and whose success is false. */
size_t dry_history_delete_failed(struct dry_run *dry_run, int column, const char *value);

int dry_history_last_rank(const struct dry_run *dry_run);
int64_t dry_history_checksums(const struct dry_run *dry_run); /* their sum */
size_t dry_history_successes(const struct dry_run *dry_run);
bool dry_history_is(const struct dry_run *dry_run, const char *schema, const char *table);

/* NULL: this run has not touched the schema. */
struct dry_schema *dry_schema_find(const struct dry_run *dry_run, const char *name);
void dry_schema_set(struct dry_run *dry_run, const char *name, enum dry_schema_state state);

struct dry_mark dry_mark(const struct dry_run *dry_run);
void dry_rewind(struct dry_run *dry_run, const struct dry_mark *mark);

/* --- the driver ---------------------------------------------------------------------------- */

struct dry_driver {
	struct db_driver driver; /* first: a connection finds the dry run by it */
	struct db_catalog catalog;
	const struct db_driver *real;
	struct dry_run *dry_run;
};

struct dry_connection {
	struct db real; /* first; where it reads */
	struct dry_run *dry_run;
	bool is_described; /* what is sent before is initSql */
	bool is_main;      /* not one for callbacks */
	/* the transaction as a server would have it */
	enum tx_status tx;
	bool has_begun; /* it is in the file */
	bool is_nested; /* it is not: the one of another connection is open there */
	bool is_batch;  /* it ends with the next sync */
	const char *begin_sql;
	const char *savepoint; /* SQLite: its transaction ends with this savepoint; NULL */
	long begun_at;         /* how long the file was then */
	struct dry_mark mark;
	/* lines that go before the next statement */
	struct buf pending;
	bool sets_path;          /* pending, too */
	bool makes_read_only;    /* a script may have done so */
	size_t sent;             /* since the last sync */
	struct db_limits limits; /* of the script, in the file */
	bool has_limits, has_local_limits;
};

static inline struct dry_connection *dry_connection_of(struct db *db)
{
	return db->handle;
}

/* On the session that reads; sql may be NULL. */
MUST_USE bool dry_command(struct dry_connection *connection, const char *sql, struct error *err);

/* Around a statement of initSql: whatever it sets, it cannot write. */
MUST_USE bool dry_begin_reading(struct dry_connection *connection, struct error *err);
MUST_USE enum db_status dry_end_reading(struct dry_connection *connection, enum db_status status,
                                        struct error *err);

/* Fills driver with the methods of a dry run. */
void dry_driver_init(struct dry_driver *driver, const struct db_driver *real,
                     struct dry_run *dry_run);

/* Exchanges the methods of the catalog; its SQL stays. */
void dry_catalog_init(struct db_catalog *catalog);

/* Where the history is, once that is known: reads it, and writes the guard. */
void dry_find_history(struct dry_connection *connection, const char *schema, const char *table,
                      bool exists);

/* --- lines of the file --------------------------------------------------------------------- */

/* The head of the file, once. */
MUST_USE bool dry_write_header(struct dry_connection *connection, struct error *err);
void dry_write_guard(struct dry_connection *connection);

/* A transaction of this connection: in the file only once something is written in it. */
void dry_begin(struct dry_connection *connection, const char *sql);
void dry_commit(struct dry_connection *connection);
void dry_rollback(struct dry_connection *connection);

/* The script has begun, or ended, the transaction that is open in the file. */
void dry_adopt(struct dry_connection *connection);
void dry_leave(struct dry_connection *connection);

/* Lines that precede the next statement. */
void dry_prepare(struct dry_connection *connection, const struct db_guard *guard);
void dry_prepare_source(struct dry_connection *connection, const char *path);
void dry_prepare_role(struct dry_connection *connection);
void dry_prepare_limits(struct dry_connection *connection, const struct db_limits *limits,
                        bool is_local);
void dry_lift_limits(struct dry_connection *connection);

/* A statement of a script may make objects, or drop them: CREATE, DO, a script that is not SQL. */
bool dry_changes_objects(const char *text);

/* A script may have made a schema of this name, or dropped or renamed it. */
bool dry_may_have_made(const struct dry_run *dry_run, const char *schema);
bool dry_may_have_dropped(const struct dry_run *dry_run, const char *schema);

/* Is it a setting that the driver may refuse? Only the server knows what a value means. */
bool dry_may_be_refused(const char *text);

/* A command of cflyway's own, without delimiter. */
void dry_write_command(struct dry_connection *connection, struct str sql);

/* A row of the history: $1 … of a template of the catalog. kinds: n, t or b for each. */
void dry_write_row(struct dry_connection *connection, const char *text, struct str table,
                   const char *const *args, const char *kinds);

/* Are the words in the text, in any case? word is in upper case. */
bool dry_mentions(struct str text, const char *word);

/* A statement of a script follows: settings of another connection must not reach it. */
void dry_enter_session(struct dry_connection *connection);

/* Lines as they are, with what precedes them. */
void dry_write_text(struct dry_connection *connection, struct str text);

/* The statement as the program that plays the file must read it; it may be put into copy. */
struct str dry_statement_text(const struct dry_connection *connection,
                              const struct statement *statement, struct buf *copy);

/* A statement of a script, and the rows that follow it. */
void dry_write_statement(struct dry_connection *connection, const struct statement *statement);
MUST_USE bool dry_write_copy(struct dry_connection *connection, const struct statement *statement,
                             struct splitter *rows, struct error *err);

#endif
