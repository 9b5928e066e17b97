/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filename_meant.h - the name that a misnamed script was probably to have
 */
#ifndef CFLYWAY_MIGRATION_FILENAME_MEANT_H
#define CFLYWAY_MIGRATION_FILENAME_MEANT_H

#include "cflyway/migration/filename.h"

/*
 * Says what is wrong with a name that filename_parse has refused, and what it should be:
 * "V1_a.sql: two underscores are needed: V1__a.sql", "v1__a.sql: the prefix is V: V1__a.sql". The
 * result lives in the arena; NULL if the name is not nearly right.
 */
const char *filename_meant(struct arena *arena, const char *name,
                           const struct filename_rules *rules);

#endif
