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
	int unreadable;       /* 0, or the errno that says why it cannot be read */
};

struct location_files {
	struct location_file *items;
	size_t n;
};

/* The same location below a directory, unless it is absolute. */
struct location location_below(struct arena *arena, const struct location *location,
                               const char *directory);

/* How strict a scan is. */
enum location_flags {
	LOCATION_MUST_EXIST = 1,
	LOCATION_SKIP_UNREADABLE = 2, /* as Flyway does */
};

/*
 * Lists the files of one location, in the order of their relative names. A location that is missing
 * or no directory is an error line (ERROR: Skipping filesystem location: …) and an empty list, or
 * with LOCATION_MUST_EXIST the error "Failed to find filesystem location: nope (not found)". A
 * location on the class path holds nothing: one line of our own says what to write instead.
 *
 * A folder that cannot be read is an error; a file that cannot be read is listed, and an error if
 * its name is that of a script (location_fail_unreadable). LOCATION_SKIP_UNREADABLE leaves both
 * out. flags: enum location_flags.
 */
MUST_USE bool location_scan(struct arena *arena, const struct location *location, unsigned flags,
                            const struct log *log, struct location_files *files, struct error *err);

/* "Unable to read file PATH: REASON", with a note about the option. Always returns false. */
bool location_fail_unreadable(const char *path, bool is_directory, int reason, struct error *err);

#endif
