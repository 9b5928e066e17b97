/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_modes.h - the modes of PostgreSQL's locks on tables, and which of them conflict
 *
 * A level is a number from 1, ACCESS SHARE, to 8, ACCESS EXCLUSIVE, as PostgreSQL numbers them.
 */
#ifndef CFLYWAY_CORE_TRIAL_MODES_H
#define CFLYWAY_CORE_TRIAL_MODES_H

#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { TRIAL_MODES_N = 8 };

/* The level of a mode as pg_locks names it ("AccessShareLock"); 0: it is unknown. */
size_t trial_mode_level(struct str name);

/* As SQL names it: "ACCESS SHARE". NULL for level 0. */
const char *trial_mode_words(size_t level);

/* Whom the mode keeps waiting: "reads and writes"; NULL: neither. */
const char *trial_mode_blocks(size_t level);

/* Can two sessions not hold these two modes at the same time? False for level 0. */
bool trial_modes_conflict(size_t one, size_t other);

#endif
