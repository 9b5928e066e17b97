/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explanation.h - explains the error codes that migrations meet; explanations.def has the texts
 */
#ifndef CFLYWAY_DB_EXPLANATION_H
#define CFLYWAY_DB_EXPLANATION_H

#include <stddef.h>

struct explanation {
	const char *code;    /* "42P07", "SQLITE_BUSY" */
	const char *name;    /* as the manual of the database has it: "duplicate_table" */
	const char *meaning; /* sentences, like the two below */
	const char *causes;  /* what it mostly comes from in a migration */
	const char *advice;  /* what to do */
};

/* Sorted by code. */
extern const struct explanation explanations[];
extern const size_t explanation_count;

/*
 * Searches for a code or its name, in any letter case: a SQLSTATE, a result code of SQLite, or the
 * number of one ("5", or an extended one such as "2067"), as error messages show it. NULL: unknown.
 */
const struct explanation *explanation_find(const char *code);

/*
 * What the class of a SQLSTATE, its first two characters, is about, in the words of PostgreSQL's
 * manual, appendix A. NULL: it is none.
 */
const char *explanation_class(const char *code);

#endif
