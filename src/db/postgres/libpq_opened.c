/* SPDX-License-Identifier: Apache-2.0 */
/* libpq_opened.c - opens the libpq of the system when the first connection needs it */
#include "libpq.h"

#include <dlfcn.h>

#define LIBPQ_FILE "libpq.so.5"

static bool find(struct libpq *libpq, const char *function, void *field, struct error *err)
{
	void *address = dlsym(libpq->library, function);

	if (address == NULL) {
		libpq_close(libpq);
		return error_set(err, ERROR_JDBC_DRIVER,
		                 "Unable to use %s: it has no %s, so it is older than version 14",
		                 LIBPQ_FILE, function);
	}
	/* POSIX lets dlsym give functions, ISO C has no conversion for them: copy the bits. */
	memcpy(field, &address, sizeof(address));
	return true;
}

bool libpq_open(struct libpq *libpq, struct error *err)
{
	/* lazy: of all the libraries below it few functions are ever called; it stays in memory,
	 * because some of them leave handlers for the exit behind */
	libpq->library = dlopen(LIBPQ_FILE, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	if (libpq->library == NULL)
		return error_set(err, ERROR_JDBC_DRIVER,
		                 "Unable to load PostgreSQL's client library: %s"
		                 " => Check whether the package libpq5 is installed",
		                 dlerror());
#define LIBPQ_FIND(field, function)                                                                \
	if (!find(libpq, #function, &libpq->field, err))                                           \
		return false;
	LIBPQ_FUNCTIONS(LIBPQ_FIND)
#undef LIBPQ_FIND
	return true;
}

void libpq_close(struct libpq *libpq)
{
	if (libpq->library != NULL)
		dlclose(libpq->library);
	libpq->library = NULL;
}

/* To load it and all that it needs would take longer than everything else that `version` does. */
const char *libpq_version(void)
{
	return "14 or newer, loaded by the first connection";
}

const char *libpq_tls_version(struct arena *arena)
{
	(void)arena;
	return NULL;
}
