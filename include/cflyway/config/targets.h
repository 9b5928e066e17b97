/* SPDX-License-Identifier: Apache-2.0 */
/*
 * targets.h - read the file of -targets: several databases in one run
 *
 * The file has one section for each database; the run works on them in this order. inih reads the
 * file, by its own rules: a comment begins with ';' or '#', and a list can continue on the next
 * line if that begins with a blank.
 *
 *     [iotmetrics]
 *     configFiles = conf/flyway.conf
 *     after = postgres
 */
#ifndef CFLYWAY_CONFIG_TARGETS_H
#define CFLYWAY_CONFIG_TARGETS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/args.h"

#include <stdbool.h>
#include <stddef.h>

struct target {
	const char *name;
	/* Values for -configFiles, -locations and -environment; NULL if the key is missing. */
	const char *config_files, *locations, *environment;
	struct str_list after; /* targets above that must have succeeded */
	size_t line;           /* of the section */
};

struct targets {
	const char *path; /* as given, for messages */
	struct target *items;
	size_t n;
};

/*
 * Reads the file. Errors: ERROR_CONFIGURATION with file and line for every mistake; nothing is
 * ignored, not even a section without keys.
 */
MUST_USE bool targets_read(struct arena *arena, const char *path, struct targets *targets,
                           struct error *err);

/* Does the same for the contents of the file. */
MUST_USE bool targets_parse(struct arena *arena, struct str text, const char *path,
                            struct targets *targets, struct error *err);

/*
 * Makes the invocation for a target: the user's, with the keys of the target as arguments. Errors:
 * ERROR_CONFIGURATION for an argument that is a key of targets.
 */
MUST_USE bool target_invocation(struct arena *arena, const struct targets *targets,
                                const struct target *target, const struct invocation *user,
                                struct invocation *invocation, struct error *err);

#endif
