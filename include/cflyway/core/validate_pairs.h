/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate_pairs.h - finds files of a pair whose other file is missing (validate)
 */
#ifndef CFLYWAY_CORE_VALIDATE_PAIRS_H
#define CFLYWAY_CORE_VALIDATE_PAIRS_H

#include "cflyway/core/validate_rules.h"
#include "cflyway/migration/filename.h"
#include "cflyway/migration/layout.h"
#include "cflyway/migration/migration.h"

/*
 * Adds an error for each 002_x.up.sql without a .down.sql of its version, and the other way round.
 * A file without a marker (002_x.sql) needs no undo file, and is what a .down.sql takes back as
 * well. layout has pairs; rules has the suffixes. Pure.
 */
void validate_pairs(struct arena *arena, const struct layout *layout,
                    const struct filename_rules *rules, const struct migration_list *migrations,
                    struct validate_errors *errors);

#endif
