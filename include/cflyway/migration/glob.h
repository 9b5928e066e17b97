/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.h - which files a location with wildcards means: "*", "?", and "**" for directories
 *
 * "*" is one or more characters of a name, "?" exactly one, "**" as a whole part any number of
 * directories, none too. A pattern whose last part has a dot names files; any other names
 * directories and means all that lies below them, at any depth.
 */
#ifndef CFLYWAY_MIGRATION_GLOB_H
#define CFLYWAY_MIGRATION_GLOB_H

#include "cflyway/base/str.h"

#include <stdbool.h>

bool glob_names_files(struct str pattern);

/*
 * Does the path of a file match? Both are relative to the directory before the first wildcard.
 * *relative is the name of the script: the path, or what follows the directories that matched.
 */
bool glob_match(struct str pattern, struct str path, struct str *relative);

/* May there be files below a directory that match? Its path is relative as well. */
bool glob_may_match_below(struct str pattern, struct str directory);

#endif
