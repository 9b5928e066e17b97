/* SPDX-License-Identifier: Apache-2.0 */
/*
 * next_version.h - the version that follows another one, in the same form
 *
 * Number of parts, separators, leading zeros and timestamps stay as they are: 2.0.54 is followed by
 * 2.0.55, 002_20240829162505 by 003 and the present time.
 */
#ifndef CFLYWAY_MIGRATION_NEXT_VERSION_H
#define CFLYWAY_MIGRATION_NEXT_VERSION_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/config/options.h"

#include <stdbool.h>
#include <time.h>

/*
 * Sets *next to the version after raw, which is written as in a file name ("1_2"); NULL: there is
 * none yet. Times are UTC. Errors: a part of raw is not a plain number.
 */
MUST_USE bool next_version(struct arena *arena, const char *raw, enum add_timestamp timestamp,
                           struct timespec now, const char **next, struct error *err);

/* Returns the version with the present time as its last part, unless it has a time already. */
const char *next_version_stamped(struct arena *arena, const char *raw, struct timespec now);

#endif
