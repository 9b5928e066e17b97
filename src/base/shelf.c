/* SPDX-License-Identifier: Apache-2.0 */
/* shelf.c - keeps pieces of text, which can be taken back in any order */
#include "cflyway/base/shelf.h"

#include <stdint.h>

void shelf_open(struct shelf *shelf, size_t limit)
{
	*shelf = (struct shelf){
		.bytes = BUF_EMPTY(SIZE_MAX / 4),
		.file = FILE_CLOSED,
		.limit = limit,
	};
}

void shelf_close(struct shelf *shelf)
{
	buf_release(&shelf->bytes);
	file_close(&shelf->file);
}

/* A piece is either in memory or in the file as a whole. */
static bool write_out(struct shelf *shelf, struct error *err)
{
	bool ok = (shelf->file.fd >= 0 || file_open_temporary(&shelf->file, err)) &&
	          file_write(&shelf->file, shelf->bytes.ptr, shelf->bytes.len, err);

	if (ok)
		shelf->in_file += shelf->bytes.len;
	buf_release(&shelf->bytes);
	return ok;
}

bool shelf_put(struct shelf *shelf, struct str text, struct shelf_piece *piece, struct error *err)
{
	*piece = (struct shelf_piece){shelf->in_file + shelf->bytes.len, text.len};
	buf_append(&shelf->bytes, text.ptr, text.len);
	return shelf->bytes.len <= shelf->limit || write_out(shelf, err);
}

bool shelf_get(struct shelf *shelf, struct shelf_piece piece, struct buf *out, struct error *err)
{
	if (piece.len == 0)
		return true;
	if (piece.at >= shelf->in_file) {
		buf_append(out, shelf->bytes.ptr + (piece.at - shelf->in_file), piece.len);
		return true;
	}
	buf_reserve(out, piece.len);
	if (!file_read_at(&shelf->file, piece.at, out->ptr + out->len, piece.len, err))
		return false;
	out->len += piece.len;
	out->ptr[out->len] = '\0';
	return true;
}
