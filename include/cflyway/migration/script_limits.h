/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_limits.h - time limits and retries of one script: V1__a.sql.cflyway.conf for V1__a.sql
 *
 * A file of its own, because Flyway refuses keys that it does not know in V1__a.sql.conf.
 */
#ifndef CFLYWAY_MIGRATION_SCRIPT_LIMITS_H
#define CFLYWAY_MIGRATION_SCRIPT_LIMITS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

#define SCRIPT_LIMITS_SUFFIX ".cflyway.conf"

enum { SCRIPT_LIMIT_UNSET = -2 }; /* as the options say */

/* cflyway.lockTimeout, … for this script: milliseconds, DURATION_OF_SERVER, or unset. */
struct script_limits {
	int lock_timeout_ms;
	int statement_timeout_ms;
	int retries;
	int retry_pause_ms;
};

/* All of them unset. */
extern const struct script_limits script_limits_unset;

/*
 * Reads PATH.cflyway.conf, which exists. Keys have the names of the options, with or without
 * "cflyway." in front. Errors: ERROR_CONFIGURATION for unknown keys, with the name that was
 * probably meant, and for wrong values; ERROR_GENERAL if the file cannot be read.
 */
MUST_USE bool script_limits_read(struct arena *arena, const char *script_path,
                                 struct script_limits *limits, struct error *err);

/* Does the same for the contents of the file; path is that of the file, for messages. */
MUST_USE bool script_limits_parse(struct arena *arena, struct str text, const char *path,
                                  struct script_limits *limits, struct error *err);

#endif
