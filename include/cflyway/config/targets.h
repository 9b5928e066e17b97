/* SPDX-License-Identifier: Apache-2.0 */
/*
 * targets.h - several databases in one run: the file of -targets
 *
 * One section for each database, in the order in which they are worked on; the file is read with
 * inih, and its rules are those of inih: a comment begins with ';' or '#', a list may go on in the
 * next line if that begins with a blank.
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
	/* What -configFiles, -locations and -environment would be; NULL if the key is missing. */
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
 * Errors: ERROR_CONFIGURATION naming file and line for all that is not as it should be; nothing is
 * ignored, not even a section without keys.
 */
MUST_USE bool targets_read(struct arena *arena, const char *path, struct targets *targets,
                           struct error *err);

/* The same for a text. */
MUST_USE bool targets_parse(struct arena *arena, struct str text, const char *path,
                            struct targets *targets, struct error *err);

/*
 * The call that a target stands for: that of the user, with the keys of the target as arguments.
 * Errors: ERROR_CONFIGURATION for an argument that is a key of targets.
 */
MUST_USE bool target_invocation(struct arena *arena, const struct targets *targets,
                                const struct target *target, const struct invocation *user,
                                struct invocation *invocation, struct error *err);

#endif
