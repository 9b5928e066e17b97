/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_config.h - the settings of one script: V1__a.sql.conf for V1__a.sql
 */
#ifndef CFLYWAY_MIGRATION_SCRIPT_CONFIG_H
#define CFLYWAY_MIGRATION_SCRIPT_CONFIG_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

enum tristate {
	UNSET,
	NO,
	YES,
};

struct script_config {
	enum tristate execute_in_transaction;
	enum tristate placeholder_replacement;
	const char *encoding; /* NULL: the global one */
	/* The condition of the script as it is written; NULL: none. */
	const char *should_execute;
	const struct script_limits *limits; /* of PATH.cflyway.conf; NULL: none */
};

struct script_limits;

/*
 * Reads PATH.conf; without that file, all of *config is unset. exists says whether the scan of the
 * location saw the file, which saves a useless open. encoding is that of the file, a Java or IANA
 * name. Environment variables are not replaced (measured). Errors: unknown keys, wrong values,
 * "Unable to read config" (Flyway's messages).
 */
MUST_USE bool script_config_read(struct arena *arena, const char *script_path, bool exists,
                                 const char *encoding, struct script_config *config,
                                 struct error *err);

/* Does the same for the contents of the file; path is for messages. */
MUST_USE bool script_config_parse(struct arena *arena, struct str text, const char *path,
                                  struct script_config *config, struct error *err);

#endif
