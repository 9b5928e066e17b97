/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notices.h - what the server says during a statement, until it is known how the statement ends
 *
 * Flyway shows the notices and warnings of a statement that succeeded, and none of one that failed
 * or of a COPY. They may explain a failure, so lines of our own tell them. Many notices wait in a
 * temporary file.
 */
#ifndef CFLYWAY_DB_NOTICES_H
#define CFLYWAY_DB_NOTICES_H

#include "cflyway/base/error.h"
#include "cflyway/base/log.h"
#include "cflyway/base/spool.h"

#include <stdbool.h>
#include <stddef.h>

enum { NOTICES_SHOWN = 20 }; /* in lines of our own: the last ones; the others are counted */

struct notices {
	struct spool spool;
	size_t n;
	bool has_failed; /* the temporary file is incomplete */
};

void notices_open(struct notices *notices);
void notices_close(struct notices *notices);

void notices_add(struct notices *notices, const char *sqlstate, const char *message);

/* Each of these empties the queue. */

/* The statement has succeeded: the lines that Flyway prints. */
void notices_log(struct notices *notices, const struct log *log);

/* A COPY has succeeded: lines of our own, "notice of COPY: …". */
void notices_log_copy(struct notices *notices, const struct log *log);

/* The statement has failed: notes of the error, "notice of the failed statement: …". */
void notices_note(struct notices *notices, struct error *err);

#endif
