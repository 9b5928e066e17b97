/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history_guard.h - the proof that the history still is the one that the plan was made from
 */
#ifndef CFLYWAY_CORE_HISTORY_GUARD_H
#define CFLYWAY_CORE_HISTORY_GUARD_H

#include "execution.h"

#include <stdbool.h>

/* What db_begin_guarded and db_prepare_guarded make sure of before the current step. */
struct db_guard history_guard(const struct execution *execution);

/*
 * A failure may come from a migration that another program has applied meanwhile, unnoticed by the
 * guard: under repeatable read it sees the past. Then it is no failure, but a reason to plan again.
 */
bool history_has_changed(const struct execution *execution);

#endif
