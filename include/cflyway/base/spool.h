/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h - stores bytes to be read later: few in memory, many in an unnamed temporary file
 *
 * A spool is first written, then rewound and read. The bytes stay until spool_close.
 */
#ifndef CFLYWAY_BASE_SPOOL_H
#define CFLYWAY_BASE_SPOOL_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/fs.h"

#include <stdbool.h>
#include <stddef.h>

enum { SPOOL_IN_MEMORY = 16 << 20 }; /* bytes; more than these go to a file */

struct spool {
	struct buf bytes; /* everything; with a file, bytes not written yet or read ahead */
	struct file file;
	size_t limit; /* how many bytes may stay in memory */
	size_t at;    /* how much of bytes has been read */
};

/* limit is SPOOL_IN_MEMORY, except in tests. */
void spool_open(struct spool *spool, size_t limit);
void spool_close(struct spool *spool); /* closing a closed one does nothing */

/* Errors: those of file_open_temporary and file_write. */
MUST_USE bool spool_write(struct spool *spool, const char *bytes, size_t len, struct error *err);

/* Ends writing; the next read starts at the first byte. Errors: those of file_write. */
MUST_USE bool spool_rewind(struct spool *spool, struct error *err);

/* Reads exactly len bytes, which must have been written. Errors: those of file_read. */
MUST_USE bool spool_read(struct spool *spool, char *bytes, size_t len, struct error *err);

#endif
