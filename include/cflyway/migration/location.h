/* SPDX-License-Identifier: Apache-2.0 */
/*
 * location.h - where scripts are looked for: "filesystem:sql", with wildcards
 */
#ifndef CFLYWAY_MIGRATION_LOCATION_H
#define CFLYWAY_MIGRATION_LOCATION_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct location {
	const char *text;    /* "filesystem:sql", as messages show it */
	const char *path;    /* after the prefix, tidied */
	const char *root;    /* what is walked: path up to the first part with a wildcard */
	const char *pattern; /* NULL without wildcards */
	bool is_classpath;   /* holds nothing for a native program */
	const char *written; /* "sql", as configured */
};

struct location_list {
	struct location *items;
	size_t n;
	struct str_list warnings; /* Flyway's, of locations that were dropped */
};

/*
 * Parses, sorts, and drops duplicates and sub-locations. Errors: ERROR_GENERAL "Unknown prefix for
 * location (should be one of …): X", with a note that says what to write.
 */
MUST_USE bool location_list_parse(struct arena *arena, const struct str_list *texts,
                                  struct location_list *list, struct error *err);

/* Logs the warnings. */
void location_list_warn(const struct location_list *list, const struct log *log);

/* One file below a location. */
struct location_file {
	const char *relative; /* to the location, '/' between: the script name of the history */
	const char *path;     /* location path as written + '/' + relative to its root */
	const char *absolute; /* the same from the root directory */
	bool has_config;      /* PATH.conf lies beside it */
};

struct location_files {
	struct location_file *items;
	size_t n;
};

/* The same location below a directory, unless it is absolute. */
struct location location_below(struct arena *arena, const struct location *location,
                               const char *directory);

/*
 * Lists the files of one location, in the order of their relative names. A location that cannot be
 * listed is an error line (ERROR: Skipping filesystem location: …) and an empty list, or with
 * fail_on_missing the error "Failed to find filesystem location: nope (not found)". A location on
 * the class path holds nothing: one line of our own says what to write instead.
 */
MUST_USE bool location_scan(struct arena *arena, const struct location *location,
                            bool fail_on_missing, const struct log *log,
                            struct location_files *files, struct error *err);

#endif
