/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scenario.h - commands on the fake database, as texts: tests/golden/commands/README.md
 */
#ifndef CFLYWAY_TESTS_SCENARIO_H
#define CFLYWAY_TESTS_SCENARIO_H

#include "run_fixture.h"

struct scenario {
	const char *name;
	struct str_list files;     /* "V1__a.sql: create table a;" */
	struct str_list options;   /* "outOfOrder=true" */
	struct str_list database;  /* words */
	struct str_list reactions; /* "create table a => notice 00000 text" */
	struct str_list faults;    /* "fails 2 COMMIT" */
	struct str_list shows;     /* "calls" */
	const char *expected;
};

struct scenarios {
	struct arena arena;
	const char *path;
	struct scenario *items;
	size_t n;
};

/* Reads tests/golden/commands/NAME.txt; for the whole run of the tests. */
void scenarios_load(struct scenarios *scenarios, const char *name);

const struct scenario *scenario_find(const struct scenarios *scenarios, const char *name);

/*
 * Runs the command in the i-th scenario and compares what it has said and left behind with what is
 * expected. With UNIT_RECORD in the environment it becomes what is expected, in FILE.new.
 */
void scenario_check(const struct scenarios *scenarios, size_t i, const struct command *command);

/*
 * Runs the command again and again, each time with another fault at another call, until there are
 * no more calls. Every time must hold: a command that succeeds has left behind what it leaves
 * without a fault; an error is set once, and has a message; all connections are closed. look (may
 * be NULL) looks at what the command has said about fault.
 */
void scenario_break(const struct scenario *scenario, const struct command *command,
                    void (*look)(struct run_fixture *fixture, const char *fault));

/* --- the parts ----------------------------------------------------------------------------- */

/* Writes the files and sets the options, in a fixture that was opened for this scenario. */
void scenario_write(struct run_fixture *fixture, const struct scenario *scenario);

/* Fills the database, which is new or was reset. */
void scenario_fill(struct run_fixture *fixture, const struct scenario *scenario);

/* What the command has said, and what is in the database. */
const char *scenario_text(struct run_fixture *fixture);

/* What the text says of the database alone. */
const char *scenario_database(const struct run_fixture *fixture);

void scenario_put_result(struct buf *text, const struct result *result);

#endif
