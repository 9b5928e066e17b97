/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout_arrange.h - what the files of a layout mean together: order, versions, undo
 */
#ifndef CFLYWAY_SRC_MIGRATION_LAYOUT_ARRANGE_H
#define CFLYWAY_SRC_MIGRATION_LAYOUT_ARRANGE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/migration/migration_files.h"
#include "cflyway/migration/resolve_options.h"

/*
 * Completes files that a scan has found by their names in options->names.layout; Flyway's names
 * stay as they are. Reads the files if they have parts, and adds the undo migrations that are in
 * them. Logs a line of our own for each rollback file that takes nothing back, and drops it.
 * Errors, which name the files: the marker of another layout; numbers and names that give different
 * orders, where the names decide; those of file_parts_read.
 */
MUST_USE bool layout_arrange(struct arena *arena, const struct resolve_options *options,
                             const struct log *log, struct migration_files *files,
                             struct error *err);

#endif
