/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_file.h - one file that a scan found, and the migration in it
 */
#ifndef CFLYWAY_SRC_MIGRATION_MIGRATION_FILE_H
#define CFLYWAY_SRC_MIGRATION_MIGRATION_FILE_H

#include "cflyway/migration/migration.h"
#include "cflyway/migration/resolve_options.h"

/* A file with a valid name. A name that fits both is listed twice, as SQL and as a program. */
struct migration_file {
	const struct location_file *file;
	const char *name;
	struct filename parts;
	struct part_of_file part;           /* what of the file is the script */
	const struct script_config *config; /* shared by all that have none of their own */
	const struct program_kind *program; /* NULL: SQL */
	bool is_counted;                    /* the files beside it decide about its version */
	unsigned seed;                      /* its place among the seeds, from 1; 0: it is none */
	bool is_switched_off;               /* its shouldExecute is false: script_conditions.h */
};

/* Returns a migration or callback with all that is known without reading the file. */
struct migration migration_file_describe(const struct migration_file *file,
                                         const struct resolve_options *options);

/*
 * Reads the configurations beside a file, those that exist. Errors: those of script_config_read and
 * script_limits_read; also a program that has time limits.
 */
MUST_USE bool migration_file_read_config(struct arena *arena, const struct location_file *file,
                                         const struct resolve_options *options,
                                         struct script_config *config, struct error *err);

/* Decides on the encoding, and reads the file for that if detectEncoding is set. */
MUST_USE bool migration_file_detect_encoding(struct migration *migration,
                                             const struct resolve_options *options,
                                             struct error *err);

#endif
