/* SPDX-License-Identifier: Apache-2.0 */
/* session_words.h - another session, in words, for the line that says who is in the way */
#ifndef CFLYWAY_DB_POSTGRES_SESSION_WORDS_H
#define CFLYWAY_DB_POSTGRES_SESSION_WORDS_H

#include "cflyway/base/arena.h"

/*
 * What queries ask about a session, in this order: its process, user, application, state, when its
 * transaction began, for how many ms it has been open, and its query. All but the first may be
 * NULL: without the rights of pg_monitor, the server hides most of them of other users.
 */
enum { PG_SESSION_COLUMNS = 7 };
#define PG_SESSION_SHAPE "vnnnnnn" /* see answer_shape.h */

/*
 * "process 4711 of user app (application psql), idle in transaction; its transaction has been open
 * for 3 s, since 02:11:12; its last query: lock table t". One line, without control characters and
 * passwords; only what is known.
 */
const char *pg_session_words(struct arena *arena, const char *const *values);

/* The beginning of a query, in the same way. */
const char *pg_query_words(struct arena *arena, const char *query);

/* "" for 0, "1 other and ", "2 others and ". */
const char *pg_others_words(struct arena *arena, int n);

#endif
