/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dry_run.h - writes what a command would do to a database into a file of SQL, and does not do it
 *
 * A dry run has drivers of its own, which wrap those of the program. What a command reads comes
 * from the database, over a connection that cannot write; what it would write becomes lines of the
 * file, and later reads see it: the history table that is not there yet has the rows that this run
 * has "written". So the command takes the same way as in a real run, and knows nothing of it.
 *
 *     struct dry_run *dry_run = dry_run_open("out.sql", &db_drivers, &clock_system, err);
 *
 *     run.drivers = dry_run_drivers(dry_run);
 *     ... the commands of the call ...
 *     dry_run_finish(dry_run, err);
 *     dry_run_close(dry_run);
 *
 * doc/dry-run.md describes the file.
 */
#ifndef CFLYWAY_DB_DRY_RUN_H
#define CFLYWAY_DB_DRY_RUN_H

#include "cflyway/base/attr.h"
#include "cflyway/base/clock.h"
#include "cflyway/base/error.h"
#include "cflyway/db/db.h"

#include <stdbool.h>

struct dry_run;

/*
 * Opens the file; path is "-" for standard output, of which nothing is written before
 * dry_run_finish. A file appears under its name only then, as a whole. Creates missing directories.
 * Errors: "Unable to write the dry run to PATH: REASON".
 */
MUST_USE struct dry_run *dry_run_open(const char *path, const struct db_drivers *drivers,
                                      const struct clock *clock, struct error *err);

/* The drivers that wrap those of dry_run_open. */
const struct db_drivers *dry_run_drivers(const struct dry_run *dry_run);

/* Is this the file that the dry run writes? path need not exist. */
bool dry_run_writes(const struct dry_run *dry_run, const char *path);

/* Ends the file and puts it in its place. Errors: as dry_run_open. */
MUST_USE bool dry_run_finish(struct dry_run *dry_run, struct error *err);

/* Without dry_run_finish nothing of the file is left. NULL is allowed. */
void dry_run_close(struct dry_run *dry_run);

/*
 * For the layers above: these do nothing unless db belongs to a dry run.
 *
 * What follows is a part of the command: "validate", "migrate -> v2".
 */
void dry_run_section(struct db *db, const char *format, ...) PRINTF(2, 3);

/* What follows comes from a script; path is as it was found. */
void dry_run_source(struct db *db, const char *path);

/* Is it a dry run? Then a script that is not SQL is only named in the file, and not run. */
bool dry_run_names_program(struct db *db, const char *path);

/*
 * For drivers: SQL that a method of the catalog would execute. Only in a dry run, which is where
 * db->dry_run is set.
 */
MUST_USE bool dry_run_write(struct db *db, const char *sql, struct error *err);

/* The same: COMMIT, and the next transaction. */
MUST_USE bool dry_run_separate(struct db *db, struct error *err);

#endif
