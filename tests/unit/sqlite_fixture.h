/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_fixture.h - SQLite databases for a test: in memory, or in a folder of its own
 *
 * The folder is the current directory, so "jdbc:sqlite:a.db" is in it.
 */
#ifndef CFLYWAY_TESTS_SQLITE_FIXTURE_H
#define CFLYWAY_TESTS_SQLITE_FIXTURE_H

#include "../../src/db/sqlite/sqlite.h"
#include "scratch.h"

extern struct scratch sqlite_scratch;

void sqlite_fixture_enter(void);
void sqlite_fixture_leave(void);

/* A connection that must open; NULL: a database in memory. db_close ends it. */
struct db *sqlite_fixture_open(const char *url);

/* Sends a statement of a script. */
enum db_status sqlite_fixture_send(struct db *db, const char *sql, struct error *err);

/* Sends one that must succeed. */
void sqlite_fixture_run(struct db *db, const char *sql);

/* The first value of the first row; NULL: it is NULL, or there is no row. */
const char *sqlite_fixture_value(struct db *db, const char *sql);

/* The lowest number of a file that is not open: the same before and after if nothing stays open. */
int sqlite_fixture_next_fd(void);

#endif
