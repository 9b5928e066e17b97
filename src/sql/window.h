/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h - holds the part of a script that the splitter examines (private)
 *
 * The window is a contiguous, NUL-terminated piece of the script that slides over it: reading more
 * text discards the bytes before start. The largest statement determines its memory. Like Flyway,
 * the window drops U+FEFF anywhere in the script.
 */
#ifndef CFLYWAY_SQL_WINDOW_H
#define CFLYWAY_SQL_WINDOW_H

#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/sql/text_source.h"

#include <stdbool.h>
#include <stddef.h>

/* The place of a byte in the script: both from 1; columns in UTF-16 units. */
struct position {
	size_t line, column;
};

struct window {
	struct text_source *source; /* borrowed */
	struct error *source_error; /* filled if the source fails */
	struct buf text;            /* the text that has been read and is still needed */
	size_t start;               /* offset in text: bytes before it are no longer needed */
	size_t pos;                 /* offset in text of the next byte to examine */
	size_t max;                 /* bytes that a statement may have after leading */
	size_t leading;             /* bytes from start to the first token; SIZE_MAX before it */
	size_t keep;                /* if more is between start and pos, reading drops it */
	size_t dropped;             /* bytes of the script before text */
	size_t counted;             /* offset in text of the byte whose position is known */
	struct position position;   /* of that byte */
	bool ended;                 /* the source has no more text */
	bool failed;                /* the source failed: see source_error */
	bool too_long;              /* the statement is longer than max */
	bool after_mark;            /* a U+FEFF was dropped just before the next text */
};

void window_open(struct window *window, struct text_source *source, size_t max,
                 struct error *source_error);
void window_close(struct window *window);

/*
 * Reads more text; false if there is none (ended, failed or too_long says why). The text moves and
 * only start and pos are updated, so callers keep other offsets relative to start.
 */
bool window_more(struct window *window);

/* Tells whether more than max bytes are, or once were, between the first token and pos. */
bool window_is_too_long(struct window *window);

/* Returns the byte at pos + ahead, reading if needed; -1 after the end. */
static inline int window_byte(struct window *window, size_t ahead)
{
	while (window->pos + ahead >= window->text.len)
		if (!window_more(window))
			return -1;
	return (unsigned char)window->text.ptr[window->pos + ahead];
}

/* Returns the position of the byte at an offset. Offsets must not decrease from call to call. */
struct position window_position(struct window *window, size_t offset);

/*
 * Tells whether Flyway would meet the failure of the source before it reaches pos: it reads up to
 * 256 characters ahead and blames the statement that it is in then. Reads ahead equally far.
 */
bool window_failed_before_pos(struct window *window);

#endif
