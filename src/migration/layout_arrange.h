/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout_arrange.h - what the files of a layout mean together: order, versions, who undoes whom
 */
#ifndef CFLYWAY_SRC_MIGRATION_LAYOUT_ARRANGE_H
#define CFLYWAY_SRC_MIGRATION_LAYOUT_ARRANGE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/migration/layout.h"
#include "cflyway/migration/migration_files.h"

/*
 * Completes files that a scan has found by their names in the layout; Flyway's names stay as they
 * are. Logs a line of our own for each rollback file that takes nothing back, and drops it. Errors,
 * which name the files: the marker of another layout; numbers and names that give different orders,
 * where the names decide.
 */
MUST_USE bool layout_arrange(struct arena *arena, const struct layout *layout,
                             const struct log *log, struct migration_files *files,
                             struct error *err);

#endif
