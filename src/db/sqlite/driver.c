/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver.c - drives SQLite: every statement runs at once
 *
 * There is no role, no search path and no server; the lock of a transaction is BEGIN IMMEDIATE.
 */
#include "sqlite.h"

#include "cflyway/base/utf8.h"
#include "cflyway/db/answer_shape.h"

#include <limits.h>

bool sqlite_command(struct sqlite *sqlite, const char *sql, struct error *err)
{
	return sqlite3_exec(sqlite->conn, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       sqlite_fail(sqlite, err);
}

/* --- cflyway's own SQL ---------------------------------------------------------------------- */

static bool bind_args(struct sqlite *sqlite, sqlite3_stmt *statement, const char *const *args,
                      size_t n, struct error *err)
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

/*
 * Reads a value of the current row, decoded as sqlite-jdbc does: {NULL, 0} for NULL. SQLite also
 * returns NULL for a value that it has no memory for.
 */
static bool column_text(struct sqlite *sqlite, sqlite3_stmt *statement, int column,
                        struct arena *arena, struct str *value, struct error *err)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	int len = sqlite3_column_bytes(statement, column);

	if (text == NULL && sqlite3_errcode(sqlite->conn) == SQLITE_NOMEM)
		return sqlite_fail(sqlite, err);
	*value = text == NULL ? (struct str){NULL, 0}
	                      : utf8_replaced(arena, (struct str){text, (size_t)len});
	return true;
}

static bool read_values(struct sqlite *sqlite, struct arena *arena, sqlite3_stmt *statement,
                        size_t columns, const char **values, struct error *err)
{
	struct str value;

	for (size_t i = 0; i < columns; i++) {
		if (!column_text(sqlite, statement, (int)i, arena, &value, err))
			return false;
		values[i] = value.ptr;
	}
	return true;
}

static bool step_rows(struct sqlite *sqlite, struct arena *arena, sqlite3_stmt *statement,
                      db_row_fn *row, void *ctx, struct error *err)
{
	const size_t columns = (size_t)sqlite3_column_count(statement);
	const char **values = arena_array(arena, columns, sizeof(*values));
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		if (!read_values(sqlite, arena, statement, columns, values, err) ||
		    (row != NULL && !row(ctx, columns, values, err)))
			return false;
	return code == SQLITE_DONE || sqlite_fail(sqlite, err);
}

static bool sqlite_query(struct db *db, const char *sql, const char *const *args, size_t n,
                         db_row_fn *row, void *ctx, struct error *err)
{
	struct sqlite *sqlite = sqlite_of(db);
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(sqlite->conn, sql, -1, &statement, NULL) != SQLITE_OK)
		return sqlite_fail(sqlite, err);

	bool ok = bind_args(sqlite, statement, args, n, err) &&
	          step_rows(sqlite, db->arena, statement, row, ctx, err);

	db->affected = sqlite3_stmt_readonly(statement) ? 0 : sqlite3_changes(sqlite->conn);
	sqlite3_finalize(statement);
	return ok;
}

/* --- statements of a script ---------------------------------------------------------------- */

static bool collect_row(struct sqlite *sqlite, sqlite3_stmt *statement, struct row_set *rows,
                        struct str *values, struct error *err)
{
	struct arena_mark mark = arena_mark(&rows->arena);
	bool ok = true;

	for (size_t i = 0; ok && i < rows->columns; i++)
		ok = column_text(sqlite, statement, (int)i, &rows->arena, &values[i], err);
	if (ok)
		row_set_add_texts(rows, values);
	arena_rewind(&rows->arena, mark);
	return ok;
}

static void set_titles(sqlite3_stmt *statement, struct row_set *rows)
{
	for (size_t i = 0; i < rows->columns; i++) {
		const char *title = sqlite3_column_name(statement, (int)i);

		if (title == NULL)
			arena_exhausted();
		row_set_title(rows, i, utf8_replaced(&rows->arena, str_of(title)).ptr);
	}
}

/* Steps through a query and passes its rows on. */
static bool run_query(struct db *db, sqlite3_stmt *statement, struct error *err)
{
	struct sqlite *sqlite = sqlite_of(db);
	size_t columns = (size_t)sqlite3_column_count(statement);
	struct row_set rows;
	bool ok = true;
	int code = SQLITE_ROW;

	row_set_open(&rows, columns, SPOOL_IN_MEMORY);
	struct str *values = arena_array(&rows.arena, columns, sizeof(*values));

	set_titles(statement, &rows);
	while (ok && (code = sqlite3_step(statement)) == SQLITE_ROW)
		ok = collect_row(sqlite, statement, &rows, values, err);
	ok = ok && (code == SQLITE_DONE || sqlite_fail(sqlite, err));

	if (ok)
		db->listener->result(db->listener->ctx, sqlite_of(db)->sent - 1, &rows);
	row_set_close(&rows);
	return ok;
}

