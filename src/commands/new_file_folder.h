/* SPDX-License-Identifier: Apache-2.0 */
/*
 * new_file_folder.h - chooses the folder of a new file
 */
#ifndef CFLYWAY_COMMANDS_NEW_FILE_FOLDER_H
#define CFLYWAY_COMMANDS_NEW_FILE_FOLDER_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/core/run.h"
#include "cflyway/migration/location.h"

#include <stdbool.h>

/*
 * given, which may have "filesystem:" in front, or else the first location that is a folder; a line
 * says so if there are several. given may be NULL or empty. Errors: ERROR_CONFIGURATION if it is no
 * folder, or if there is none.
 */
MUST_USE bool new_file_folder_choose(const struct run *run, const char *given,
                                     struct location *location, struct error *err);

#endif
