/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_conditions.h - decides which scripts shouldExecute leaves out
 */
#ifndef CFLYWAY_MIGRATION_SCRIPT_CONDITIONS_H
#define CFLYWAY_MIGRATION_SCRIPT_CONDITIONS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/migration/resolve_options.h"
#include "cflyway/migration/scan.h"

/*
 * Evaluates the conditions of the files, with the placeholders of options, and sets is_switched_off
 * of their configurations. Logs a warning about a condition that most readers would take for
 * another one. Errors: should_execute.h; placeholders without a value; a note names the file.
 */
MUST_USE bool script_conditions_evaluate(struct arena *arena, const struct resolve_options *options,
                                         const struct log *log, struct migration_files *files,
                                         struct error *err);

#endif