static bool run_command(struct db *db, sqlite3_stmt *statement, int64_t *affected,
                        struct error *err)
{
	bool has_rows = sqlite3_column_count(statement) > 0;
	int code;

	if (has_rows && db->listener != NULL && db->listener->result != NULL)
		return run_query(db, statement, err);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		;
	if (code != SQLITE_DONE)
		return sqlite_fail(sqlite_of(db), err);
	if (!has_rows && !sqlite3_stmt_readonly(statement))
		*affected = sqlite3_changes(sqlite_of(db)->conn);
	return true;
}

/* DIFFERS: sqlite-jdbc runs only the first command of a string with several commands. */
static bool run_text(struct db *db, const struct statement *text, int64_t *affected,
                     struct error *err)
{
	struct sqlite *sqlite = sqlite_of(db);
	const char *rest = text->text, *end = text->text + text->len;
	bool ok = true;

	sqlite->statement = text;
	while (ok && rest < end) {
		sqlite3_stmt *statement = NULL;
		size_t left = (size_t)(end - rest) + 1; /* with the NUL, or SQLite makes a copy */

		sqlite->command = rest;
		if (left > INT_MAX)
			left = INT_MAX;
		if (sqlite3_prepare_v2(sqlite->conn, rest, (int)left, &statement, &rest) !=
		    SQLITE_OK)
			return sqlite_fail(sqlite, err);
		ok = statement == NULL || run_command(db, statement, affected, err);
		sqlite3_finalize(statement);
	}
	return ok;
}

/* SQLite calls this from time to time, and continues if it returns 0. */
static int keep_watch(void *ctx)
{
	struct db *db = ctx;
	const struct db_listener *listener = db->listener;

	if (listener != NULL && listener->waiting != NULL)
		listener->waiting(listener->ctx);
	return sqlite_limits_are_over(sqlite_of(db));
}

static void watch(struct db *db, bool is_running)
{
	enum { STEPS = 100 * 1000 }; /* of SQLite's virtual machine: about a millisecond */

	if ((db->listener != NULL && db->listener->waiting != NULL) ||
	    sqlite_of(db)->limits != NULL)
		sqlite3_progress_handler(sqlite_of(db)->conn, STEPS, is_running ? keep_watch : NULL,
		                         db);
}

static enum db_status sqlite_send(struct db *db, const struct statement *statement,
                                  struct error *err)
{
	const struct db_listener *listener = db->listener;
	int64_t affected = -1;

	db->failed_index = sqlite_of(db)->sent++;
	sqlite_limits_begin_statement(sqlite_of(db));
	watch(db, true);
	bool ok = run_text(db, statement, &affected, err);
	sqlite_of(db)->statement = NULL;
	watch(db, false);
	if (!ok) {
		sqlite_limits_note(sqlite_of(db), err);
		return DB_FAILED;
	}
	if (listener != NULL && listener->complete != NULL)
		listener->complete(listener->ctx, db->failed_index, affected);
	return DB_OK;
}

static enum db_status sqlite_sync(struct db *db, struct error *err)
{
	(void)err;
	sqlite_of(db)->sent = 0;
	return DB_OK;
}

/* --- transactions -------------------------------------------------------------------------- */

static bool sqlite_begin(struct db *db, struct error *err)
{
	return sqlite_command(sqlite_of(db), "BEGIN", err);
}

static bool sqlite_commit(struct db *db, struct error *err)
{
	return sqlite_command(sqlite_of(db), "COMMIT", err) && sqlite_lift_limits(db, err);
}

static enum tx_status sqlite_tx_status(struct db *db)
{
	return sqlite3_get_autocommit(sqlite_of(db)->conn) ? TX_IDLE : TX_ACTIVE;
}

static bool read_journal_mode(void *ctx, size_t columns, const char *const *values,
                              struct error *err)
{
	bool *is_off = ctx;

	(void)columns;
	(void)err;
	*is_off = str_same(values[0], "off");
	return true;
}

bool sqlite_has_no_journal(struct db *db)
{
	struct error ignored = ERROR_INIT(db->arena);
	bool is_off = false;

	return sqlite_query(db, "PRAGMA journal_mode", NULL, 0, read_journal_mode, &is_off,
	                    &ignored) &&
	       is_off;
}

static bool sqlite_find_leftovers(struct db *db, struct str_list *sentences, struct error *err)
{
	(void)err;
	if (db->cannot_roll_back)
		str_list_add(db->arena, sentences,
		             "journal_mode is OFF, so that SQLite cannot roll back: what has been "
		             "changed may stay in part, and the file may be damaged.");
	return true;
}

