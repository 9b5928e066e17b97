/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - the files that a scan has found: what resolve.c and callback.c make their lists from
 */
#ifndef CFLYWAY_SRC_MIGRATION_SCAN_H
#define CFLYWAY_SRC_MIGRATION_SCAN_H

#include "cflyway/migration/resolve.h"

/* A file with a valid name. One whose name fits both stands there twice, as SQL and as program. */
struct migration_file {
	const struct location_file *file;
	const char *name;
	struct filename parts;
	struct script_config config;
	const struct program_kind *program; /* NULL: SQL */
};

/* A migration or callback with all that needs no reading of the file. */
struct migration scan_describe(const struct migration_file *file,
                               const struct resolve_options *options);

/* Decides on the encoding, where detectEncoding asks for a look into the file. */
MUST_USE bool scan_detect_encoding(struct migration *migration,
                                   const struct resolve_options *options, struct error *err);

#endif
