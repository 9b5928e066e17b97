/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.h - cuts a script into statements
 *
 * An iterator over a text source; its memory is bounded by the largest statement. The judge of
 * where a statement ends is the server's grammar; where Flyway's parser agrees with it, so do the
 * recorded vectors (tests/golden/statements), the exceptions stand in
 * tests/golden/statements/exceptions.tsv with their reasons.
 */
#ifndef CFLYWAY_SQL_SPLIT_H
#define CFLYWAY_SQL_SPLIT_H

#include "cflyway/base/attr.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"
#include "cflyway/sql/dialect.h"
#include "cflyway/sql/statement.h"
#include "cflyway/sql/text_source.h"

#include <stdbool.h>
#include <stddef.h>

struct splitter;

struct split_options {
	const char *path;          /* as configured, for messages: "sql/V1__a.sql" */
	size_t max_statement_size; /* bytes; longer is an error that names the line */
	struct dialect_context context;
};

enum split_result {
	SPLIT_STATEMENT,
	SPLIT_END,
	SPLIT_FAILED,
};

/* source is borrowed and must outlive the splitter. Never fails. */
struct splitter *split_open(const struct dialect *dialect, struct text_source *source,
                            const struct split_options *options);
void split_close(struct splitter *splitter); /* NULL is allowed */

/* How many bytes of the text have been given out, with the rows of COPY. */
size_t split_position(const struct splitter *splitter);

/*
 * Finds the next statement. COPY data that was not taken with split_copy_data is skipped.
 * Errors: ERROR_GENERAL "Unable to parse statement in PATH at line L col C. See … MESSAGE" with the
 * MESSAGE as cause; the source's errors are wrapped the same way.
 */
MUST_USE enum split_result split_next(struct splitter *splitter, struct statement *statement,
                                      struct error *err);

/*
 * After a statement with STATEMENT_COPY_IN: the next piece of its rows, valid until the next call;
 * an empty piece is the end. Errors: those of the source, and an end of the script without "\.".
 */
MUST_USE bool split_copy_data(struct splitter *splitter, struct str *piece, struct error *err);

#endif
