/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.h - versions of migrations: parse, compare, print
 *
 * Parts are integers of any size; trailing zero parts do not count, so 1 = 1.0 = 001. The text is
 * kept as it was written, with '_' shown as '.'.
 */
#ifndef CFLYWAY_MIGRATION_VERSION_H
#define CFLYWAY_MIGRATION_VERSION_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* In ascending order; numbers lie between CURRENT and NEXT. */
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
	const char *text; /* "1.2", "<< Latest Version >>", …; "<< Empty Schema >>" when EMPTY */
	const char *raw;  /* as in the file name: "1_2" */
	const struct version_part *parts; /* without trailing zero parts */
	size_t n;
};

/* The EMPTY version: what {0} compares as, with its text. */
struct version version_empty(void);

/*
 * Parses "1_2", "latest", "current", "next", … Errors: ERROR_GENERAL "Version may only contain 0..9
 * and . (dot). Invalid version: TEXT".
 */
MUST_USE bool version_parse(struct arena *arena, const char *text, struct version *version,
                            struct error *err);

/* Negative, 0 or positive. */
int version_compare(const struct version *a, const struct version *b);

/* True for anything but EMPTY, so for the versions of versioned migrations. */
bool version_is_set(const struct version *version);

#endif
