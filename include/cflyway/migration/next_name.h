/* SPDX-License-Identifier: Apache-2.0 */
/*
 * next_name.h - the name of a new migration, in the habit of the existing ones
 */
#ifndef CFLYWAY_MIGRATION_NEXT_NAME_H
#define CFLYWAY_MIGRATION_NEXT_NAME_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/config/options.h"
#include "cflyway/migration/filename.h"

#include <stdbool.h>
#include <time.h>

/* What is wanted. Strings are borrowed. */
struct next_name_request {
	enum filename_kind kind; /* VERSIONED, REPEATABLE, BASELINE or UNDO */
	const char *description; /* words; NULL: none is given */
	const char *version;     /* as in a file name; NULL: the next one */
	enum add_timestamp timestamp;
	struct timespec now;
	const struct filename_rules *rules;
	struct str_list paths; /* of the existing files, migrations or not */
};

struct next_name {
	const char *name;    /* "V003__add_price.sql" */
	const char *version; /* as written in the name; "" for a repeatable migration */
	const char *content; /* of the new file: the markers of its parts, or "" */
};

/*
 * Versions follow the highest one of the versioned and baseline migrations; suffix and the way in
 * which words are joined are those of the existing files as well. An undo migration is named after
 * the highest versioned migration, or the one of the wanted version. Errors: a description or
 * version that makes no valid name; nothing to undo; no description where it is needed.
 */
MUST_USE bool next_name(struct arena *arena, const struct next_name_request *request,
                        struct next_name *next, struct error *err);

/*
 * Returns the path of a file that already is what path would become: a migration of the same kind
 * with the same version, or a repeatable one with the same description. NULL if there is none other
 * than path itself.
 */
const char *next_name_taken(struct arena *arena, const struct next_name_request *request,
                            const char *path);

#endif
