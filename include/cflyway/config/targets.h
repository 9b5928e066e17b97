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

#include "cflyway/base/name_index.h"
#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/args.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The keys of a target besides "after": name, key of the option that it sets, and whether the value
 * is a list, which may go on in the next line. A line here is all that a new key needs. There is no
 * key for passwords: they come from the configuration of the target.
 */
#define TARGET_KEYS(X)                                                                             \
	X(CONFIG_FILES, "configFiles", "configFiles", true)                                        \
	X(LOCATIONS, "locations", "locations", true)                                               \
	X(ENVIRONMENT, "environment", "environment", false)                                        \
	X(URL, "url", "url", false)                                                                \
	X(USER, "user", "user", false)                                                             \
	X(SCHEMAS, "schemas", "schemas", true)                                                     \
	X(DEFAULT_SCHEMA, "defaultSchema", "defaultSchema", false)                                 \
	X(LAYOUT, "layout", "cflyway.layout", false)                                               \
	X(SEED, "seed", "cflyway.seeds", false)

enum target_key {
#define TARGET_KEY_ENUM(id, name, option, is_list) TARGET_##id,
	TARGET_KEYS(TARGET_KEY_ENUM)
#undef TARGET_KEY_ENUM
		TARGET_KEY_COUNT,
};

struct target {
	const char *name;
	const char *values[TARGET_KEY_COUNT]; /* NULL if the key is missing */
	struct str_list after;                /* targets above that must have succeeded */
	size_t line;                          /* of the section; 0: no file has it */
};

enum targets_source {
	TARGETS_OF_FILE,
	TARGETS_OF_ENVIRONMENTS, /* environment_targets.h */
	TARGETS_OF_QUERY,        /* tenants.h */
};

struct targets {
	enum targets_source source;
	const char *path; /* for messages: of the file, as given; otherwise the option */
	struct target *items;
	size_t n;
	struct name_index index; /* of the names */
};

void targets_add(struct arena *arena, struct targets *targets, const struct target *target);

/* Returns the target of this name; NULL if there is none. */
struct target *targets_find(const struct targets *targets, const char *name);

/* "t.ini, line 3"; "-environments". line is that of a target or of a fault. */
const char *targets_place(struct arena *arena, const struct targets *targets, size_t line);

/* Sets an error that says in which place the fault is. Always returns false. */
bool targets_fail(struct error *err, const struct targets *targets, size_t line, const char *fault);

/*
 * Leaves only the targets that are named, in the order of the targets. Errors: ERROR_CONFIGURATION
 * for a name that no target has, and for a target that waits for one that is not named: whether
 * that one has ever succeeded is not known.
 */
MUST_USE bool targets_select(struct arena *arena, const struct str_list *names,
                             struct targets *targets, struct error *err);

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
 * Makes the invocation for a target: the user's, with the keys of the target as arguments. What a
 * query says replaces arguments; they have led to the database that was asked. Errors:
 * ERROR_CONFIGURATION for any other argument that is a key of targets.
 */
MUST_USE bool target_invocation(struct arena *arena, const struct targets *targets,
                                const struct target *target, const struct invocation *user,
                                struct invocation *invocation, struct error *err);

#endif
