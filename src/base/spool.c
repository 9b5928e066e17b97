/* SPDX-License-Identifier: Apache-2.0 */
/* spool.c - stores bytes to be read later: few in memory, many in an unnamed temporary file */
#include "cflyway/base/spool.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

static const char file_name[] = "a temporary file";

void spool_open(struct spool *spool, size_t limit)
{
	*spool = (struct spool){
		.bytes = BUF_EMPTY(SIZE_MAX / 4),
		.file = FILE_CLOSED,
		.limit = limit,
	};
}

void spool_close(struct spool *spool)
{
	buf_release(&spool->bytes);
	file_close(&spool->file);
}

static bool has_file(const struct spool *spool)
{
	return spool->file.fd >= 0;
}

static bool write_out(struct spool *spool, struct error *err)
{
	bool ok = (has_file(spool) || file_open_temporary(&spool->file, err)) &&
	          file_write(&spool->file, spool->bytes.ptr, spool->bytes.len, err);

	/* a block needs less memory than all the bytes did */
	if (spool->bytes.cap > (size_t)2 * BLOCK_SIZE)
		buf_release(&spool->bytes);
	else
		buf_clear(&spool->bytes);
	return ok;
}

bool spool_write(struct spool *spool, const char *bytes, size_t len, struct error *err)
{
	buf_append(&spool->bytes, bytes, len);
	if (spool->bytes.len <= (has_file(spool) ? BLOCK_SIZE : spool->limit))
		return true;
	return write_out(spool, err);
}

bool spool_rewind(struct spool *spool, struct error *err)
{
	spool->at = 0;
	if (!has_file(spool))
		return true;
	if (!write_out(spool, err))
		return false;
	file_rewind(&spool->file);
	return true;
}

/* Reads the next block of the file. */
static bool read_ahead(struct spool *spool, struct error *err)
{
	size_t len;

	buf_clear(&spool->bytes);
	spool->at = 0;
	buf_reserve(&spool->bytes, BLOCK_SIZE);
	if (!file_read(&spool->file, file_name, spool->bytes.ptr, BLOCK_SIZE, &len, err))
		return false;
	spool->bytes.len = len;
	return len > 0 ||
	       error_set(err, ERROR_GENERAL, "Unable to read file %s: it has been cut", file_name);
}

bool spool_read(struct spool *spool, char *bytes, size_t len, struct error *err)
{
	while (len > 0) {
		size_t there = spool->bytes.len - spool->at;

		if (there == 0 && !read_ahead(spool, err))
			return false;
		if (there == 0)
			continue;
		if (there > len)
			there = len;
		memcpy(bytes, spool->bytes.ptr + spool->at, there);
		spool->at += there;
		bytes += there;
		len -= there;
	}
	return true;
}
