/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info_make.h - merges files and history: every migration with its state
 *
 * Pure: takes lists, returns a list. The algorithm is doc/states.md; it was checked against every
 * recorded "info" of Flyway 12.4.0 (compat-tests).
 */
#ifndef CFLYWAY_CORE_INFO_MAKE_H
#define CFLYWAY_CORE_INFO_MAKE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/settings.h"
#include "cflyway/core/info.h"
#include "cflyway/db/history.h"
#include "cflyway/migration/migration.h"

#include <stdbool.h>

/* Flyway looks at the form of the target before it reads the history. Errors: as info_make. */
MUST_USE bool info_check_target(struct arena *arena, const char *target, struct error *err);

/* Parses a target: "2.1?" may be missing, "latest" is a version of its own kind. Errors: its form. */
MUST_USE bool info_parse_target(struct arena *arena, const char *text, struct version *target,
                                bool *may_be_missing, struct error *err);

/* What the settings say. The arena holds the picks. */
struct info_options info_options_from(struct arena *arena, const struct settings *settings);

/*
 * Errors: "Version may only contain …" and "No migration with a target version 9 could be found. …"
 * for the target; "Corrupted schema history: multiple delete entries for version 1" (or undo entries).
 */
MUST_USE bool info_make(struct arena *arena, const struct migration_list *migrations,
                        const struct history_rows *rows, const struct info_options *options,
                        struct info *info, struct error *err);

#endif
