/* SPDX-License-Identifier: Apache-2.0 */
/* crc32.c - computes zlib's CRC-32 as the signed number that Flyway stores */
#include "cflyway/base/crc32.h"

#include <zlib.h>

void crc32_update(struct crc32 *crc, const char *bytes, size_t len)
{
	if (len > 0) /* zlib restarts the sum for a NULL pointer, which an empty view may have */
		crc->value = (uint32_t)crc32_z(crc->value, (const unsigned char *)bytes, len);
}

int32_t crc32_signed(const struct crc32 *crc)
{
	return (int32_t)crc->value;
}

struct crc32 crc32_join(struct crc32 first, struct crc32 second, size_t len)
{
	return (struct crc32){(uint32_t)crc32_combine(first.value, second.value, (z_off_t)len)};
}
