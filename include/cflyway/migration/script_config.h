/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_config.h - the settings of one script: V1__a.sql.conf beside V1__a.sql
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
};

/*
 * Reads PATH.conf; where there is none, *config is all unset. exists tells what the scan of the
 * location saw, so that nothing is opened in vain. encoding is that of the file, a Java or IANA
 * name; variables of the environment are not replaced (measured). Errors: unknown keys, wrong
 * values, "Unable to read config" (Flyway's texts); shouldExecute is refused in Flyway's words.
 */
MUST_USE bool script_config_read(struct arena *arena, const char *script_path, bool exists,
                                 const char *encoding, struct script_config *config,
                                 struct error *err);

/* The same for the text of such a file; path is for messages. */
MUST_USE bool script_config_parse(struct arena *arena, struct str text, const char *path,
                                  struct script_config *config, struct error *err);

#endif
