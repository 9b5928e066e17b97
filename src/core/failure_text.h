/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure_text.h - the text of a script that has failed, read once more
 */
#ifndef CFLYWAY_CORE_FAILURE_TEXT_H
#define CFLYWAY_CORE_FAILURE_TEXT_H

#include "cflyway/base/attr.h"
#include "cflyway/base/source_line.h"
#include "cflyway/core/run.h"
#include "cflyway/core/script.h"
#include "cflyway/migration/migration.h"
#include "cflyway/sql/script_place.h"

#include <stdbool.h>
#include <stddef.h>

struct failure_text {
	struct script *script;
	const struct run *run;
	const struct migration *migration;
	const struct script_text *text; /* what script_open was given, or NULL */
	struct script_again again;
	struct arena arena; /* of all that is read */
};

/*
 * False: it cannot be read any more, or the file has changed. The splitter of script must not be
 * used after that.
 */
MUST_USE bool failure_text_open(struct failure_text *text, struct script *script,
                                const struct run *run, const struct migration *migration,
                                const struct script_text *kept);
void failure_text_close(struct failure_text *text);

/* A statement of the script. */
struct failure_statement {
	size_t offset;   /* as sent: see script_place.h */
	struct str sent; /* its text, in the arena */
};

/* False: the script has no such text; len may be SIZE_MAX for all that is left, up to a limit. */
MUST_USE bool failure_text_read(struct failure_text *text, size_t offset, size_t len,
                                struct failure_statement *statement);

/*
 * Finds the line of an offset as sent, in the statement or after it, and hides other statements and
 * the passwords of this one. False: it cannot be read.
 */
MUST_USE bool failure_text_line(struct failure_text *text,
                                const struct failure_statement *statement, size_t offset,
                                struct source_line *line);

/* Hides the literals of query, of which line is a part, that set a password or come from values of
 * placeholders. begin is the offset of query that line counts from. */
void failure_text_hide(struct failure_text *text, struct str query, struct source_line *line);

/* Replaces the values of placeholders in a text that messages show by '********'. */
const char *failure_text_without_values(struct failure_text *text, const char *shown);

#endif
