/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_effect.h - finds what a statement leaves in the session, or expects there
 *
 * For connections that are shared: behind a connection pooler that lends a server for one
 * transaction at a time, what stays in the session reaches other clients.
 */
#ifndef CFLYWAY_SQL_SESSION_EFFECT_H
#define CFLYWAY_SQL_SESSION_EFFECT_H

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

/*
 * What the statement does beyond its transaction, as the end of a sentence that begins with its
 * line: "sets a parameter for the session (SET LOCAL is possible)". NULL: nothing that can be
 * seen. The body of DO counts, that of CREATE FUNCTION does not: it is not run. What a function
 * does when it is called is not seen. The dialect is that of PostgreSQL.
 */
const char *session_effect_find(struct str statement);

/* SET name = …, as SET LOCAL; NULL if it is no such statement. Lives in the arena. */
const char *session_set_locally(struct arena *arena, struct str statement);

#endif
