/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pg_fixture.h - a connection of the PostgreSQL driver to the server of fake_libpq.h
 *
 * What the listener is told is recorded, a line each: "started", "committed", "notice STATE TEXT",
 * "result N title,title: a,b; c,NULL", "complete N affected", "waiting".
 */
#ifndef CFLYWAY_TESTS_PG_FIXTURE_H
#define CFLYWAY_TESTS_PG_FIXTURE_H

#include "fake_libpq.h"

#include "../../src/db/postgres/postgres.h"

#include "cflyway/config/settings.h"
#include "cflyway/db/db.h"

enum { PG_FIXTURE_PID = 7 };

struct pg_fixture {
	struct arena arena;
	struct settings settings;
	struct log log;
	struct str_list lines; /* of the log: "DEBUG libpq 16.3" */
	struct error err;
	struct pg_conn conn;
	struct postgres *pg;
	struct db db;
	struct db_listener listener; /* functions may be set to NULL */
	struct str_list events;
};

/* Makes a handle that is not connected yet. */
void pg_fixture_open(struct pg_fixture *fixture);

/* Connects, and is described: role me, search path public; forgets the calls so far. */
void pg_fixture_connect(struct pg_fixture *fixture);

void pg_fixture_close(struct pg_fixture *fixture);

/* What the listener was told so far, joined by line ends; forgets it. */
const char *pg_fixture_events(struct pg_fixture *fixture);

/* "SQLSTATE message", or the message alone; then " | note" for each note. */
const char *pg_fixture_error(struct pg_fixture *fixture);

/* Sends a statement with these flags. */
enum db_status pg_fixture_send(struct pg_fixture *fixture, const char *sql, unsigned flags);

/* The guard of "public"."h" with the last rank 3, for the schema app. */
struct db_guard pg_fixture_guard(void);

#endif
