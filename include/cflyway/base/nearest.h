/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest.h - finds the name that is closest to a misspelt one
 *
 *	nearest_init(&nearest, wrong);
 *	for (each name that is known)
 *		nearest_consider(&nearest, str_of(name), name);
 *	nearest_note(&nearest, err);
 *
 * The question has one form everywhere: did you mean "NAME"?
 */
#ifndef CFLYWAY_BASE_NEAREST_H
#define CFLYWAY_BASE_NEAREST_H

#include "cflyway/base/arena.h"
#include "cflyway/base/error.h"
#include "cflyway/base/str.h"

#include <stddef.h>

struct nearest {
	struct str wrong;
	const char *name; /* the closest name so far; NULL: none is close */
	size_t distance;  /* a name must be closer than that */
};

/* At most one character in three may be wrong. wrong is borrowed. */
void nearest_init(struct nearest *nearest, struct str wrong);

/*
 * Makes name the nearest if part, which is the name or a part of it, is closer than all before it.
 * Letter case does not count, and two neighbours that are swapped count as one mistake.
 */
void nearest_consider(struct nearest *nearest, struct str part, const char *name);

/* Returns the question for a log line, in the arena; NULL if no name is near. */
const char *nearest_question(struct arena *arena, const struct nearest *nearest);

/* Adds the question to the error as a note, if a name is near. */
void nearest_note(const struct nearest *nearest, struct error *err);

/* Does all of it: adds the question about the one of n names that is closest to wrong. */
void nearest_note_of(const char *const *names, size_t n, struct str wrong, struct error *err);

#endif
