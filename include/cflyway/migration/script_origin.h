/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_origin.h - finds the line and column of an offset in the text of a script
 *
 * Readers do not count lines as they go: after a failure the file is read once more.
 */
#ifndef CFLYWAY_MIGRATION_SCRIPT_ORIGIN_H
#define CFLYWAY_MIGRATION_SCRIPT_ORIGIN_H

#include "cflyway/migration/script_part.h"
#include "cflyway/sql/placeholder.h"

/* Where the text of a script comes from. The strings and the part are borrowed. */
struct script_origin {
	struct text_origin origin; /* first: give &script_origin.origin to filters */
	const char *path;          /* as messages show it */
	const char *absolute_path, *encoding;
	const struct part_of_file *part; /* NULL: the whole file */
};

void script_origin_open(struct script_origin *origin, const char *path, const char *absolute_path,
                        const char *encoding, const struct part_of_file *part);

#endif
