/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checksum.h - the CRC32 that identifies the contents of a migration
 *
 * The sum is the signed 32-bit number that Flyway stores: lines without their terminators, byte
 * order mark skipped, text taken as UTF-8 after decoding. Measured cases: tests/golden/checksums.
 */
#ifndef CFLYWAY_MIGRATION_CHECKSUM_H
#define CFLYWAY_MIGRATION_CHECKSUM_H

#include "cflyway/base/attr.h"
#include "cflyway/base/crc32.h"
#include "cflyway/base/error.h"
#include "cflyway/migration/script_part.h"
#include "cflyway/sql/placeholder.h"
#include "cflyway/sql/text_source.h"

#include <stdbool.h>
#include <stdint.h>

/* An incremental sum, for a pass that also does something else with the text. Starts as {0}. */
struct checksum {
	struct crc32 crc;
	bool past_start; /* a byte order mark counts from now on */
};

void checksum_update(struct checksum *checksum, struct str text);
int32_t checksum_value(const struct checksum *checksum);

/* Sums the whole text of a source. Errors: those of the source. */
MUST_USE bool checksum_source(struct text_source *source, int32_t *sum, struct error *err);

/*
 * Sums a file, reading it in pieces: memory does not grow with its size. encoding is a Java or IANA
 * name. Errors: ERROR_GENERAL "Unable to calculate checksum of FILE\nPlease ensure …" with the
 * cause.
 */
MUST_USE bool checksum_file(const char *path, const char *encoding, int32_t *sum,
                            struct error *err);

/*
 * Does the same for a small file. Reads only the first block of a large file, and sets *is_large
 * instead of *sum.
 */
MUST_USE bool checksum_small_file(const char *path, const char *encoding, int32_t *sum,
                                  bool *is_large, struct error *err);

/*
 * Sums a repeatable twice in one pass: as it is (*raw), and with its placeholders replaced (*sum).
 * file_name is the value of ${flyway:filename}. Errors: as checksum_file; placeholders without
 * value.
 */
MUST_USE bool checksum_file_replaced(const char *path, const char *encoding,
                                     const struct placeholders *placeholders, const char *file_name,
                                     int32_t *raw, int32_t *sum, struct error *err);

/* Computes the checksum of a part; errors as those of checksum_file and of the part. */
MUST_USE bool checksum_part(const char *path, const char *encoding, const struct part_of_file *part,
                            int32_t *sum, struct error *err);

#endif
