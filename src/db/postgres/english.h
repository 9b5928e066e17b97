/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english.h - what a message of the server is in English, whatever language the server speaks
 *
 * The tables of causes know messages in English. In other languages (lc_messages) the server still
 * names the function of its source that reports the failure, and fields such as the constraint;
 * names in the message are in quotes, of one kind or another. english.def says what follows.
 */
#ifndef CFLYWAY_DB_POSTGRES_ENGLISH_H
#define CFLYWAY_DB_POSTGRES_ENGLISH_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"

/* A report of the server. Strings other than state and message may be NULL. */
struct pg_report {
	const char *state;
	const char *routine; /* the function of its source */
	const char *message; /* without severity; "\n  Detail: …" and the like may follow */
	const char *detail, *context;
	const char *line; /* the line of the script, with words before it and after it */
	const struct sql_object *object;
};

/* The message in English, as far as the tables of causes read it. NULL: it is not certain. */
const char *pg_in_english(struct arena *arena, const struct pg_report *report);

#endif
