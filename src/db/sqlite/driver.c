/*
 * driver.c - the SQLite driver: every statement runs at once
 *
 * There is no role, no search path and no server; the lock of a transaction is BEGIN IMMEDIATE.
 */
#include "sqlite.h"

#include <limits.h>

bool sqlite_command(struct sqlite *sqlite, const char *sql, struct error *err)
{
	return sqlite3_exec(sqlite->conn, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       sqlite_fail(sqlite, err);
}

/* --- SQL of our own ------------------------------------------------------------------------ */

static bool bind(struct sqlite *sqlite, sqlite3_stmt *statement, const char *const *args, size_t n,
                 struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		char name[24];

		snprintf(name, sizeof(name), "$%zu", i + 1);
		int at = sqlite3_bind_parameter_index(statement, name);

		if (at == 0)
			continue;
		if (sqlite3_bind_text(statement, at, args[i], -1, SQLITE_TRANSIENT) != SQLITE_OK)
			return sqlite_fail(sqlite, err);
	}
	return true;
}

static bool step_rows(struct sqlite *sqlite, struct arena *arena, sqlite3_stmt *statement,
                      db_row_fn *row, void *ctx, struct error *err)
{
	int columns = sqlite3_column_count(statement);
	const char **values = arena_array(arena, (size_t)columns, sizeof(*values));
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		for (int i = 0; i < columns; i++)
			values[i] = (const char *)sqlite3_column_text(statement, i);
		if (row && !row(ctx, (size_t)columns, values, err))
			return false;
	}
	return code == SQLITE_DONE || sqlite_fail(sqlite, err);
}

static bool query(struct db *db, const char *sql, const char *const *args, size_t n, db_row_fn *row,
                  void *ctx, struct error *err)
{
	struct sqlite *sqlite = sqlite_of(db);
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(sqlite->conn, sql, -1, &statement, NULL) != SQLITE_OK)
		return sqlite_fail(sqlite, err);

	bool ok = bind(sqlite, statement, args, n, err) &&
	          step_rows(sqlite, db->arena, statement, row, ctx, err);

	sqlite3_finalize(statement);
	return ok;
}

/* --- statements of a script ---------------------------------------------------------------- */

/* The rows of one command, collected, since a table is printed when its widths are known. */
struct rows {
	struct arena arena;
	sqlite3_stmt *statement;
	const char **cells;
	size_t n_cells, columns, rows;
};

static const char *rows_title(const struct db_result *result, size_t column)
{
	const struct rows *rows = result->handle;

	return sqlite3_column_name(rows->statement, (int)column);
}

static const char *rows_value(const struct db_result *result, size_t row, size_t column)
{
	const struct rows *rows = result->handle;

	return rows->cells[row * rows->columns + column];
}

static void collect_row(struct rows *rows)
{
	for (size_t i = 0; i < rows->columns; i++) {
		const unsigned char *text = sqlite3_column_text(rows->statement, (int)i);

		rows->cells =
			arena_grow(&rows->arena, rows->cells, rows->n_cells, sizeof(*rows->cells));
		rows->cells[rows->n_cells++] =
			text ? arena_strdup(&rows->arena, (const char *)text) : NULL;
	}
	rows->rows++;
}

static void hear(struct db *db, struct rows *rows, int64_t *affected)
{
	const struct db_listener *listener = db->listener;
	const struct db_result result = {
		.columns = rows->columns,
		.rows = rows->rows,
		.title = rows_title,
		.value = rows_value,
		.handle = rows,
	};

	if (rows->columns == 0) {
		if (!sqlite3_stmt_readonly(rows->statement))
			*affected = sqlite3_changes(sqlite_of(db)->conn);
		return;
	}
	if (listener && listener->result)
		listener->result(listener->ctx, sqlite_of(db)->sent - 1, &result);
}

static bool run_command(struct db *db, sqlite3_stmt *statement, int64_t *affected,
                        struct error *err)
{
	bool wants_rows = db->listener && db->listener->result;
	struct rows rows = {
		.statement = statement,
		.columns = (size_t)sqlite3_column_count(statement),
	};
	int code;

	arena_init(&rows.arena);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		if (wants_rows)
			collect_row(&rows);

	bool ok = code == SQLITE_DONE || sqlite_fail(sqlite_of(db), err);

	if (ok)
		hear(db, &rows, affected);
	arena_release(&rows.arena);
	return ok;
}

