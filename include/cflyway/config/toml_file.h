/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml_file.h - flyway.toml: which values may stand where, and how they are taken
 *
 * Flyway looks at the types of all values in a file when it reads it, so that a wrong one is an
 * error even where a later source has a better one; names are checked in the end.
 */
#ifndef CFLYWAY_CONFIG_TOML_FILE_H
#define CFLYWAY_CONFIG_TOML_FILE_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/pairs.h"

#include <stdbool.h>

/* What the files hold besides settings. */
struct toml_findings {
	/* Keys of other programs at the top: Flyway then reports no unknown key at all. */
	bool has_foreign_keys;
	/* "url": settings of a connection that stand under [flyway]. */
	struct str_list misplaced;
};

/*
 * Adds the settings of a file to pairs; those that are as good as not given (no text for a boolean,
 * no item for a list) leave what is there. Tables of environments are pairs without value, so that
 * it is known that they exist. Errors: Flyway's texts for files that cannot be read or parsed;
 * texts of our own for wrong types.
 */
MUST_USE bool toml_file_read(const char *path, struct pairs *pairs, struct toml_findings *findings,
                             struct error *err);

/* The same for a text, which is UTF-8 without a byte order mark. path is for messages. */
MUST_USE bool toml_file_parse(struct str text, const char *path, struct pairs *pairs,
                              struct toml_findings *findings, struct error *err);

/* A key as a message shows it: without the marks for dots that are part of a name. */
const char *toml_plain_key(struct arena *arena, const char *key);

#endif
