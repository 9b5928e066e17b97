/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - walk the locations and find migrations and callbacks by their names
 */
#ifndef CFLYWAY_MIGRATION_SCAN_H
#define CFLYWAY_MIGRATION_SCAN_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/migration/migration_files.h"
#include "cflyway/migration/resolve_options.h"

#include <stdbool.h>

/*
 * Scans the locations of migrations, reads the script configurations and checks the names. With no
 * locations, Flyway's default is scanned, which is empty. Messages of all levels go to the log.
 * Errors: missing locations (fail_on_missing), script configuration, invalid names
 * (validate_naming); Flyway's messages.
 */
MUST_USE bool scan_locations(struct arena *arena, const struct resolve_options *options,
                             const struct log *log, struct migration_files *files,
                             struct error *err);

/*
 * Adds the callbacks of callback_locations to files; does nothing if these are not set. Any names
 * may be there. Errors: as above. Apart, because Flyway does it after it has connected.
 */
MUST_USE bool scan_callback_locations(struct arena *arena, const struct resolve_options *options,
                                      const struct log *log, struct migration_files *files,
                                      struct error *err);

#endif
