/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_connection.h - a connection to the fake database: what its driver is made of
 */
#ifndef CFLYWAY_TESTS_FAKE_CONNECTION_H
#define CFLYWAY_TESTS_FAKE_CONNECTION_H

#include "fake_db.h"

struct fake_request; /* fake_script.c */

struct fake_connection {
	struct fake_db *fake;
	struct db *db;
	size_t number; /* from 1; in the store, the owner of what is not committed */
	bool in_transaction, has_failed, is_read_only;
	bool has_session_lock;
	bool has_session_limits;
	bool is_lost, loses_answer;
	size_t savepoint; /* so many changes were in the store */
	struct fake_request *queue;
	size_t queued, sent;
};

struct fake_connection *fake_connection_of(struct db *db);

/* Begins a call: records it. False if it fails, by a fault or because nothing can succeed. */
MUST_USE bool fake_enter(struct fake_connection *connection, const char *call, const char *detail,
                         struct error *err);

/* Ends a call that has had its effect: false if the answer to it is lost. */
MUST_USE bool fake_leave(struct fake_connection *connection, struct error *err);

/* Refuses; the transaction, if there is one, has failed. Always returns false. */
bool fake_refuse(struct fake_connection *connection, const char *state, const char *message,
                 struct error *err);

/* Whose changes are made now. */
size_t fake_owner(const struct fake_connection *connection);

void fake_change(struct fake_connection *connection, enum fake_change_kind kind, const char *name);

/* Ends the transaction, and with it its lock. */
void fake_end_transaction(struct fake_connection *connection, bool commits);

/* --- fake_catalog.c ------------------------------------------------------------------------ */

/* What the connection sees. */
struct fake_view fake_look(const struct fake_connection *connection);

/* Fails without the history table of that name, quoted. */
MUST_USE bool fake_needs_table(struct fake_connection *connection, const char *table,
                               struct error *err);

/* The table at the beginning of "TABLE(VALUES)". */
const char *fake_table_in(struct arena *arena, const char *text);

/* The arguments of history_insert as a row. */
struct fake_row fake_row_of(const char *const *args);

MUST_USE bool fake_insert_row(struct fake_connection *connection, const char *table,
                              struct fake_row row, struct error *err);
extern const struct db_file_methods fake_file_methods; /* fake_file.c */

MUST_USE bool fake_find_pooler(struct db *db, struct error *err);
MUST_USE bool fake_describe(struct db *db, const char *default_schema, const char *table,
                            struct db_description *description, struct error *err);
MUST_USE bool fake_query(struct db *db, const char *sql, const char *const *args, size_t n,
                         db_row_fn *row, void *ctx, struct error *err);
extern const struct db_catalog fake_catalog;

/* --- fake_script.c ------------------------------------------------------------------------- */

/* Carries out what has been sent. */
MUST_USE bool fake_await(struct fake_connection *connection, struct error *err);

MUST_USE enum db_status fake_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                           struct error *err);
MUST_USE enum db_status fake_prepare_guarded(struct db *db, const struct db_guard *guard,
                                             struct error *err);
MUST_USE enum db_status fake_send(struct db *db, const struct statement *statement,
                                  struct error *err);
MUST_USE enum db_status fake_copy(struct db *db, const struct statement *statement,
                                  struct splitter *rows, struct error *err);
MUST_USE enum db_status fake_sync(struct db *db, struct error *err);
struct db_conflict fake_find_conflict(const struct sql_failure *failure);
MUST_USE bool fake_set_limits(struct db *db, const struct db_limits *limits, struct error *err);
MUST_USE bool fake_lift_limits(struct db *db, struct error *err);
MUST_USE bool fake_commit_row(struct db *db, const struct db_commit *row, struct error *err);

/* --- fake_driver.c ------------------------------------------------------------------------- */

MUST_USE bool fake_begin_transaction(struct fake_connection *connection, struct error *err);
MUST_USE bool fake_commit_transaction(struct fake_connection *connection, const char *flush,
                                      struct error *err);
void fake_roll_back(struct fake_connection *connection);
MUST_USE bool fake_take_lock(struct fake_connection *connection, enum lock_kind kind, bool *taken,
                             struct error *err);

/* Returns whether there was one. */
bool fake_drop_session_lock(struct fake_connection *connection);

extern const struct db_driver fake_driver;

#endif
