/* SPDX-License-Identifier: Apache-2.0 */
/* adopt_files.h - migrations for the tests of adopt, without any files */
#ifndef CFLYWAY_TESTS_ADOPT_FILES_H
#define CFLYWAY_TESTS_ADOPT_FILES_H

#include "cflyway/migration/migration.h"

/*
 * "001|add price|001_add_price.sql; U001|add price|x.down.sql": version, description, file name. The
 * prefixes U and B make undo and baseline migrations, R a repeatable one, and "=" says that the
 * version comes from the order of the names. The checksum is the place in the list, from 1.
 */
struct migration_list adopt_files_make(struct arena *arena, const char *text);

#endif
