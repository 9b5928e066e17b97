/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migration_files.h - files that a scan has found by their names
 */
#ifndef CFLYWAY_MIGRATION_MIGRATION_FILES_H
#define CFLYWAY_MIGRATION_MIGRATION_FILES_H

#include <stddef.h>

struct migration_file; /* private to src/migration */

/* Files with valid names; none of them has been read, unless the layout asks for it. */
struct migration_files {
	struct migration_file *items;
	size_t n;
};

#endif
