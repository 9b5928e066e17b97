/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notices.h - keeps the notices of a statement until its outcome is known
 *
 * Flyway shows the notices and warnings of a successful statement, but not those of a failed
 * statement or of a COPY. They may explain a failure; cflyway shows them in lines of its own. A
 * temporary file holds large numbers of notices.
 */
#ifndef CFLYWAY_DB_NOTICES_H
#define CFLYWAY_DB_NOTICES_H

#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/base/spool.h"

#include <stdbool.h>
#include <stddef.h>

enum { NOTICES_SHOWN = 20 }; /* in cflyway's own lines: the last ones; the others are counted */

struct notices {
	struct spool spool;
	size_t n;
	bool has_failed; /* the temporary file is incomplete */
};

void notices_open(struct notices *notices);
void notices_close(struct notices *notices);

void notices_add(struct notices *notices, const char *sqlstate, const char *message);

/* Each of these empties the queue. */

typedef void notice_fn(void *ctx, size_t i, const char *sqlstate, const char *message);

/* Calls show for each notice. */
void notices_each(struct notices *notices, const struct log *log, notice_fn *show, void *ctx);

/* After a statement that succeeded: prints the lines that Flyway prints. */
void notices_log(struct notices *notices, const struct log *log);

/* Where Flyway prints nothing: prints cflyway's own lines, "notice of COPY: …" for origin "COPY". */
void notices_log_own(struct notices *notices, const struct log *log, const char *origin);

/* After a failed statement: adds notes to the error, "notice of the failed statement: …". */
void notices_note(struct notices *notices, struct error *err);

#endif
