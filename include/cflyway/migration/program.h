/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - files that are not SQL: by their extension, a program runs them
 */
#ifndef CFLYWAY_MIGRATION_PROGRAM_H
#define CFLYWAY_MIGRATION_PROGRAM_H

struct program_kind {
	const char *extension; /* ".sh"; "": the file is the program */
	const char *words[3];  /* what stands before the path, NULL at the end: "pwsh", "-File" */
};

/* By the extension, without case; NULL if the file cannot be a script. */
const struct program_kind *program_kind_of(const char *file_name);

/* The file's own extension: what a suffix is to SQL. */
const char *program_extension(const char *file_name);

#endif
