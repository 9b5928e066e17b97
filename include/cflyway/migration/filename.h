/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filename.h - what the name of a script says: V1_2__Add_it.sql
 */
#ifndef CFLYWAY_MIGRATION_FILENAME_H
#define CFLYWAY_MIGRATION_FILENAME_H

#include "cflyway/base/arena.h"
#include "cflyway/migration/layout.h"
#include "cflyway/migration/version.h"
#include "cflyway/base/str.h"

#include <stdbool.h>

enum filename_kind {
	FILENAME_VERSIONED,
	FILENAME_REPEATABLE,
	FILENAME_BASELINE,
	FILENAME_UNDO,
	FILENAME_CALLBACK,
	FILENAME_INVALID, /* message says why, in Flyway's words */
};

/* The settings that matter for names. Strings are borrowed. */
struct filename_rules {
	const char *versioned_prefix;  /* "V" */
	const char *repeatable_prefix; /* "R" */
	const char *baseline_prefix;   /* "B" */
	const char *undo_prefix;       /* "U"; "": there are none */
	const char *separator;         /* "__" */
	struct str_list suffixes;      /* ".sql" */
	const struct layout *layout;   /* other names that count first; NULL: only Flyway's */
};

struct filename {
	enum filename_kind kind;
	const char *prefix;      /* the prefix that matched; for a callback, its event */
	struct version version;  /* EMPTY unless VERSIONED, BASELINE or UNDO */
	const char *description; /* '_' shown as blank; "" when absent */
	const char *placeholder; /* value of ${flyway:filename} */
	const char *message;     /* INVALID: the whole message, otherwise NULL */
	/* Of a name in the layout: without suffix and marker. Empty for a name of Flyway's. */
	struct str stem;
};

/*
 * Splits the name of one file (no directories). Strings live in the arena, or are the name or
 * strings of the rules. Never fails.
 */
void filename_parse(struct arena *arena, const char *name, const struct filename_rules *rules,
                    struct filename *filename);

/*
 * Does the name end with one of the suffixes (in any letter case), with something before it? Only
 * such files are checked.
 */
bool filename_is_sql(const char *name, const struct filename_rules *rules);

/* Returns the name without the suffix that it ends with. */
struct str filename_stem(const char *name, const struct filename_rules *rules);

#endif