/* DIFFERS: of a text that holds several commands sqlite-jdbc runs only the first. */
static bool run_text(struct db *db, const struct statement *text, int64_t *affected,
                     struct error *err)
{
	struct sqlite *sqlite = sqlite_of(db);
	const char *rest = text->text, *end = text->text + text->len;
	bool ok = true;

	while (ok && rest < end) {
		sqlite3_stmt *statement = NULL;
		size_t left = (size_t)(end - rest);

		if (left > INT_MAX)
			left = INT_MAX;
		if (sqlite3_prepare_v2(sqlite->conn, rest, (int)left, &statement, &rest) !=
		    SQLITE_OK)
			return sqlite_fail(sqlite, err);
		ok = !statement || run_command(db, statement, affected, err);
		sqlite3_finalize(statement);
	}
	return ok;
}

static enum db_status send(struct db *db, const struct statement *statement, struct error *err)
{
	const struct db_listener *listener = db->listener;
	int64_t affected = -1;

	db->failed_index = sqlite_of(db)->sent++;
	if (!run_text(db, statement, &affected, err))
		return DB_FAILED;
	if (listener && listener->complete)
		listener->complete(listener->ctx, db->failed_index, affected);
	return DB_OK;
}

static enum db_status sync(struct db *db, struct error *err)
{
	(void)err;
	sqlite_of(db)->sent = 0;
	return DB_OK;
}

/* --- transactions -------------------------------------------------------------------------- */

static bool begin(struct db *db, struct error *err)
{
	return sqlite_command(sqlite_of(db), "BEGIN", err);
}

static bool commit(struct db *db, struct error *err)
{
	return sqlite_command(sqlite_of(db), "COMMIT", err);
}

static enum tx_status tx_status(struct db *db)
{
	return sqlite3_get_autocommit(sqlite_of(db)->conn) ? TX_IDLE : TX_ACTIVE;
}

static void rollback(struct db *db)
{
	if (tx_status(db) == TX_ACTIVE)
		sqlite3_exec(sqlite_of(db)->conn, "ROLLBACK", NULL, NULL, NULL);
}

static bool restore_role(struct db *db, struct error *err)
{
	(void)db;
	(void)err;
	return true; /* there are no roles */
}

static bool read_rank(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	int *rank = ctx;

	(void)columns;
	(void)err;
	*rank = (int)strtol(values[0], NULL, 10);
	return true;
}

static enum db_status prepare_guarded(struct db *db, const struct db_guard *guard,
                                      struct error *err)
{
	const struct db_listener *listener = db->listener;
	const char *sql = arena_printf(
		db->arena, "SELECT coalesce(max(\"installed_rank\"), -1) FROM %s", guard->table);
	int rank = guard->last_rank;

	if (guard->check_history && !query(db, sql, NULL, 0, read_rank, &rank, err))
		return DB_FAILED;
	if (rank != guard->last_rank)
		return DB_HISTORY_CHANGED;
	sqlite_of(db)->sent = 0;
	if (listener && listener->started)
		listener->started(listener->ctx);
	return DB_OK;
}

static enum db_status begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                    struct error *err)
{
	enum db_status status;

	(void)lock;
	if (!sqlite_command(sqlite_of(db), "BEGIN IMMEDIATE", err))
		return DB_FAILED;
	status = prepare_guarded(db, guard, err);
	if (status != DB_OK)
		rollback(db);
	return status;
}

static void cancel(struct db *db)
{
	struct sqlite *sqlite = sqlite_of(db);

	if (sqlite)
		sqlite3_interrupt(sqlite->conn);
}

static const char *library_version(struct arena *arena)
{
	return arena_strdup(arena, sqlite3_libversion());
}

const struct db_driver db_sqlite = {
	.name = "SQLite",
	.scheme = "jdbc:sqlite:",
	.java_class = "org.sqlite.JDBC",
	.library = "SQLite",
	.library_version = library_version,
	.dialect = &dialect_sqlite,
	.catalog = &sqlite_catalog,
	.open = sqlite_open,
	.close = sqlite_close,
	.describe = sqlite_describe,
	.query = query,
	.begin_guarded = begin_guarded,
	.prepare_guarded = prepare_guarded,
	.send = send,
	.sync = sync,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.tx_status = tx_status,
	.restore_role = restore_role,
	.try_lock = sqlite_try_lock,
	.unlock = sqlite_unlock,
	.has_lock = sqlite_has_lock,
	.lock_holder = sqlite_lock_holder,
	.cancel = cancel,
};
