/* SPDX-License-Identifier: Apache-2.0 */
/* open.c - opens a database file as sqlite-jdbc does */
#include "sqlite.h"

#include "cflyway/base/fs.h"
#include "cflyway/config/secret.h"
#include "cflyway/db/dry_run.h"
#include "cflyway/db/url.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 3000 };

static bool fail(struct error *err, const char *message)
{
	const struct sql_failure failure = {.message = message};

	return error_set_sql(err, ERROR_DB_CONNECTION, &failure, "%s", message);
}

static const char *parent_of(struct arena *arena, const char *path)
{
	size_t end = strlen(path);

	while (end > 0 && path[end - 1] != '/')
		end--;
	return end <= 1 ? "/" : arena_strndup(arena, path, end - 1);
}

/* The message names the outermost missing folder. */
static bool check_folder(struct arena *arena, const char *file, struct error *err)
{
	const char *missing = NULL;
	const char *folder = parent_of(arena, fs_absolute(arena, file));

	while (fs_kind(folder) == FS_MISSING) {
		missing = folder;
		folder = parent_of(arena, folder);
	}
	if (missing == NULL)
		return true;
	return fail(err,
	            arena_printf(arena, "path to '%s': '%s' does not exist",
	                         secret_mask_url(arena, file), secret_mask_url(arena, missing)));
}

/* sqlite-jdbc checks that the file can be created, and reports the message of the system. */
static bool check_file(struct arena *arena, const char *file, struct error *err)
{
	if (fs_kind(file) != FS_MISSING)
		return true;

	/* The file stays: another program may have opened it. SQLite takes it as new. */
	int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail(err, arena_printf(arena, "opening db: '%s': %s",
		                              secret_mask_url(arena, file), strerror(errno)));
	close(fd);
	return true;
}

static bool run_pragmas(struct sqlite *sqlite, struct arena *arena, const struct pairs *pragmas,
                        struct error *err)
{
	for (size_t i = 0; i < pragmas->n; i++) {
		const struct pair *pragma = &pragmas->items[i];

		if (!sqlite_command(
			    sqlite,
			    arena_printf(arena, "PRAGMA %s = %s", pragma->key, pragma->value), err))
			return false;
	}
	return true;
}

/* --- to read only -------------------------------------------------------------------------- */

/* Where the value of mode=… begins in the URI; NULL: it has none. */
static const char *find_mode(const char *uri)
{
	const char *at = strchr(uri, '?');

	while (at != NULL && strncmp(at + 1, "mode=", strlen("mode=")) != 0)
		at = strchr(at + 1, '&');
	return at != NULL ? at + 1 + strlen("mode=") : NULL;
}

static bool has_mode(const char *mode, const char *name)
{
	const size_t len = strlen(name);

	return mode != NULL && strncmp(mode, name, len) == 0 &&
	       (mode[len] == '\0' || strchr("&#", mode[len]) != NULL);
}

/* The path in "file:///a%20b?mode=rwc"; the URI itself, where SQLite will say what is wrong. */
static const char *path_of_uri(struct arena *arena, const char *uri)
{
	struct str rest = str_of(uri + strlen("file:"));
	const char *path;

	rest.len = strcspn(rest.ptr, "?#");
	if (str_starts(rest, STR("//"))) { /* of an authority, which is empty or localhost */
		const size_t len = str_find(str_sub(rest, 2, rest.len), STR("/"));

		rest = str_sub(rest, 2 + len, rest.len);
	}
	path = url_decoded(arena, rest);
	return path != NULL ? path : uri;
}

/* What the URI allows beyond reading is refused by the flags. */
static const char *uri_to_read(struct arena *arena, const char *uri)
{
	const char *mode = find_mode(uri);
	const char *path = path_of_uri(arena, uri);

	if ((mode == NULL || has_mode(mode, "rwc")) && fs_kind(path) == FS_MISSING &&
	    fs_kind(parent_of(arena, fs_absolute(arena, path))) == FS_DIRECTORY)
		return ":memory:";
	if (mode == NULL || (!has_mode(mode, "rw") && !has_mode(mode, "rwc")))
		return uri;
	return arena_printf(arena, "%.*sro%s", (int)(mode - uri), uri, mode + strcspn(mode, "&#"));
}

