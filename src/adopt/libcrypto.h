/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcrypto.h - the functions of OpenSSL that compute checksums
 *
 * EVP_Digest() and the functions that name an algorithm have the same form in all versions since
 * 1.1, so no header of OpenSSL is needed to build cflyway. The static program (tools/static) has
 * OpenSSL inside: there libcrypto_linked.c replaces libcrypto_opened.c.
 */
#ifndef CFLYWAY_ADOPT_LIBCRYPTO_H
#define CFLYWAY_ADOPT_LIBCRYPTO_H

#include "cflyway/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

enum crypto_sum {
	CRYPTO_SHA256,
	CRYPTO_SHA1,
	CRYPTO_MD5,
	CRYPTO_SUMS,
};

struct libcrypto {
	void *library; /* as dlopen gave it; NULL when closed, or in the program */
	int (*digest)(const void *bytes, size_t len, unsigned char *sum, unsigned *size,
	              const void *algorithm, void *engine);
	const void *algorithm;
};

/* False if there is no libcrypto, or it does not have this sum. */
MUST_USE bool libcrypto_open(struct libcrypto *crypto, enum crypto_sum sum);
void libcrypto_close(struct libcrypto *crypto); /* closing a closed one does nothing */

#endif
