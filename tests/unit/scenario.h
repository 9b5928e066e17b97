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
 * no more calls. Every time must hold: a command that succeeds and logs no warning and no error has
 * left behind what it leaves without a fault; an error is set once, and has a message; all
 * connections are closed. look (may be NULL) looks at what the command has said about fault.
 */
void scenario_break(const struct scenario *scenario, const struct command *command,
                    void (*look)(struct run_fixture *fixture, const char *fault));

/* For tcase_add_checked_fixture. */
void scenario_set_up(void);
void scenario_tear_down(void);

/* Writes what the scenario gives to FILE.new; folder is that of the project. */
void scenario_record(const struct scenarios *scenarios, const struct scenario *scenario, int folder,
                     const char *text);

/* The result as lines. */
void scenario_put_result(struct buf *text, const struct result *result);

#endif
