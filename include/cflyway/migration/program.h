/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - choose the program that runs a script that is not SQL, by its extension
 */
#ifndef CFLYWAY_MIGRATION_PROGRAM_H
#define CFLYWAY_MIGRATION_PROGRAM_H

#include "cflyway/config/executors.h"

struct program_kind {
	const char *extension; /* ".sh"; "" if the file itself is the program */
	const char *words[3];  /* words before the path, NULL at the end: "pwsh", "-File" */
	/* The command line of the configuration, in place of words; NULL: none. */
	const struct executor_option *executor;
};

/* The kinds of the configuration, which come before the usual ones. */
struct program_kinds {
	const struct program_kind *items;
	size_t n;
};

/* The strings are borrowed. */
struct program_kinds program_kinds_make(struct arena *arena,
                                        const struct executor_options *executors);

/* Finds the kind by the extension, in any letter case; NULL if the file cannot be a script. */
const struct program_kind *program_kind_of(const struct program_kinds *own, const char *file_name);

/* Returns the extension of the file, which corresponds to the suffix of an SQL script. */
const char *program_extension(const char *file_name);

#endif
