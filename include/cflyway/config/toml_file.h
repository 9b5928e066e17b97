/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_file.h - read flyway.toml: which values are allowed where, and how they are converted
 *
 * Flyway checks the types of all values when it reads a file. A wrong type is an error even if a
 * later source has a correct value. Names are checked at the end.
 */
#ifndef CFLYWAY_CONFIG_TOML_FILE_H
#define CFLYWAY_CONFIG_TOML_FILE_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/pairs.h"

#include <stdbool.h>

/* Facts about the files, besides settings. */
struct toml_findings {
	/* The top level has keys of other programs: Flyway then reports no unknown key at all. */
	bool has_foreign_keys;
	/* "url": connection settings that are in [flyway]. */
	struct str_list misplaced;
	/* "environments.dev.shcemas": what Flyway ignores in silence, as value and origin. */
	struct str_list ignored, ignored_origins;
	struct str_list foreign; /* names of the sections and keys of other programs */
};

/*
 * Adds the settings of a file to pairs. Empty values (an empty string for a boolean, no item for a
 * list) leave pairs unchanged. Tables of environments become pairs without value, which shows that
 * they exist. Errors: Flyway's messages for files that cannot be read or parsed; messages of our
 * own for wrong types.
 */
MUST_USE bool toml_file_read(const char *path, struct pairs *pairs, struct toml_findings *findings,
                             struct error *err);

/* Does the same for a string in UTF-8 without a byte order mark. path is for messages. */
MUST_USE bool toml_file_parse(struct str text, const char *path, struct pairs *pairs,
                              struct toml_findings *findings, struct error *err);

/* Returns a key for messages, without the marks for dots that are part of a name. */
const char *toml_plain_key(struct arena *arena, const char *key);

#endif
