/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql_file.h - a file that appears under its name only when it is complete
 *
 * It is written to a file without a name, so that nothing is left of a run that ends early. When
 * it is complete, a copy beside its place takes that place in one step. Standard output, and what
 * is no regular file (a pipe, a device), gets a copy, too.
 */
#ifndef CFLYWAY_DB_SQL_FILE_H
#define CFLYWAY_DB_SQL_FILE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stdio.h>

/* The second line of the file begins so. */
#define DRY_RUN_MARK "-- Flyway Dry Run ("

struct sql_file {
	const char *path;  /* as given, for messages */
	const char *place; /* the same without links; NULL: it is not replaced in one step */
	struct arena *arena;
	FILE *stream; /* NULL: closed */
	long size;    /* bytes so far */
	int reason;   /* the errno of the first failure; 0: none */
};

/*
 * Creates missing directories. Replaces a file only if it is empty or a dry run. Errors: "Unable to
 * write the dry run to PATH: REASON".
 */
MUST_USE bool sql_file_open(struct sql_file *file, struct arena *arena, const char *path,
                            struct error *err);

/* Failures show up in sql_file_check and sql_file_finish. */
void sql_file_write(struct sql_file *file, struct str text);

/* Drops all but the first size bytes. */
void sql_file_cut(struct sql_file *file, long size);

/* Errors: as sql_file_open, if something could not be written. */
MUST_USE bool sql_file_check(const struct sql_file *file, struct error *err);

/* Puts the file in its place. Errors: as sql_file_open. */
MUST_USE bool sql_file_finish(struct sql_file *file, struct error *err);

/* Without sql_file_finish, nothing is left. */
void sql_file_close(struct sql_file *file);

#endif
