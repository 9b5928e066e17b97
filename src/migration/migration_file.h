/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_file.h - one file that a scan has found, and the migration that it holds
 */
#ifndef CFLYWAY_SRC_MIGRATION_MIGRATION_FILE_H
#define CFLYWAY_SRC_MIGRATION_MIGRATION_FILE_H

#include "cflyway/migration/migration.h"
#include "cflyway/migration/resolve_options.h"

/* A file with a valid name. One whose name fits both is listed twice, as SQL and as program. */
struct migration_file {
	const struct location_file *file;
	const char *name;
	struct filename parts;
	struct script_config config;
	const struct program_kind *program; /* NULL: SQL */
};

/* A migration or callback with everything that needs no reading of the file. */
struct migration migration_file_describe(const struct migration_file *file,
                                         const struct resolve_options *options);

/* Decides on the encoding, where detectEncoding asks for a look into the file. */
MUST_USE bool migration_file_detect_encoding(struct migration *migration,
                                             const struct resolve_options *options,
                                             struct error *err);

#endif
