/* SPDX-License-Identifier: Apache-2.0 */
/* libcrypto_linked.c - the libcrypto that is in the program itself */
#include "libcrypto.h"

int EVP_Digest(const void *bytes, size_t len, unsigned char *sum, unsigned *size,
               const void *algorithm, void *engine);
const void *EVP_sha256(void);
const void *EVP_sha1(void);
const void *EVP_md5(void);

static const void *(*const algorithms[CRYPTO_SUMS])(void) = {
	[CRYPTO_SHA256] = EVP_sha256,
	[CRYPTO_SHA1] = EVP_sha1,
	[CRYPTO_MD5] = EVP_md5,
};

bool libcrypto_open(struct libcrypto *crypto, enum crypto_sum sum)
{
	*crypto = (struct libcrypto){.digest = EVP_Digest, .algorithm = algorithms[sum]()};
	return crypto->algorithm != NULL;
}

void libcrypto_close(struct libcrypto *crypto)
{
	(void)crypto;
}
