/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_place.h - where a part of a statement comes from in the file of its script
 *
 * A statement is sent decoded, with its placeholders replaced and without U+FEFF. An offset "as
 * sent" counts the bytes of that text from the beginning of the script; an offset in the script
 * counts those of the decoded file. Nothing is kept while a script runs: after a failure its text
 * is read again, in pieces, once for each question.
 */
#ifndef CFLYWAY_SQL_SCRIPT_PLACE_H
#define CFLYWAY_SQL_SCRIPT_PLACE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/source_line.h"
#include "cflyway/sql/placeholder.h"
#include "cflyway/sql/text_source.h"

#include <stdbool.h>
#include <stddef.h>

/* A script that can be read again. */
struct script_again {
	/*
	 * Returns the decoded text from its beginning, with its placeholders; ends the source that
	 * was returned before. NULL: it cannot be read; err is set.
	 */
	struct text_source *(*read)(void *ctx, struct error *err);
	void *ctx;
	const struct placeholders *placeholders; /* NULL: they are not replaced */
	const char *file_name;                   /* see placeholder_source_open */
};

/* Appends the text as sent from an offset on, at most len bytes. Errors: those of the source. */
MUST_USE bool script_place_text(const struct script_again *script, size_t offset, size_t len,
                                struct buf *out, struct error *err);

/*
 * Sets *found to the offset as sent of the line that follows n lines after the one of offset (0:
 * the line of offset, which is not changed then); the end of the script if there are not so many.
 * Errors: those of the source.
 */
MUST_USE bool script_place_next_line(const struct script_again *script, size_t offset, size_t n,
                                     size_t *found, struct error *err);

/*
 * Turns n ascending offsets as sent into offsets in the script. An offset within the value of a
 * placeholder becomes that of its prefix; one beyond the end becomes the end. Errors: those of the
 * source.
 */
MUST_USE bool script_place_map(const struct script_again *script, size_t *offsets, size_t n,
                               struct error *err);

/*
 * Finds the line of an offset in the script, and its text, or as much around the offset as a
 * message may show. A U+FEFF at the beginning of the script is no character. The text lives in the
 * arena. Errors: those of the source.
 */
MUST_USE bool script_place_line(const struct script_again *script, size_t offset,
                                struct arena *arena, struct source_line *line, struct error *err);

/*
 * Returns the offset of the character with that number, from 1; the length of the text if it has
 * not so many.
 */
size_t script_place_of_character(struct str text, size_t number);

/* Returns the number of the character at that offset, from 1. */
size_t script_place_character(struct str text, size_t offset);

#endif
