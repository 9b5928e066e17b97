/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seeds.h - scripts with data, which run after the migrations: seeds/[DATABASE/]MODE/NAME.sql
 *
 * A seed is a repeatable migration whose script is "seed:MODE/NAME.sql" and whose description is
 * "seed MODE/NAME", with blanks for underscores. The manual: doc/seeds.md.
 */
#ifndef CFLYWAY_MIGRATION_SEEDS_H
#define CFLYWAY_MIGRATION_SEEDS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/config/options.h"
#include "cflyway/migration/migration_files.h"
#include "cflyway/migration/resolve_options.h"

#include <stdbool.h>

/* Which seeds are wanted. Strings are borrowed. */
struct seed_options {
	enum seeds mode;
	const char *location; /* "filesystem:seeds", or a path alone */
	const char *database; /* folder that must be there; NULL: none was named */
	/* Names whose folder counts if there is one, the first one first; NULL: none. */
	const char *names[2];
};

/*
 * Adds the seeds to files, in the order in which they run: those of reference, of sample, and of
 * the other folders. Does nothing with SEEDS_NONE. Errors: no folder, no seeds; those of
 * scan_locations.
 */
MUST_USE bool seeds_scan(struct arena *arena, const struct resolve_options *options,
                         const struct seed_options *seeds, const struct log *log,
                         struct migration_files *files, struct error *err);

/*
 * Finds the folder of cflyway.seedsLocation; directory is workingDirectory, or NULL. Errors:
 * ERROR_CONFIGURATION, if it is none or has wildcards.
 */
MUST_USE bool seeds_find_root(struct arena *arena, const char *text, const char *directory,
                              struct location *root, struct error *err);

/* Does a row of the history with this script tell of a seed? */
bool seed_is_script(const char *script);

#endif
