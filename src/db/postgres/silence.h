/* SPDX-License-Identifier: Apache-2.0 */
/*
 * silence.h - tells a server that works from one that is gone (cflyway.networkTimeout)
 *
 * A server that works on a statement says nothing either. When nothing has come for as long as the
 * option says, a second connection asks what the session of the first one does.
 */
#ifndef CFLYWAY_DB_POSTGRES_SILENCE_H
#define CFLYWAY_DB_POSTGRES_SILENCE_H

#include "postgres.h"

/* Before the first wait: sets the limit, pg->silence.limit_ms. */
void pg_silence_init(struct postgres *pg);

/*
 * Nothing has come for so long: what pg_wait calls. Returns true to go on waiting: the server
 * works, or nobody can tell that it does not. Otherwise the connection is given up: what waits for
 * it fails as after a lost connection, and pg->given_up says why.
 */
bool pg_silence_is_alive(struct postgres *pg);

#endif
