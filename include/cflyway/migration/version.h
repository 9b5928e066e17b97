/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.h - parse, compare and print versions of migrations
 *
 * Parts are integers of any size; trailing zero parts do not count, so 1 = 1.0 = 001. text keeps
 * the version as it was written, with '_' shown as '.'.
 */
#ifndef CFLYWAY_MIGRATION_VERSION_H
#define CFLYWAY_MIGRATION_VERSION_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* In ascending order: numbers are above CURRENT and below NEXT. */
enum version_kind {
	VERSION_EMPTY, /* no version: below all others */
	VERSION_CURRENT,
	VERSION_NUMBER,
	VERSION_NEXT,
	VERSION_LATEST,
};

struct version_part;

struct version {
	enum version_kind kind;
	unsigned n;       /* of parts; here, because there is one for each file and row */
	const char *text; /* "1.2", "<< Latest Version >>", …; "<< Empty Schema >>" when EMPTY */
	const char *raw;  /* as in the file name: "1_2" */
	const struct version_part *parts; /* without trailing zero parts */
};

/* Returns the EMPTY version with its text; it compares equal to {0}. */
struct version version_empty(void);

/*
 * Parses "1_2", "latest", "current", "next", … Errors: ERROR_GENERAL "Version may only contain 0..9
 * and . (dot). Invalid version: TEXT".
 */
MUST_USE bool version_parse(struct arena *arena, const char *text, struct version *version,
                            struct error *err);

/* Returns a negative number, 0 or a positive number. */
int version_compare(const struct version *a, const struct version *b);

/* Is the kind other than EMPTY? It is for every versioned migration. */
bool version_is_set(const struct version *version);

#endif
