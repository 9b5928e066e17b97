/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h - bytes that wait: few in memory, many in a temporary file without a name
 *
 * First written, then rewound and read; what was written stays until spool_close.
 */
#ifndef CFLYWAY_BASE_SPOOL_H
#define CFLYWAY_BASE_SPOOL_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/fs.h"

#include <stdbool.h>
#include <stddef.h>

enum { SPOOL_IN_MEMORY = 16 << 20 }; /* bytes; beyond them there is a file */

struct spool {
	struct buf bytes; /* in memory: all; else what is not written yet, or was read ahead */
	struct file file;
	size_t limit; /* of what is kept in memory */
	size_t at;    /* how much of bytes has been read */
};

/* limit is SPOOL_IN_MEMORY but in tests. */
void spool_open(struct spool *spool, size_t limit);
void spool_close(struct spool *spool); /* closing a closed one does nothing */

/* Errors: those of file_open_temporary and file_write. */
MUST_USE bool spool_write(struct spool *spool, const char *bytes, size_t len, struct error *err);

/* Ends writing: the next read begins with the first byte. Errors: those of file_write. */
MUST_USE bool spool_rewind(struct spool *spool, struct error *err);

/* Reads exactly len bytes, which must have been written. Errors: those of file_read. */
MUST_USE bool spool_read(struct spool *spool, char *bytes, size_t len, struct error *err);

#endif
