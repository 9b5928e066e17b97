/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.h - turn files into migrations: checksums, order, one for each version
 *
 * There are three steps, so that the caller can do more with a file while it is read:
 * resolve_describe, resolve_read for each migration in turn, resolve_sort.
 */
#ifndef CFLYWAY_MIGRATION_RESOLVE_H
#define CFLYWAY_MIGRATION_RESOLVE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/migration/migration.h"
#include "cflyway/migration/resolve_options.h"
#include "cflyway/migration/scan.h"

#include <stdbool.h>
#include <stddef.h>

/* Migrations in the order in which Flyway reads their files. */
struct unsorted_migrations {
	struct migration *items;
	size_t n;
};

/* Fills in all that is known without reading the files. Leaves checksums and callbacks out. */
void resolve_describe(struct arena *arena, const struct resolve_options *options,
                      const struct migration_files *files, struct unsorted_migrations *unsorted);

/*
 * The same for the scripts that a command line of the configuration runs: migrations and callbacks,
 * without those whose shouldExecute is false.
 */
void resolve_describe_executed(struct arena *arena, const struct resolve_options *options,
                               const struct migration_files *files,
                               struct unsorted_migrations *executed);

/*
 * Reads the file to detect its encoding, if that is wanted, and to compute its checksums. is_large
 * may be NULL. Otherwise an SQL script of more than one block is not summed: *is_large is set, and
 * the caller sums the script and calls resolve_set_checksum. Errors: encoding, placeholders without
 * value in a repeatable; Flyway's messages.
 */
MUST_USE bool resolve_read(struct migration *migration, const struct resolve_options *options,
                           bool *is_large, struct error *err);

/* Sets the checksum of a large script. */
void resolve_set_checksum(struct migration *migration, int32_t checksum);

/*
 * Sorts the migrations and drops files that were found twice. The list points into unsorted.
 * Errors: duplicate versions and descriptions; Flyway's messages.
 */
MUST_USE bool resolve_sort(struct arena *arena, const struct unsorted_migrations *unsorted,
                           struct migration_list *list, struct error *err);

#endif
