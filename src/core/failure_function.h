/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure_function.h - which line of a function, or of the query that it was running, has failed
 */
#ifndef CFLYWAY_CORE_FAILURE_FUNCTION_H
#define CFLYWAY_CORE_FAILURE_FUNCTION_H

#include "failure_text.h"

#include "cflyway/base/error.h"
#include "cflyway/sql/error_context.h"

/*
 * Sets *at to the offset of the line of a frame in a statement that has the body: DO, or CREATE
 * FUNCTION. If place tells a query, and that is written there, the offset is that of the character
 * in it. False: it has no such body or line.
 */
bool failure_function_line(struct str statement, const struct error_frame *frame,
                           const struct sql_place *place, size_t *at);

/*
 * Adds notes of NOTE_CAUSE about the innermost function, with its place if it is defined in the
 * script before that statement, and about a query that was put together while it ran.
 */
void failure_function_note(struct failure_text *text, const struct failure_statement *statement,
                           const struct sql_place *place, struct error *err);

#endif
