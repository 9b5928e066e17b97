/* SPDX-License-Identifier: Apache-2.0 */
/* libpq_linked.c - the libpq that is in the program itself, instead of libpq_opened.c */
#include "libpq.h"

#include <postgresql/pg_config.h>
#include <stdlib.h>
#include <unistd.h>

/* Of OpenSSL, without its headers. OpenSSL_version() would bring the flags of its compiler. */
unsigned OPENSSL_version_major(void);
unsigned OPENSSL_version_minor(void);
unsigned OPENSSL_version_patch(void);

/*
 * Where the certificates of the system are, for sslrootcert=system. OpenSSL looks into cert.pem and
 * certs/ of /etc/ssl only; other systems, and containers, have one file elsewhere.
 */
static void find_certificates(void)
{
	static const char *const files[] = {
		"/etc/ssl/cert.pem",
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
	};

	for (size_t i = 0; i < COUNT(files); i++) {
		if (access(files[i], R_OK) == 0) {
			setenv("SSL_CERT_FILE", files[i], 0);
			return;
		}
	}
}

bool libpq_open(struct libpq *libpq, struct error *err)
{
	(void)err;
#define LIBPQ_TAKE(field, function) libpq->field = function;
	LIBPQ_FUNCTIONS(LIBPQ_TAKE)
#undef LIBPQ_TAKE
	libpq->library = NULL;
	find_certificates();
	return true;
}

void libpq_close(struct libpq *libpq)
{
	(void)libpq;
}

const char *libpq_version(void)
{
	return PG_VERSION;
}

const char *libpq_tls_version(struct arena *arena)
{
	return arena_printf(arena, "%u.%u.%u", OPENSSL_version_major(), OPENSSL_version_minor(),
	                    OPENSSL_version_patch());
}
