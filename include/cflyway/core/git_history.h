/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git_history.h - the versions of a file that git knows
 *
 * Git only reads: it makes no files, asks nothing, fetches nothing and runs no program that the
 * configuration of the repository names. Whether it may look into a repository of another user is
 * left to its own rules (safe.directory).
 */
#ifndef CFLYWAY_CORE_GIT_HISTORY_H
#define CFLYWAY_CORE_GIT_HISTORY_H

#include "cflyway/base/arena.h"
#include "cflyway/base/attr.h"
#include "cflyway/base/buf.h"
#include "cflyway/base/clock.h"
#include "cflyway/base/str.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GIT_MAX_COMMITS = 200 };

/* One commit that has changed the file. */
struct git_version {
	const char *commit;  /* its full name, in hexadecimal digits */
	const char *name;    /* the same, short */
	const char *date;    /* of the commit: "2026-01-02" */
	const char *subject; /* may contain anything but line ends */
	const char *blob;    /* the contents of the file after it; NULL: it was deleted */
	const char *path;    /* of the file after it, from the top of the work tree */
};

/* The newest first; at most GIT_MAX_COMMITS. */
struct git_versions {
	const char *top;  /* the folder of the work tree, absolute */
	const char *path; /* of the file, from there */
	struct git_version *items;
	size_t n;
};

/* How long git may take for all calls together. */
struct git {
	struct arena *arena;
	const struct clock *clock;
	int64_t until_ms;                  /* of the monotonic clock */
	const volatile sig_atomic_t *stop; /* as in struct proc; may be NULL */
	volatile sig_atomic_t *group;      /* the same */
};

/*
 * Reads which commits have changed a file. False: it is in no work tree, git is not there, fails,
 * or the time is over.
 */
MUST_USE bool git_read_versions(const struct git *git, const char *path,
                                struct git_versions *versions);

/* Appends the contents of a version. False as above, or if they pass the maximum of text. */
MUST_USE bool git_read_version(const struct git *git, const struct git_versions *versions,
                               const struct git_version *version, struct buf *text);

/*
 * Reads what git log has printed (the format is in git_history.c) and appends it to versions. False
 * if it is not of this form. Pure.
 */
MUST_USE bool git_parse_log(struct arena *arena, struct str output, struct git_versions *versions);

#endif
