/* SPDX-License-Identifier: Apache-2.0 */
/* libcrypto_opened.c - opens the libcrypto of the system when the first checksum needs it */
#include "libcrypto.h"

#include <dlfcn.h>
#include <string.h>

static const char *const names[CRYPTO_SUMS] = {
	[CRYPTO_SHA256] = "EVP_sha256",
	[CRYPTO_SHA1] = "EVP_sha1",
	[CRYPTO_MD5] = "EVP_md5",
};

static bool find(const struct libcrypto *crypto, const char *function, void *field)
{
	void *address = dlsym(crypto->library, function);

	/* POSIX lets dlsym give functions, ISO C has no conversion for them: copy the bits. */
	if (address != NULL)
		memcpy(field, &address, sizeof(address));
	return address != NULL;
}

bool libcrypto_open(struct libcrypto *crypto, enum crypto_sum sum)
{
	static const char *const files[] = {"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"};
	const void *(*algorithm)(void);

	for (size_t i = 0; i < COUNT(files) && crypto->library == NULL; i++)
		crypto->library = dlopen(files[i], RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	if (crypto->library == NULL || !find(crypto, "EVP_Digest", &crypto->digest) ||
	    !find(crypto, names[sum], &algorithm))
		return false;
	crypto->algorithm = algorithm();
	return crypto->algorithm != NULL;
}

void libcrypto_close(struct libcrypto *crypto)
{
	if (crypto->library != NULL)
		dlclose(crypto->library);
	crypto->library = NULL;
}
