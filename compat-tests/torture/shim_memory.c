/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim_memory.c - lets the allocation with a given number fail; loaded with LD_PRELOAD
 *
 *	INJECT_AT=7       the seventh allocation returns NULL; 0: none
 *	INJECT_KEEP=1     and so does every later one
 *	INJECT_REPORT=f   a file with a struct report
 *	INJECT_UNSET=v    no memory for this variable of the environment
 *
 * Counts from the start of main (more precisely, from the constructors of shared objects) on, and
 * makes pauses take no time. Programs that are started from here do not load it. It relies on names
 * of glibc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CALLER __builtin_return_address(0)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

struct report {
	uint64_t count;   /* how many allocations so far */
	uint64_t is_hit;  /* the one with the number INJECT_AT was made */
	char name[32];    /* by this function, if it has a public name */
	char target[464]; /* of this library or program */
};

static bool is_active, keeps_failing;
static uint64_t fails_at;
static struct report own_report, *report = &own_report;

static void describe(const void *caller)
{
	Dl_info about;

	report->is_hit = 1;
	if (dladdr(caller, &about) == 0)
		return;
	snprintf(report->name, sizeof(report->name), "%s",
	         about.dli_sname != NULL ? about.dli_sname : "a function");
	snprintf(report->target, sizeof(report->target), "%s", about.dli_fname);
}

static bool must_fail(const void *caller)
{
	if (!is_active)
		return false;
	uint64_t number = __atomic_add_fetch(&report->count, 1, __ATOMIC_RELAXED);
	if (fails_at == 0 || number < fails_at || (number > fails_at && !keeps_failing))
		return false;
	if (number == fails_at)
		describe(caller);
	errno = ENOMEM;
	return true;
}

static uint64_t number_of(const char *variable)
{
	const char *text = getenv(variable);

	return text != NULL ? strtoull(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("INJECT_REPORT");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd >= 0) {
		void *shared =
			mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (shared != MAP_FAILED)
			report = shared;
		close(fd);
	}
	fails_at = number_of("INJECT_AT");
	keeps_failing = number_of("INJECT_KEEP") != 0;
	unsetenv("LD_PRELOAD");
	is_active = true;
}

void *malloc(size_t size)
{
	return must_fail(CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return must_fail(CALLER) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
	return must_fail(CALLER) ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
	return must_fail(CALLER) ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return must_fail(CALLER) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	*memory = must_fail(CALLER) ? NULL : __libc_memalign(alignment, size);
	return *memory != NULL ? 0 : ENOMEM;
}

int setenv(const char *name, const char *value, int overwrite)
{
	static int (*next)(const char *, const char *, int);
	const char *unset = getenv("INJECT_UNSET");

	if (next == NULL)
		next = (int (*)(const char *, const char *, int))dlsym(RTLD_NEXT, "setenv");
	if (unset != NULL && strcmp(unset, name) == 0) {
		errno = ENOMEM;
		return -1;
	}
	return next(name, value, overwrite);
}
