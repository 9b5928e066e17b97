/* SPDX-License-Identifier: Apache-2.0 */
/*
 * placeholder.h - replaces ${name} in the text of a script, as it streams by
 *
 * Names are compared without case (ASCII). A value is never searched for placeholders. The scan
 * rule, with its oddities ("$${x}" stays, "$$${x}" does not), is in doc/placeholders.md.
 */
#ifndef CFLYWAY_SQL_PLACEHOLDER_H
#define CFLYWAY_SQL_PLACEHOLDER_H

#include "cflyway/base/arena.h"
#include "cflyway/base/name_index.h"
#include "cflyway/sql/text_source.h"

#include <stdbool.h>
#include <stddef.h>

struct placeholder {
	const char *name;
	const char *value; /* NULL: has no value on this database; using it is an error */
};

/* The placeholders that are replaced. Read-only once made; the strings are borrowed. */
struct placeholders {
	const char *prefix, *suffix; /* "${", "}" */
	const char *separator;       /* ":", in "flyway:user" */
	struct placeholder *items;   /* user's first, then Flyway's own, which win */
	size_t n;
	struct name_index index; /* of the names, if there are many */
};

void placeholders_add(struct arena *arena, struct placeholders *placeholders, const char *name,
                      const char *value);

/* Where a part of the text that the filter returns comes from. */
struct placeholder_part {
	size_t output; /* offset in the piece that next has returned */
	size_t input;  /* offset in the script; that of the prefix if it is a value */
	bool is_value;
};

/* The parts of the last piece; there is one if the piece is not empty. Starts as {0}. */
struct placeholder_trace {
	struct arena arena; /* holds parts */
	struct placeholder_part *parts;
	size_t n, cap;
	size_t input;   /* offset in the script of the end of the last piece that was read */
	size_t name_at; /* of the prefix of the name that is being read */
};

void placeholder_trace_release(struct placeholder_trace *trace);

/* Where a text comes from; it is asked after a failure only. */
struct text_origin {
	/* Finds the place of the byte at offset. False: the text is no longer there. */
	bool (*find)(const struct text_origin *origin, size_t offset, struct note_place *place);
};

/* The filter. file_name is the value of ${flyway:filename}. */
struct placeholder_source {
	struct text_source source; /* first: give &filter.source to readers */
	struct text_source *input; /* borrowed, not closed */
	const struct placeholders *placeholders;
	const char *file_name;
	const struct text_origin *origin; /* where input comes from; may be NULL */
	size_t taken, name_at; /* bytes of the input; where the prefix of the last name begins */
	struct str rest;       /* the unread rest of the input's piece */
	struct buf out;        /* the piece that next returns */
	struct buf prefix;     /* characters that match the beginning of the prefix so far */
	struct buf name;       /* the name that is being read */
	bool in_name, at_end;
	bool is_unknown; /* the name has no value: an error, reported after the text before it */
	struct placeholder_trace *trace; /* NULL: nobody asks; set it after opening the filter */
};

void placeholder_source_open(struct placeholder_source *filter, struct text_source *input,
                             const struct placeholders *placeholders, const char *file_name);
void placeholder_source_close(struct placeholder_source *filter);

/*
 * Errors of source.next: ERROR_GENERAL
 * "No value provided for placeholder: ${x}.  Check your configuration!"
 * or "Failed to populate value for default placeholder: ${flyway:x}", with notes: its place, the
 * names that are defined, and the nearest of them.
 */

#endif
