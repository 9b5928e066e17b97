/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - choose the program that runs a script that is not SQL, by its extension
 */
#ifndef CFLYWAY_MIGRATION_PROGRAM_H
#define CFLYWAY_MIGRATION_PROGRAM_H

struct program_kind {
	const char *extension; /* ".sh"; "" if the file itself is the program */
	const char *words[3];  /* words before the path, NULL at the end: "pwsh", "-File" */
};

/* Finds the kind by the extension, in any letter case; NULL if the file cannot be a script. */
const struct program_kind *program_kind_of(const char *file_name);

/* Returns the extension of the file, which corresponds to the suffix of an SQL script. */
const char *program_extension(const char *file_name);

#endif