static void sqlite_rollback(struct db *db)
{
	struct error ignored = ERROR_INIT(db->arena);
	const bool is_open = sqlite_tx_status(db) == TX_ACTIVE;

	db->cannot_roll_back |= is_open && sqlite_has_no_journal(db);
	if (is_open)
		sqlite3_exec(sqlite_of(db)->conn, "ROLLBACK", NULL, NULL, NULL);
	(void)!sqlite_lift_limits(db, &ignored);
}

/* The script has ended: our own SQL that follows takes what time it needs. */
static bool sqlite_restore_role(struct db *db, struct error *err)
{
	return sqlite_lift_limits(db, err);
}

static bool read_rank(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	int *rank = ctx;

	(void)columns;
	(void)err;
	*rank = values[0] != NULL ? answer_int(values[0]) : -1;
	return true;
}

static enum db_status sqlite_prepare_guarded(struct db *db, const struct db_guard *guard,
                                             struct error *err)
{
	const struct db_listener *listener = db->listener;
	const char *sql =
		arena_printf(db->arena, "SELECT max(\"installed_rank\") FROM %s", guard->table);
	int rank = guard->last_rank;

	if (guard->check_history && !sqlite_query(db, sql, NULL, 0, read_rank, &rank, err))
		return DB_FAILED;
	if (rank != guard->last_rank)
		return DB_HISTORY_CHANGED;
	if (guard->limits != NULL && !sqlite_set_limits(db, guard->limits, err))
		return DB_FAILED;
	db->cannot_roll_back = false; /* so far, nothing has been written */
	sqlite_of(db)->sent = 0;
	if (listener != NULL && listener->started != NULL)
		listener->started(listener->ctx, 0);
	return DB_OK;
}

static enum db_status sqlite_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                           struct error *err)
{
	enum db_status status;

	(void)lock;
	/* This is where it waits for the lock. */
	if ((guard->limits != NULL && !sqlite_set_limits(db, guard->limits, err)) ||
	    !sqlite_command(sqlite_of(db), "BEGIN IMMEDIATE", err))
		return DB_FAILED;
	status = sqlite_prepare_guarded(db, guard, err);
	if (status != DB_OK)
		sqlite_rollback(db);
	return status;
}

static void sqlite_cancel(struct db *db)
{
	struct sqlite *sqlite = sqlite_of(db);

	if (sqlite != NULL)
		sqlite3_interrupt(sqlite->conn);
}

static const char *library_version(void)
{
	return sqlite3_libversion();
}

const struct db_driver db_sqlite = {
	.name = "SQLite",
	.scheme = "jdbc:sqlite:",
	.java_class = "org.sqlite.JDBC",
	.library = "SQLite",
	.library_version = library_version,
	.dialect = &dialect_sqlite,
	.catalog = &sqlite_catalog,
	.file = &sqlite_file_methods,
	.is_missing = sqlite_is_missing,
	.connection =
		{
			.open = sqlite_open,
			.close = sqlite_close,
			.check_version = db_default_check_version,
			.check_product = db_default_check_product,
			.describe = sqlite_describe,
			.query = sqlite_query,
			.cancel = sqlite_cancel,
			.find_pooler = db_default_find_pooler,
			.set_locally = db_default_set_locally,
			.explain = sqlite_explain,
		},
	.script =
		{
			.begin_guarded = sqlite_begin_guarded,
			.prepare_guarded = sqlite_prepare_guarded,
			.send = sqlite_send,
			.copy = db_default_copy,
			.sync = sqlite_sync,
			.find_conflict = sqlite_find_conflict,
			.set_limits = sqlite_set_limits,
			.lift_limits = sqlite_lift_limits,
			.find_leftovers = sqlite_find_leftovers,
			.describe_batch = sqlite_describe_batch,
		},
	.transaction =
		{
			.begin = sqlite_begin,
			.commit = sqlite_commit,
			.rollback = sqlite_rollback,
			.status = sqlite_tx_status,
			.ensure_writable = db_default_ensure_writable,
			.restore_role = sqlite_restore_role,
		},
	.lock =
		{
			.try = sqlite_try_lock,
			.release = sqlite_unlock,
			.is_held = sqlite_has_lock,
			.holder = sqlite_lock_holder,
		},
	.durability =
		{
			.can_queue_commit = false,
			.commit_row = db_default_commit_row,
			.may_flush_later = db_default_may_flush_later,
			.flush = db_default_flush,
		},
	.trial =
		{
			.begin = sqlite_trial_begin,
			.end = sqlite_rollback,
			.savepoint = sqlite_trial_savepoint,
			.note = db_default_trial_note,
			.release = sqlite_trial_release,
			.rollback_to = sqlite_trial_rollback_to,
		},
};
