/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo_reason.h - why a migration was taken back, as its row in the history says it
 *
 * Flyway's table has no column for it. The description of the row that takes a migration back is
 * read by nobody else, so the reason is there: "Undone: REASON".
 */
#ifndef CFLYWAY_CORE_UNDO_REASON_H
#define CFLYWAY_CORE_UNDO_REASON_H

#include "cflyway/base/arena.h"
#include "cflyway/db/history.h"

/* The description of the row: that of the migration if reason is NULL or empty. */
const char *undo_reason_describe(struct arena *arena, const char *reason, const char *description);

/* The reason that a row gives; NULL if it gives none, or takes no migration back. */
const char *undo_reason_of(const struct history_row *row);

#endif
