/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.h - cuts a script into statements
 *
 * The splitter is an iterator over a text source; the largest statement bounds its memory. The
 * server's grammar decides where a statement ends. The results equal the vectors recorded from
 * Flyway's parser (tests/golden/statements) wherever that parser agrees with the grammar;
 * tests/golden/statements/exceptions.tsv lists the exceptions with their reasons.
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
	size_t max_statement_size; /* bytes; a longer statement is an error that names the line */
	struct dialect_context context;
};

enum split_result {
	SPLIT_STATEMENT,
	SPLIT_END,
	SPLIT_FAILED,
};

/* Opens a splitter; never fails. source is borrowed and must outlive the splitter. */
struct splitter *split_open(const struct dialect *dialect, struct text_source *source,
                            const struct split_options *options);
void split_close(struct splitter *splitter); /* NULL is allowed */

/* Returns how many bytes of the script have been returned, including the rows of COPY. */
size_t split_position(const struct splitter *splitter);

/*
 * Returns the offset, as that of struct statement, of the statement that cannot be cut out;
 * SIZE_MAX if none is at fault but the source. Valid after SPLIT_FAILED.
 */
size_t split_failed_at(const struct splitter *splitter);

/*
 * Returns the line in which the comment begins that swallowed the end of the script, since nothing
 * closes it; 0 without such a comment. Valid after SPLIT_END.
 */
size_t split_open_comment(const struct splitter *splitter);

/*
 * Finds the next statement. Skips COPY data that was not read with split_copy_data.
 * Errors: ERROR_GENERAL "Unable to parse statement in PATH at line L col C. See … MESSAGE" with the
 * MESSAGE as cause; the source's errors are wrapped the same way.
 */
MUST_USE enum split_result split_next(struct splitter *splitter, struct statement *statement,
                                      struct error *err);

/*
 * Reads the next piece of the rows after a statement with STATEMENT_COPY_IN. The piece is valid
 * until the next call; an empty piece is the end. Errors: those of the source, and a script that
 * ends without "\.".
 */
MUST_USE bool split_copy_data(struct splitter *splitter, struct str *piece, struct error *err);

#endif
