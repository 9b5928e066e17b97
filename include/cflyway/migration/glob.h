/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.h - match the files of a location with wildcards: "*", "?", and "**" for directories
 *
 * "*" matches one or more characters of a name, "?" exactly one. "**" as a whole part matches any
 * number of directories, including none. A pattern whose last part has a dot names files. Any other
 * pattern names directories, and matches everything below them, at any depth.
 */
#ifndef CFLYWAY_MIGRATION_GLOB_H
#define CFLYWAY_MIGRATION_GLOB_H

#include "cflyway/base/str.h"

#include <stdbool.h>

bool glob_names_files(struct str pattern);

/*
 * Does the path of a file match? Both are relative to the directory before the first wildcard.
 * *relative is the name of the script: the path, or the rest of it after the directories that
 * matched.
 */
bool glob_match(struct str pattern, struct str path, struct str *relative);

/* Can a directory have matching files below it? Its path is relative as well. */
bool glob_may_match_below(struct str pattern, struct str directory);

#endif
