/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cause.h - finds why a statement or a connection has failed in a table of causes
 *
 * A row of a table says which failures it fits, and what is said then:
 *
 *	{"42501", "permission denied for schema *", NULL,
 *	 "the role %u has no right on schema %1", "GRANT CREATE, USAGE ON SCHEMA %1 TO %u;"}
 *
 * The first row counts that fits and whose texts name no fact that is unknown. So what needs a fact
 * comes before what can always be said.
 */
#ifndef CFLYWAY_DB_CAUSE_H
#define CFLYWAY_DB_CAUSE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The values of %x in a text, by the character x; NULL: unknown. %1 to %9 are those of the '*'. */
struct cause_facts {
	const char *of[128];
};

struct cause {
	const char *state;   /* SQLSTATE, or the name of the result code; NULL: any */
	const char *pattern; /* how the message begins, '*' is any text in a line; NULL: any */
	/* Asks for more facts. False: the row does not fit. NULL: there is nothing to ask. */
	bool (*look)(void *ctx, struct cause_facts *facts);
	const char *text; /* why it failed; NULL: the message says it */
	/*
	 * What to do: "next: …" is a step outside of the script, after which it can run as it is;
	 * anything else mends the script. NULL: "cflyway explain" says more.
	 */
	const char *next;
};

/* A failure, and what is known about it. */
struct cause_question {
	struct arena *arena;
	const char *state;        /* NULL: the database has none */
	const char *messages[2];  /* rows may fit either; NULL: there is none */
	struct cause_facts facts; /* those of the rows are added */
	void *ctx;                /* for look; NULL: a row that asks does not fit */
};

/*
 * Does the text begin as the pattern says? Then the texts of its '*' are %1, %2, … of the facts.
 * A '*' takes as little as possible, the last one the rest of its line, and none takes a line end.
 */
bool cause_match(struct arena *arena, const char *pattern, const char *text,
                 struct cause_facts *facts);

/*
 * The text with its facts: %x as it is, %"x as an identifier of SQL and %'x as a word of the shell,
 * in quotes where that is needed; %|xy is %x or, if that is unknown, %y; %% is "%". NULL if one is
 * unknown, or the text is NULL.
 */
const char *cause_text(struct arena *arena, const char *text, const struct cause_facts *facts);

/* The name as SQL needs it: in quotes, if it is not plain. */
const char *cause_identifier(struct arena *arena, const char *name);

/*
 * Adds the cause of the first row that fits, and what to do, to err. Without what
 * to do, it names "cflyway explain", if the code of the failure is explained there, and nobody else
 * has told a cause. Returns whether a row fits.
 */
bool causes_explain(const struct cause *causes, size_t n, struct cause_question *question,
                    struct error *err);

#endif
