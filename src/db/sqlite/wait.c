/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wait.c - says who is in the way while SQLite waits for a lock on the file
 *
 * With a busy timeout, SQLite sleeps between its tries, and does so through its VFS. That is where
 * a connection is noticed to wait: it has a VFS of its own, the default one with another xSleep. A
 * busy handler of our own would make PRAGMA busy_timeout show 0, and end with a script that sets
 * it.
 */
#include "sqlite.h"

#include "cflyway/base/clock.h"
#include "cflyway/config/secret.h"

struct sqlite_vfs {
	sqlite3_vfs base; /* first: SQLite hands out pointers to it */
	sqlite3_vfs *real;
	struct db *db;
	struct sqlite_wait wait;
	const char *told; /* what was said last; NULL: nothing */
};

bool sqlite_wait_is_due(struct sqlite_wait *wait, int64_t now_ms)
{
	enum { GAP_MS = 500 }; /* between two sleeps of one wait, SQLite only tries the lock */

	if (wait->began_ms == 0 || now_ms - wait->slept_ms > GAP_MS)
		*wait = (struct sqlite_wait){.began_ms = now_ms};
	wait->slept_ms = now_ms;
	if (now_ms - wait->began_ms < db_wait_look_due_ms(wait->looks))
		return false;
	wait->looks++;
	return true;
}

/* The line of the statement is known only to whoever listens to a script. */
static void say(struct db *db, const char *sentence)
{
	const struct statement *statement = sqlite_of(db)->statement;
	const struct db_listener *listener = db->listener;
	struct db_wait wait = {.sentence = sentence};

	if (statement == NULL || listener == NULL || listener->blocked == NULL) {
		log_cflyway(db->log, "%s", sentence);
		return;
	}
	wait.statement_bytes = statement->len;
	listener->blocked(listener->ctx, &wait);
}

static void look(struct sqlite_vfs *vfs)
{
	struct db *db = vfs->db;
	const char *path = sqlite3_db_filename(sqlite_of(db)->conn, "main");
	const char *holder = sqlite_busy_holder(sqlite_of(db), db->arena);
	const char *sentence =
		arena_printf(db->arena, "waiting for a lock on %s: %s",
	                     path != NULL ? secret_mask_url(db->arena, path) : "the database",
	                     holder != NULL ? holder : "who holds it cannot be seen from here");

	if (str_same(sentence, vfs->told))
		return;
	vfs->told = sentence;
	say(db, sentence);
}

static int sleep_in_wait(sqlite3_vfs *base, int microseconds)
{
	struct sqlite_vfs *vfs = (struct sqlite_vfs *)base;

	if (sqlite_wait_is_due(&vfs->wait, clock_system.monotonic_ms(&clock_system)))
		look(vfs);
	return vfs->real->xSleep(vfs->real, microseconds);
}

const char *sqlite_wait_open(struct db *db)
{
	struct sqlite_vfs *vfs = arena_alloc(db->arena, sizeof(*vfs));
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);

	if (real == NULL)
		return NULL;
	*vfs = (struct sqlite_vfs){.base = *real, .real = real, .db = db};
	vfs->base.pNext = NULL;
	vfs->base.zName = arena_printf(db->arena, "cflyway-%p", (void *)vfs);
	vfs->base.xSleep = sleep_in_wait;
	if (sqlite3_vfs_register(&vfs->base, 0) != SQLITE_OK)
		return NULL;
	sqlite_of(db)->vfs = vfs;
	return vfs->base.zName;
}

void sqlite_wait_close(struct sqlite *sqlite)
{
	if (sqlite->vfs != NULL)
		sqlite3_vfs_unregister(&sqlite->vfs->base);
	sqlite->vfs = NULL;
}
