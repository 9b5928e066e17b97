/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dry_run_place.h - where the file of a dry run may be written
 */
#ifndef CFLYWAY_MAIN_DRY_RUN_PLACE_H
#define CFLYWAY_MAIN_DRY_RUN_PLACE_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/core/locations.h"

#include <stdbool.h>

/* Does dryRunOutput mean standard output? NULL, where it is not set, does not. */
bool dry_run_is_stdout(const char *path);

/*
 * Checks that the next run does not find the file among its scripts. path: the file, which need not
 * exist. Errors: ERROR_CONFIGURATION, where the file is below one of the locations and has the name
 * of a migration or a callback, or any name that validateMigrationNaming refuses; those of
 * locations_parse_scripts.
 */
MUST_USE bool dry_run_check_place(const char *path, struct locations *locations, struct error *err);

#endif