/* A dry run makes no file: what does not exist yet is an empty database. */
static const char *file_to_read(const struct db *db, const struct sqlite_url *url)
{
	if (db->dry_run == NULL)
		return url->file;
	if (url->is_uri)
		return uri_to_read(db->arena, url->file);
	return fs_kind(url->file) == FS_MISSING ? ":memory:" : url->file;
}

/* A file that is empty or not there yet would become a script. */
static bool check_output(const struct db *db, const struct sqlite_url *url, struct error *err)
{
	const char *path = url->is_uri ? path_of_uri(db->arena, url->file) : url->file;

	if (db->dry_run == NULL || !dry_run_writes(db->dry_run, path))
		return true;
	return error_set(err, ERROR_CONFIGURATION,
	                 "Unable to write the dry run to %s: this is the database. Nothing was "
	                 "changed.",
	                 path);
}

/* ------------------------------------------------------------------------------------------- */

static int open_flags(const struct db *db, const struct sqlite_url *url)
{
	int flags = db->dry_run != NULL ? SQLITE_OPEN_READONLY
	                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

	return flags | (url->is_uri ? SQLITE_OPEN_URI : 0);
}

static bool open_file(struct db *db, struct sqlite *sqlite, const struct sqlite_url *url,
                      struct error *err)
{
	if (sqlite3_open_v2(file_to_read(db, url), &sqlite->conn, open_flags(db, url),
	                    sqlite_wait_open(db)) != SQLITE_OK)
		return sqlite_fail(sqlite, err);
	sqlite3_extended_result_codes(sqlite->conn, 1);
	sqlite3_busy_timeout(sqlite->conn, BUSY_TIMEOUT_MS);
	return run_pragmas(sqlite, db->arena, &url->pragmas, err);
}

/* Without a file there is nothing to make; what a URI means is left to SQLite. */
static bool has_file(const struct sqlite_url *url)
{
	return url->file[0] != '\0' && strcmp(url->file, ":memory:") != 0 && !url->is_uri;
}

bool sqlite_is_missing(struct arena *arena, const char *url)
{
	struct error ignored = ERROR_INIT(arena);
	struct sqlite_url parts;

	return sqlite_url_parse(arena, url + strlen(db_sqlite.scheme), &parts, &ignored) &&
	       has_file(&parts) && fs_kind(parts.file) == FS_MISSING;
}

static bool open_database(struct db *db, struct error *err)
{
	struct arena *arena = db->arena;
	struct sqlite *sqlite = arena_alloc(arena, sizeof(*sqlite));
	struct sqlite_url url;

	if (!sqlite_url_parse(arena, db->url + strlen(db_sqlite.scheme), &url, err))
		return fail(err, err->message);
	if (!sqlite_properties_take(&db->settings->jdbc_properties, &url, err))
		return false;

	if (!check_output(db, &url, err))
		return false;
	if (has_file(&url) && (!check_folder(arena, url.file, err) ||
	                       (db->dry_run == NULL && !check_file(arena, url.file, err))))
		return false;
	sqlite->lock_fd = -1;
	db->handle = sqlite;
	if (!open_file(db, sqlite, &url, err)) {
		sqlite_close(db);
		return false;
	}

	const char *file = sqlite3_db_filename(sqlite->conn, "main");

	if (file != NULL && *file)
		sqlite->lock_file = arena_printf(arena, "%s-cflyway.lock", file);
	db->product = arena_printf(arena, "SQLite %d.%d", sqlite3_libversion_number() / 1000000,
	                           sqlite3_libversion_number() / 1000 % 1000);
	return true;
}

bool sqlite_open(struct db *db, struct error *err)
{
	if (open_database(db, err))
		return true;
	if (err->sql != NULL)
		sqlite_explain(db, err);
	return false;
}

void sqlite_close(struct db *db)
{
	struct sqlite *sqlite = sqlite_of(db);

	if (sqlite == NULL)
		return;
	db->handle = NULL; /* first, because a signal handler reads it */
	if (sqlite->lock_fd >= 0)
		close(sqlite->lock_fd);
	sqlite3_close_v2(sqlite->conn);
	sqlite_wait_close(sqlite);
}
