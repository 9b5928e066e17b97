/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h - the part of a script that the splitter looks at (private)
 *
 * A contiguous, NUL-terminated piece of the script that slides over it: what lies before start is
 * forgotten when more text is read. Memory is that of the largest statement. U+FEFF is dropped on
 * the way in, as Flyway does wherever it stands.
 */
#ifndef CFLYWAY_SQL_WINDOW_H
#define CFLYWAY_SQL_WINDOW_H

#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/sql/text_source.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a byte stands: both from 1; columns in UTF-16 units. */
struct position {
	size_t line, column;
};

struct window {
	struct text_source *source; /* borrowed */
	struct error *source_error; /* filled when the source fails */
	struct buf text;            /* what has been read and is still needed */
	size_t start;               /* offset in text: bytes before it are not needed any more */
	size_t pos;                 /* offset in text of the byte to be looked at next */
	size_t max;                 /* start to pos may be this long */
	size_t dropped;             /* bytes of the script before text */
	size_t counted;             /* offset in text of the byte whose position is known */
	struct position position;   /* of that byte */
	bool ended;                 /* the source has no more text */
	bool failed;                /* the source failed: see source_error */
	bool too_long;              /* the statement is longer than max */
	bool after_mark;            /* a U+FEFF was dropped just before the text to come */
};

void window_open(struct window *window, struct text_source *source, size_t max,
                 struct error *source_error);
void window_close(struct window *window);

/*
 * Reads more text; false if there is none (ended, failed or too_long says why). Offsets into the
 * text change: only start and pos are kept right, so marks are kept relative to start.
 */
bool window_more(struct window *window);

/* Whether more than max lies between start and pos, now or once before. */
bool window_is_too_long(struct window *window);

/* The byte at pos + ahead, read if needed; -1 behind the end. */
static inline int window_byte(struct window *window, size_t ahead)
{
	while (window->pos + ahead >= window->text.len)
		if (!window_more(window))
			return -1;
	return (unsigned char)window->text.ptr[window->pos + ahead];
}

/* Position of the byte at an offset of the text. Offsets must not decrease from call to call. */
struct position window_position(struct window *window, size_t offset);

/*
 * Whether Flyway would have met the failure of the source before it came to pos: it reads up to 256
 * characters ahead and blames the statement that it is in then. Reads ahead as far.
 */
bool window_failed_before_pos(struct window *window);

#endif
