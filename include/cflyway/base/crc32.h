/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crc32.h - computes zlib's CRC-32 as the signed number that Flyway stores
 */
#ifndef CFLYWAY_BASE_CRC32_H
#define CFLYWAY_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

struct crc32 {
	uint32_t value; /* start with {0} */
};

void crc32_update(struct crc32 *crc, const char *bytes, size_t len);
int32_t crc32_signed(const struct crc32 *crc);

/* Returns the sum of two texts in a row: first is that of one, second of len bytes after it. */
struct crc32 crc32_join(struct crc32 first, struct crc32 second, size_t len);

#endif
