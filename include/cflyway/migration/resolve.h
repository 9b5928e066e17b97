/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.h - from files to migrations: sorted, without duplicates, with their checksums
 */
#ifndef CFLYWAY_MIGRATION_RESOLVE_H
#define CFLYWAY_MIGRATION_RESOLVE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/migration/filename.h"
#include "cflyway/migration/location.h"
#include "cflyway/migration/migration.h"
#include "cflyway/sql/placeholder.h"

#include <stdbool.h>
#include <stddef.h>

/* The settings that matter here. Strings are borrowed. */
struct resolve_options {
	struct location_list locations;
	bool has_callback_locations; /* these replace the locations for callbacks */
	struct location_list callback_locations;
	struct filename_rules names;
	bool fail_on_missing_locations;
	bool validate_naming;
	bool skip_default_resolvers; /* no migrations at all */
	bool skip_default_callbacks; /* no SQL callbacks; programs stay */
	const char *encoding;
	bool detect_encoding;
	bool placeholder_replacement;
	const struct placeholders *placeholders;
	const struct placeholders *program_placeholders; /* FP__name__ */
	const char *working_directory;                   /* NULL: the current one */
	/* Sums a large script, so that it can be read for more at the same time. Errors:
	 * as checksum_file. NULL: nothing more is wanted. */
	bool (*sum_large)(void *ctx, struct migration *migration, struct error *err);
	void *ctx;
};

/* What the scan of the locations found: files with valid names, before anything of them is read. */
struct migration_files {
	struct migration_file *items; /* private to src/migration */
	size_t n;
};

/*
 * Scans all locations (none: Flyway's default, which holds nothing), reads the script
 * configurations and checks the names. Lines of all kinds go to the log. Errors: missing locations
 * (fail_on_missing), script configuration, invalid names (validate_naming); Flyway's texts.
 */
MUST_USE bool resolve_scan(struct arena *arena, const struct resolve_options *options,
                           const struct log *log, struct migration_files *files, struct error *err);

/*
 * Reads the files for their checksums. Errors: encoding, placeholders without value in repeatables,
 * duplicate versions and descriptions; Flyway's texts.
 */
MUST_USE bool resolve_migrations(struct arena *arena, const struct resolve_options *options,
                                 const struct migration_files *files, struct migration_list *list,
                                 struct error *err);

#endif
