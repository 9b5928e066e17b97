/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock.c - locks a SQLite file against other migrations
 *
 * BEGIN IMMEDIATE is the lock of a transaction. A script that runs outside of one holds an
 * exclusive flock on FILE-cflyway.lock. The flock excludes other cflyway processes, but not Flyway,
 * which takes no such lock.
 */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct error *err, const char *file)
{
	return error_set(err, ERROR_GENERAL, "Unable to lock %s: %s", file, strerror(errno));
}

/* Another process may have removed the file between our open and our lock. */
static bool is_current(int fd, const char *file)
{
	struct stat ours, present;

	return fstat(fd, &ours) == 0 && stat(file, &present) == 0 &&
	       ours.st_dev == present.st_dev && ours.st_ino == present.st_ino;
}

static bool try_session(struct sqlite *sqlite, bool *taken, struct error *err)
{
	*taken = true;
	while (sqlite->lock_file != NULL && sqlite->lock_fd < 0) {
		int fd = open(sqlite->lock_file, O_CREAT | O_RDWR | O_CLOEXEC, 0666);

		if (fd < 0)
			return fail(err, sqlite->lock_file);
		if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
			bool busy = errno == EWOULDBLOCK;

			*taken = false;
			if (!busy)
				fail(err, sqlite->lock_file);
			close(fd);
			return busy;
		}
		if (is_current(fd, sqlite->lock_file))
			sqlite->lock_fd = fd;
		else
			close(fd);
	}
	return true;
}

/* Turns a deferred transaction, which has written nothing yet, into an immediate one. */
static bool try_transaction(struct sqlite *sqlite, struct error *err)
{
	if (sqlite3_txn_state(sqlite->conn, "main") == SQLITE_TXN_WRITE)
		return true;
	return sqlite_command(sqlite, "ROLLBACK", err) &&
	       sqlite_command(sqlite, "BEGIN IMMEDIATE", err);
}

bool sqlite_try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                     struct error *err)
{
	(void)name;
	if (kind == LOCK_SESSION)
		return try_session(sqlite_of(db), taken, err);
	*taken = true;
	return try_transaction(sqlite_of(db), err);
}

bool sqlite_unlock(struct db *db, const char *name, bool *held, struct error *err)
{
	struct sqlite *sqlite = sqlite_of(db);

	(void)name;
	(void)err;
	*held = true;
	if (sqlite->lock_file == NULL)
		return true;
	*held = sqlite->lock_fd >= 0 && is_current(sqlite->lock_fd, sqlite->lock_file);
	if (*held)
		unlink(sqlite->lock_file);
	if (sqlite->lock_fd >= 0)
		close(sqlite->lock_fd);
	sqlite->lock_fd = -1;
	return true;
}

bool sqlite_has_lock(struct db *db, const char *name, bool *held, struct error *err)
{
	struct sqlite *sqlite = sqlite_of(db);

	(void)name;
	(void)err;
	*held = sqlite->lock_file == NULL ||
	        (sqlite->lock_fd >= 0 && is_current(sqlite->lock_fd, sqlite->lock_file));
	return true;
}
