/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replacement.h - a file that takes the place of another one when it is complete
 *
 * Whoever reads the file meets the old contents or all of the new. On a full disk, the old file
 * stays as it was, and no half of a new one is left.
 */
#ifndef CFLYWAY_BASE_REPLACEMENT_H
#define CFLYWAY_BASE_REPLACEMENT_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

struct replacement {
	const char *path;      /* as the caller names it */
	const char *place;     /* where links lead */
	const char *temporary; /* the file beside place; NULL: nothing is to be done any more */
};

#define REPLACEMENT_NONE                                                                           \
	{                                                                                          \
		NULL, NULL, NULL                                                                   \
	}

/*
 * Creates a file beside place and opens it for reading and writing, with the permissions of the
 * file there, or those that a new file gets. Sets its name, which arena owns. Returns the
 * descriptor; -1, with errno set, on failure, and if the file there may not be written.
 */
int replacement_create(struct arena *arena, const char *place, const char **temporary);

/*
 * Writes text beside path, for replacement_finish. Writes to path at once if it is no regular file
 * (a device, a pipe), or if its folder takes no new file. Errors: ERROR_GENERAL "Unable to write
 * file PATH: REASON"; nothing is left then.
 */
MUST_USE bool replacement_write(struct replacement *replacement, struct arena *arena,
                                const char *path, struct str text, struct error *err);

/* Puts the file in its place. Errors: as replacement_write. */
MUST_USE bool replacement_finish(struct replacement *replacement, struct error *err);

/* Removes what has not been put in its place; does nothing after replacement_finish. */
void replacement_drop(struct replacement *replacement);

#endif
