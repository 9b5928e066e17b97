/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info_picks.h - whether cherryPick names migrations that are there and can be run
 */
#ifndef CFLYWAY_CORE_INFO_PICKS_H
#define CFLYWAY_CORE_INFO_PICKS_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/core/info.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/cherry_pick.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/*
 * For commands that run migrations, or show what would run: every item of options->picks must name
 * a migration or a row of the history. Undo migrations do not count. Commands check this before
 * they write. Errors: ERROR_CONFIGURATION "cherryPick: no migration matches …" and "cherryPick: …
 * names only the baseline migration …"; those of info_make.
 */
MUST_USE bool info_check_picks(const struct info_options *options,
                               const struct migration_list *migrations,
                               const struct history_rows *rows, struct error *err);

/*
 * The same for commands that work on rows of the history. Files count as well, also those of undo
 * migrations: to name what is not applied is no mistake there. Errors: ERROR_CONFIGURATION
 * "cherryPick: no migration matches …".
 */
MUST_USE bool info_check_picked_rows(const struct cherry_pick *picks,
                                     const struct migration_list *migrations,
                                     const struct history_rows *rows, struct error *err);

#endif
