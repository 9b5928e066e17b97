/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.h - checks a file against a checksum that another tool has computed of it
 *
 * The sums come from OpenSSL's libcrypto, which is opened when the first of them is needed: libpq
 * needs it anyway, and a run that adopts nothing does not pay for it.
 */
#ifndef CFLYWAY_ADOPT_DIGEST_H
#define CFLYWAY_ADOPT_DIGEST_H

#include "cflyway/base/str.h"

#include <stdbool.h>

enum digest_verdict {
	DIGEST_SAME,
	DIGEST_SAME_BUT_LINE_ENDS, /* of the same text with other line ends */
	DIGEST_DIFFERS,
	DIGEST_UNKNOWN_KIND, /* its length is that of no sum that is known here */
	DIGEST_CANNOT_CHECK, /* libcrypto is not there */
};

/*
 * The kind of a checksum in hexadecimal digits, by its length: "SHA-256", "SHA-1", "MD5"; NULL if
 * it is none of them. A prefix such as "sha256:" or "\x" does not count.
 */
const char *digest_kind(const char *checksum);

/* Compares the checksum with that of bytes, which are the whole file. */
enum digest_verdict digest_check(const char *checksum, struct str bytes);

#endif
