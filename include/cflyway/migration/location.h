/* SPDX-License-Identifier: Apache-2.0 */
/*
 * location.h - places to look for scripts: "filesystem:sql", with wildcards
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
	const char *root;    /* directory to walk: path up to the first wildcard part */
	const char *pattern; /* NULL without wildcards */
	bool is_classpath;   /* always empty for a native program */
	const char *written; /* "sql", as configured */
};

struct location_list {
	struct location *items;
	size_t n;
	struct str_list warnings; /* Flyway's, about dropped locations */
};

/*
 * Parses, sorts, and drops duplicates and sub-locations. Errors: ERROR_GENERAL "Unknown prefix for
 * location (should be one of …): X", with a note that says what to write instead.
 */
MUST_USE bool location_list_parse(struct arena *arena, const struct str_list *texts,
                                  struct location_list *list, struct error *err);

/* Logs the warnings. */
void location_list_warn(const struct location_list *list, const struct log *log);

/* One file below a location. */
struct location_file {
	const char *relative; /* to the location, with '/': the script name of the history */
	const char *path;     /* location path as written + '/' + relative to its root */
	const char *absolute; /* the same file, from the root directory */
	bool has_config;      /* PATH.conf exists */
	bool has_limits;      /* PATH.cflyway.conf exists */
	int unreadable;       /* 0, or the errno that says why it cannot be read */
};

struct location_files {
	struct location_file *items;
	size_t n;
};

/* Returns the location below a directory, or unchanged if it is absolute. */
struct location location_below(struct arena *arena, const struct location *location,
                               const char *directory);

/* How strict a scan is. */
enum location_flags {
	LOCATION_MUST_EXIST = 1,
	LOCATION_SKIP_UNREADABLE = 2, /* as Flyway does */
};

/*
 * Lists the files of one location, sorted by their relative names. A location that is missing or
 * not a directory gives an error line (ERROR: Skipping filesystem location: …) and an empty list,
 * or, with LOCATION_MUST_EXIST, the error "Failed to find filesystem location: nope (not found)". A
 * location on the class path is empty: a line of our own says what to write instead.
 *
 * An unreadable folder is an error. An unreadable file is listed, and is an error later if it has
 * the name of a script (location_fail_unreadable). LOCATION_SKIP_UNREADABLE leaves both out. flags:
 * enum location_flags.
 */
MUST_USE bool location_scan(struct arena *arena, const struct location *location, unsigned flags,
                            const struct log *log, struct location_files *files, struct error *err);

/* Sets "Unable to read file PATH: REASON", with a note about the option. Always returns false. */
bool location_fail_unreadable(const char *path, bool is_directory, int reason, struct error *err);

#endif
