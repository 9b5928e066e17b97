/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idle_picks.h - why an item of cherryPick has no effect
 *
 * Nothing is wrong then, so the command succeeds; but whoever named the migration expects that it
 * runs.
 */
#ifndef CFLYWAY_CORE_IDLE_PICKS_H
#define CFLYWAY_CORE_IDLE_PICKS_H

#include "cflyway/base/arena.h"
#include "cflyway/base/log.h"
#include "cflyway/base/str.h"
#include "cflyway/core/info.h"
#include "cflyway/core/undo_plan.h"

/*
 * A line for each item that names nothing that migrate would run. info is what is known before the
 * first migration. The lines live in the arena.
 */
struct str_list idle_picks_of_migrate(struct arena *arena, const struct cherry_pick *picks,
                                      const struct info *info);

/* The same for undo: a line for each item that names nothing that the plan takes back. */
struct str_list idle_picks_of_undo(struct arena *arena, const struct cherry_pick *picks,
                                   const struct undo_plan *plan);

/* Logs the lines. */
void idle_picks_log(const struct log *log, const struct str_list *lines);

#endif
