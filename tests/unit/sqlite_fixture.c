/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_fixture.c - SQLite databases for a test: in memory, or in a folder of its own */
#include "sqlite_fixture.h"

#include "cflyway/base/fs.h"

#include <check.h>
#include <fcntl.h>

struct scratch sqlite_scratch;

void sqlite_fixture_enter(void)
{
	scratch_open(&sqlite_scratch);
}

void sqlite_fixture_leave(void)
{
	scratch_close(&sqlite_scratch);
}

struct db *sqlite_fixture_open(const char *url)
{
	struct arena *arena = &sqlite_scratch.arena;
	struct settings *settings = arena_alloc(arena, sizeof(*settings));
	struct db *db = arena_alloc(arena, sizeof(*db));
	struct error err = ERROR_INIT(arena);

	settings->url = url != NULL ? url : "jdbc:sqlite::memory:";
	ck_assert_msg(db_open(db, &db_drivers, arena, settings, &sqlite_scratch.log, &err), "%s",
	              err.message);
	(void)scratch_lines(&sqlite_scratch);
	return db;
}

enum db_status sqlite_fixture_send(struct db *db, const char *sql, struct error *err)
{
	const struct statement statement = {.text = sql, .len = strlen(sql), .line = 1};

	return db_send(db, &statement, err);
}

void sqlite_fixture_run(struct db *db, const char *sql)
{
	struct error err = ERROR_INIT(&sqlite_scratch.arena);

	ck_assert_msg(sqlite_fixture_send(db, sql, &err) == DB_OK, "%s: %s", sql, err.message);
}

static bool keep_value(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const char **value = ctx;

	(void)columns;
	(void)err;
	*value = values[0] != NULL ? arena_strdup(&sqlite_scratch.arena, values[0]) : NULL;
	return true;
}

const char *sqlite_fixture_value(struct db *db, const char *sql)
{
	struct error err = ERROR_INIT(&sqlite_scratch.arena);
	const char *value = NULL;

	ck_assert_msg(db_query(db, sql, NULL, 0, keep_value, &value, &err), "%s: %s", sql,
	              err.message);
	return value;
}

int sqlite_fixture_next_fd(void)
{
	struct file file = {open("/dev/null", O_RDONLY | O_CLOEXEC)};
	int next = file.fd;

	ck_assert_int_ge(next, 0);
	file_close(&file);
	return next;
}
