/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy_data.h - reads the rows that follow a COPY … FROM STDIN in a script (private)
 *
 * The rows begin on the line after the statement and end before a line that holds only "\.", with
 * or without white space around it. They are returned in pieces and never collected.
 */
#ifndef CFLYWAY_SQL_COPY_DATA_H
#define CFLYWAY_SQL_COPY_DATA_H

#include "window.h"

#include "cflyway/base/attr.h"
#include "cflyway/base/str.h"

enum copy_state {
	COPY_DONE, /* no rows, or all have been returned */
	COPY_HEAD, /* the rest of the statement's line comes next; Flyway ignores it too */
	COPY_ROWS,
	COPY_LINE, /* rows, in the middle of a line whose beginning has been returned */
};

enum copy_result {
	COPY_PIECE,
	COPY_END,
	COPY_FAILED,       /* the source failed: see window->source_error */
	COPY_UNTERMINATED, /* the script ended before "\." */
};

/* Sets *piece to the next piece, valid until the window is used again. */
MUST_USE enum copy_result copy_data_next(struct window *window, enum copy_state *state,
                                         struct str *piece);

#endif
