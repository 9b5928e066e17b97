/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info_picks.h - which migrations cherryPick names, and whether it names one that is not there
 */
#ifndef CFLYWAY_CORE_INFO_PICKS_H
#define CFLYWAY_CORE_INFO_PICKS_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/cherry_pick.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/*
 * Every item must name a file or a row of the history: commands check this before they write.
 * Errors: ERROR_CONFIGURATION "cherryPick: no migration matches …".
 */
MUST_USE bool info_check_picks(const struct cherry_pick *picks,
                               const struct migration_list *migrations,
                               const struct history_rows *rows, struct error *err);

#endif
