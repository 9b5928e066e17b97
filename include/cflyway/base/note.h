/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note.h - what cflyway says of its own, beside the words of Flyway
 *
 * After the report of a failure each line of a note begins with "cflyway: "; in JSON a note is an
 * object under the key "cflyway".
 */
#ifndef CFLYWAY_BASE_NOTE_H
#define CFLYWAY_BASE_NOTE_H

#include "cflyway/base/arena.h"
#include "cflyway/base/sql_object.h"

#include <stddef.h>

/* In the order in which the notes of a failure are printed, and the name in JSON. */
#define NOTE_KINDS(X)                                                                              \
	X(PLACE, "place")     /* where in a script it failed */                                    \
	X(CAUSE, "cause")     /* why */                                                            \
	X(REMARK, "note")     /* anything else, in the order of the events */                      \
	X(OUTCOME, "outcome") /* what holds now in the database */                                 \
	X(NEXT, "next")       /* what to do */

enum note_kind {
#define NOTE_KIND_ENUM(name, json) NOTE_##name,
	NOTE_KINDS(NOTE_KIND_ENUM)
#undef NOTE_KIND_ENUM
};

const char *note_kind_name(enum note_kind kind);

/* A place in a script. */
struct note_place {
	const char *path;
	size_t line, column; /* from 1; column counts characters, 0: the line as a whole */
};

struct note {
	enum note_kind kind;
	const char *text;                /* lines, separated by "\n" */
	const struct note_place *place;  /* NULL: of no place */
	const struct sql_object *object; /* NULL: of none that the database names */
};

/* Sorted by kind; equal kinds in the order in which they were added. {0} is empty. */
struct note_list {
	struct note *items;
	size_t n;
};

/* Puts a copy of a note, with its strings, behind those of its kind. */
void note_list_add(struct arena *arena, struct note_list *list, const struct note *note);

/* Does so with all notes of another list. */
void note_list_join(struct arena *arena, struct note_list *list, const struct note_list *other);

/* The first note of a kind; NULL if there is none. */
const struct note *note_list_find(const struct note_list *list, enum note_kind kind);

#endif
