/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shelf.h - keeps pieces of text, which can be taken back in any order
 *
 * Few bytes stay in memory; more than the limit go to an unnamed temporary file.
 */
#ifndef CFLYWAY_BASE_SHELF_H
#define CFLYWAY_BASE_SHELF_H

#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/error.h"
#include "cflyway/base/fs.h"

#include <stdbool.h>
#include <stddef.h>

struct shelf_piece {
	size_t at, len; /* at counts from the first byte that was ever put */
};

struct shelf {
	struct buf bytes; /* those that are not in the file yet */
	struct file file;
	size_t limit;   /* how many bytes may stay in memory */
	size_t in_file; /* how many bytes the file has */
};

void shelf_open(struct shelf *shelf, size_t limit);
void shelf_close(struct shelf *shelf); /* closing a closed one does nothing */

/* Copies text; *piece is what shelf_get wants. Errors: those of file_open_temporary, file_write. */
MUST_USE bool shelf_put(struct shelf *shelf, struct str text, struct shelf_piece *piece,
                        struct error *err);

/* Appends a piece to out. Errors: those of file_read_at. */
MUST_USE bool shelf_get(struct shelf *shelf, struct shelf_piece piece, struct buf *out,
                        struct error *err);

#endif
