/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver.h - what a database has to provide
 *
 * A driver is one const struct db_driver, named in the list in src/db/drivers.c. Every method is
 * there: where a database has nothing of the kind, the driver names one of the defaults below. What
 * a method is to do stands beside the function of db.h that calls it, db_ and the same words. The
 * smallest example is src/db/sqlite/driver.c.
 */
#ifndef CFLYWAY_DB_DRIVER_H
#define CFLYWAY_DB_DRIVER_H

#include "cflyway/db/db.h"

#include <stdbool.h>
#include <stddef.h>

struct db_connection_methods {
	/* Connects (no retries: open.c does that). Errors: SQL state and the driver's sentence. */
	bool (*open)(struct db *db, struct error *err);
	void (*close)(struct db *db);
	/* Says what is to be said about the server's version: lines or an error. */
	bool (*check_version)(struct db *db, struct error *err);
	bool (*describe)(struct db *db, const char *default_schema, const char *table,
	                 struct db_description *description, struct error *err);
	bool (*query)(struct db *db, const char *sql, const char *const *args, size_t n,
	              db_row_fn *row, void *ctx, struct error *err);
	void (*cancel)(struct db *db); /* safe in a signal handler */
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
	bool (*find_leftovers)(struct db *db, struct str_list *sentences, struct error *err);
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
	const char *(*holder)(struct db *db, const char *name);
};

struct db_durability_methods {
	bool can_queue_commit; /* commit_row takes is_queued */
	bool (*commit_row)(struct db *db, const struct db_commit *commit, struct error *err);
	bool (*may_flush_later)(struct db *db, bool *may, struct error *err);
	bool (*flush)(struct db *db, struct error *err);
};

/* Schema level: what to ask and what to say in the SQL of this database. */
struct db_catalog {
	bool (*schema_exists)(struct db *db, const char *schema, bool *exists, struct error *err);
	bool (*schema_empty)(struct db *db, const char *schema, bool *empty, struct error *err);
	bool (*create_schema)(struct db *db, const char *schema, struct error *err);
	bool (*drop_schema)(struct db *db, const char *schema, struct error *err);
	bool (*clean_schema)(struct db *db, const char *schema, struct error *err);
	bool (*table_exists)(struct db *db, const char *schema, const char *table, bool *exists,
	                     struct error *err);
	/* The statements that make the history table, in order; the row goes in after the first. */
	const char *const *(*history_ddl)(struct arena *arena, const char *schema,
	                                  const char *table, const char *tablespace, size_t *n);
	const char *history_insert; /* text with %t for the quoted table */
	const char *history_select; /* rows with installed_rank > $1, in order */
	const char *history_update; /* description, type, checksum by installed_rank */
	const char *history_delete_failed_version, *history_delete_failed_description;
};

struct db_driver {
	const char *name;       /* "PostgreSQL" */
	const char *scheme;     /* "jdbc:postgresql:" */
	const char *java_class; /* "org.postgresql.Driver": what flyway.driver may say */
	/* The library that it uses, with its version: "libpq", "15.20". */
	const char *library;
	const char *(*library_version)(void); /* without loading it */
	bool has_transactional_lock;
	const struct dialect *dialect;
	const struct db_catalog *catalog;
	struct db_connection_methods connection;
	struct db_script_methods script;
	struct db_transaction_methods transaction;
	struct db_lock_methods lock;
	struct db_durability_methods durability;
};

/* The databases that a run can talk to: the URL chooses among them. */
struct db_drivers {
	const struct db_driver *const *items;
	size_t n;
};

/* Those of the program. */
extern const struct db_drivers db_drivers;

/* --- defaults (src/db/driver_defaults.c) -------------------------------------------------- */

/* Every version will do. */
MUST_USE bool db_default_check_version(struct db *db, struct error *err);

/* The dialect finds no rows in scripts: the statement alone. */
MUST_USE enum db_status db_default_copy(struct db *db, const struct statement *statement,
                                        struct splitter *rows, struct error *err);

/* A statement that fails leaves nothing behind. */
MUST_USE bool db_default_find_leftovers(struct db *db, struct str_list *sentences,
                                        struct error *err);

/* A script cannot make a transaction read-only. */
MUST_USE bool db_default_ensure_writable(struct db *db, bool *committed, struct error *err);

/* There are no roles. */
MUST_USE bool db_default_restore_role(struct db *db, struct error *err);

/* Nobody can be named. */
const char *db_default_lock_holder(struct db *db, const char *name);

/* Role, row and COMMIT one after the other. */
MUST_USE bool db_default_commit_row(struct db *db, const struct db_commit *commit,
                                    struct error *err);

/* Every COMMIT waits for the disk. */
MUST_USE bool db_default_may_flush_later(struct db *db, bool *may, struct error *err);
MUST_USE bool db_default_flush(struct db *db, struct error *err);

#endif
