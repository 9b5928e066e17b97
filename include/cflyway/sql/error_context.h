/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error_context.h - reads the CONTEXT of an error of PostgreSQL: which line of which function
 *
 * The server's words are those of lc_messages.
 */
#ifndef CFLYWAY_SQL_ERROR_CONTEXT_H
#define CFLYWAY_SQL_ERROR_CONTEXT_H

#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum frame_kind {
	FRAME_COPY,     /* COPY t, line 3, column b: "x" */
	FRAME_BLOCK,    /* PL/pgSQL function inline_code_block line 6 at RAISE: of DO */
	FRAME_FUNCTION, /* PL/pgSQL function f(integer) line 6 at RAISE */
	FRAME_SQL,      /* SQL function "f" statement 2 */
};

struct error_frame {
	enum frame_kind kind;
	struct str name;   /* f(integer); f of FRAME_SQL */
	size_t line;       /* of its text, from 1; 0: not known */
	size_t statement;  /* FRAME_SQL: its number, from 1; 0: not known */
	struct str detail; /* FRAME_COPY: column b: "x", in the words of the server, or "" */
	struct str value;  /* FRAME_COPY: x, or "" */
};

/* Takes the next frame, innermost first, from *rest, without other lines. False: none is left. */
bool error_context_next(struct str *rest, struct error_frame *frame);

#endif
