/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_fixture.h - a command on the fake database, with migrations in a scratch folder
 *
 * The folder sql/ is the location, the history is "public"."flyway_schema_history". The clock
 * stands still but for the pauses, which are counted and not waited for.
 */
#ifndef CFLYWAY_TESTS_RUN_FIXTURE_H
#define CFLYWAY_TESTS_RUN_FIXTURE_H

#include "fake_db.h"
#include "scratch.h"

#include "cflyway/base/clock.h"
#include "cflyway/commands/command.h"
#include "cflyway/config/settings.h"
#include "cflyway/core/locations.h"
#include "cflyway/core/outcome.h"
#include "cflyway/core/session.h"

struct run_fixture {
	struct scratch scratch;
	struct arena arena; /* of one run */
	struct fake_db fake;
	struct pairs options;
	struct settings settings;
	struct db db;
	struct locations locations;
	struct clock clock;
	int64_t now_ms, paused_ms;  /* paused_ms: all pauses so far */
	bool shows_calls;           /* in the text of a scenario */
	bool has_default_locations; /* locations are not configured */
	bool shows_progress;        /* to a program (outputProgress) and on a terminal */
	struct dry_run *dry_run;    /* of the option dryRunOutput; NULL without */
	struct run run;
	struct result result;
	struct outcome outcome;
	struct error err;
};

void run_fixture_open(struct run_fixture *fixture);
void run_fixture_close(struct run_fixture *fixture);

/* Begins anew with an empty database; files and options stay. */
void run_fixture_reset(struct run_fixture *fixture);

/*
 * An option by its key without "flyway.", for runs that have not been connected yet; also "debug"
 * and "migrationIds".
 */
void run_fixture_set(struct run_fixture *fixture, const char *key, const char *value);

/* Writes sql/NAME. */
void run_fixture_write(struct run_fixture *fixture, const char *name, const char *text);

/* Adds the history table of the run, without rows. */
void run_fixture_add_table(struct run_fixture *fixture);

/* Connects and opens what a command finds. The result and the lines of the log are kept. */
MUST_USE bool run_fixture_connect(struct run_fixture *fixture, const struct command *command);

/* Ends what run_fixture_connect has begun; every connection must be closed then. */
void run_fixture_disconnect(struct run_fixture *fixture);

/* All of it: connects, runs the command, disconnects. */
MUST_USE bool run_fixture_run(struct run_fixture *fixture, const struct command *command);

/*
 * Compares the lines of the log, and behind them "error: MESSAGE" and "note: NOTE" of a run that
 * has failed, with expected; forgets the lines. what names the case in a message.
 */
void run_fixture_expect(struct run_fixture *fixture, const char *what, const char *expected);

/* The same for the calls of the database. */
void run_fixture_expect_calls(struct run_fixture *fixture, const char *what, const char *expected);

#endif
