/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dry_run_text.c - statements, transactions and rows as lines of the file of a dry run
 *
 * A transaction appears in the file with the first line that is written in it, and with it what
 * prepares it (role, search path). So transactions in which nothing happens leave no trace, and
 * what another connection does in between comes before.
 */
#include "dry_run_state.h"

#include "cflyway/db/dry_run.h"

#include <stdarg.h>

enum {
	WIDTH_OF_TITLE = 40,
	WIDTH_OF_SECTION = 90,
	MAX_LINE = 1 << 30,
};

static void put(struct dry_connection *connection, struct str text)
{
	sql_file_write(&connection->dry_run->file, text);
}

static void put_line(struct dry_connection *connection, const char *text)
{
	put(connection, str_of(text));
	put(connection, STR("\n"));
}

/* --- comments ------------------------------------------------------------------------------ */

/* A comment is one line, whatever the name of a file contains. */
static void add_plain(struct buf *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		buf_putc(out, *c == '\n' || *c == '\r' ? ' ' : *c);
}

static void add_rule(struct buf *out, const char *begin, char c, size_t width)
{
	buf_add(out, begin);
	buf_repeat(out, c, width - strlen(begin));
	buf_putc(out, '\n');
}

bool dry_write_header(struct dry_connection *connection, struct error *err)
{
	struct dry_run *dry_run = connection->dry_run;
	const struct db_file_methods *methods = connection->real.driver->file;
	struct buf text = BUF_EMPTY(MAX_LINE);

	if (dry_run->has_header)
		return true;
	dry_run->has_header = true;
	add_rule(&text, "-- -", '=', WIDTH_OF_TITLE);
	buf_printf(&text, DRY_RUN_MARK "%s)\n",
	           clock_format_local(&dry_run->arena, dry_run->clock->now(dry_run->clock)));
	add_rule(&text, "-- -", '=', WIDTH_OF_TITLE);
	buf_printf(&text, "\n-- To run this file: %sFILE%s\n", methods->command[0],
	           methods->command[1]);
	bool ok = methods->write_settings(&connection->real, &dry_run->session, err);

	buf_append(&text, buf_str(&dry_run->session).ptr, dry_run->session.len);

	put(connection, buf_str(&text));
	buf_release(&text);
	return ok;
}

void dry_write_guard(struct dry_connection *connection)
{
	struct dry_run *dry_run = connection->dry_run;
	const struct dry_history *history = &dry_run->history;
	const struct db_history_mark mark = {
		.schema = history->schema,
		.table = history->table,
		.quoted = history->quoted,
		.exists = history->exists,
		.rows = history->n,
		.last_rank = dry_history_last_rank(dry_run),
		.checksums = dry_history_checksums(dry_run),
		.successes = dry_history_successes(dry_run),
	};
	struct buf text = BUF_EMPTY(MAX_LINE);

	if (dry_run->has_guard || !history->is_read || history->quoted == NULL)
		return;
	dry_run->has_guard = true;
	buf_add(&text, "\n-- Fails if the schema history has changed since the dry run:\n");
	connection->real.driver->file->write_guard(&mark, &text);
	put(connection, buf_str(&text));
	buf_release(&text);
}

void dry_run_section(struct db *db, const char *format, ...)
{
	struct buf text = BUF_EMPTY(MAX_LINE), what = BUF_EMPTY(MAX_LINE);
	va_list args;

	if (db->dry_run == NULL)
		return;
	va_start(args, format);
	buf_vprintf(&what, format, args);
	va_end(args);
	buf_add(&text, "\n-- Executing: ");
	add_plain(&text, buf_str(&what).ptr);
	buf_add(&text, " (with callbacks)\n");
	add_rule(&text, "-- ", '-', WIDTH_OF_SECTION);
	put(dry_connection_of(db), buf_str(&text));
	buf_release(&text);
	buf_release(&what);
}

/* --- transactions -------------------------------------------------------------------------- */

void dry_begin(struct dry_connection *connection, const char *sql)
{
	connection->tx = TX_ACTIVE;
	connection->has_begun = connection->is_nested = false;
	connection->begin_sql = sql;
	connection->mark = dry_mark(connection->dry_run);
}

/*
 * The file has one session for all connections. Where another connection goes on and the one before
 * has left traces, a new session is made of it.
 */
static void enter_session(struct dry_connection *connection, bool is_script)
{
	struct dry_run *dry_run = connection->dry_run;
	const struct db_file_methods *methods = connection->real.driver->file;
	const bool has_traces = dry_run->session_of != connection && dry_run->is_changed;
	const bool has_other_path = is_script && !connection->sets_path && dry_run->has_path &&
	                            dry_run->path_of != connection;

	dry_run->session_of = connection;
	if ((!has_traces && !has_other_path) || dry_run->writer != NULL ||
	    methods->reset[0] == '\0')
		return;
	dry_run->is_changed = dry_run->has_path = false;
	put(connection, STR("\n-- Another connection\n"));
	put(connection, str_of(methods->reset));
	put(connection, STR(";\n"));
	put(connection, buf_str(&dry_run->session));
}

void dry_enter_session(struct dry_connection *connection)
{
	enter_session(connection, true);
}

/* What precedes the next statement, with the BEGIN of its transaction. */
static void flush_pending(struct dry_connection *connection)
{
	struct dry_run *dry_run = connection->dry_run;

	enter_session(connection, false);
	if (connection->tx == TX_ACTIVE && !connection->has_begun && !connection->is_nested) {
		connection->is_nested = dry_run->writer != NULL;
		connection->begun_at = dry_run->file.size;
		if (!connection->is_nested) {
			dry_run->writer = connection;
			connection->has_begun = true;
			put_line(connection, "");
			put(connection, str_of(connection->begin_sql));
			put_line(connection, ";");
		}
	}
	put(connection, buf_str(&connection->pending));
	buf_clear(&connection->pending);
	if (connection->sets_path) {
		dry_run->has_path = true;
		dry_run->path_of = connection;
	}
	connection->sets_path = false;
}

/* The transaction is over, in the file as well. */
static void end_transaction(struct dry_connection *connection)
{
	if (connection->dry_run->writer == connection)
		connection->dry_run->writer = NULL;
	connection->tx = TX_IDLE;
	connection->has_limits &= !connection->has_local_limits;
	connection->has_begun = connection->is_nested = connection->is_batch = false;
	connection->savepoint = NULL;
}

void dry_adopt(struct dry_connection *connection)
{
	dry_begin(connection, NULL);
	connection->begun_at = connection->dry_run->file.size;
	connection->is_nested = connection->dry_run->writer != NULL;
	connection->has_begun = !connection->is_nested;
	if (connection->has_begun)
		connection->dry_run->writer = connection;
}

void dry_leave(struct dry_connection *connection)
{
	end_transaction(connection);
}

void dry_commit(struct dry_connection *connection)
{
	if (connection->has_begun)
		put_line(connection, "COMMIT;");
	end_transaction(connection);
}

void dry_rollback(struct dry_connection *connection)
{
	struct dry_run *dry_run = connection->dry_run;

	if (connection->tx == TX_IDLE)
		return;
	if (connection->has_begun || connection->is_nested) {
		sql_file_cut(&dry_run->file, connection->begun_at);
		dry_rewind(dry_run, &connection->mark);
	}
	buf_clear(&connection->pending);
	end_transaction(connection);
	dry_run->role_is_ours = false;
}

/* --- what precedes a statement ------------------------------------------------------------- */

void dry_prepare_role(struct dry_connection *connection)
{
	struct dry_run *dry_run = connection->dry_run;

	if (dry_run->role_is_ours)
		return;
	connection->real.driver->file->write_role(&connection->real, dry_run->has_session_user,
	                                          &connection->pending);
	dry_run->role_is_ours = true;
	dry_run->has_session_user = false;
}

void dry_prepare(struct dry_connection *connection, const struct db_guard *guard)
{
	size_t len;

	dry_prepare_role(connection);
	len = connection->pending.len;
	if (guard->schema != NULL)
		connection->real.driver->file->write_path(&connection->real, guard->schema,
		                                          &connection->pending);
	connection->sets_path |= connection->pending.len > len;
	if (guard->limits != NULL)
		dry_prepare_limits(connection, guard->limits, connection->tx != TX_IDLE);
}

void dry_prepare_limits(struct dry_connection *connection, const struct db_limits *limits,
                        bool is_local)
{
	dry_lift_limits(connection);
	connection->limits = *limits;
	connection->has_limits = true;
	connection->has_local_limits = is_local;
	connection->real.driver->file->write_limits(&connection->real, limits, is_local,
	                                            &connection->pending);
}

void dry_lift_limits(struct dry_connection *connection)
{
	if (!connection->has_limits)
		return;
	connection->has_limits = false;
	connection->real.driver->file->write_lift(&connection->real, &connection->limits,
	                                          connection->has_local_limits,
	                                          &connection->pending);
}

void dry_prepare_source(struct dry_connection *connection, const char *path)
{
	struct buf *out = &connection->pending;
	size_t begin;

	buf_putc(out, '\n');
	begin = out->len;
	buf_add(out, "-- Source: ");
	add_plain(out, path);
	size_t width = out->len - begin + 1; /* one more than the line above */

	buf_putc(out, '\n');
	add_rule(out, "-- ", '-', width);
}

/* --- cflyway's own SQL --------------------------------------------------------------------- */

void dry_write_text(struct dry_connection *connection, struct str text)
{
	flush_pending(connection);
	put(connection, text);
}

void dry_write_command(struct dry_connection *connection, struct str sql)
{
	dry_prepare_role(connection);
	dry_write_text(connection, sql);
	put_line(connection, ";");
	connection->dry_run->written++;
}

static void add_value(struct dry_connection *connection, const char *value, char kind,
                      struct buf *out)
{
	const struct db_file_methods *methods = connection->real.driver->file;

	if (value == NULL)
		buf_add(out, "NULL");
	else if (kind == 'n')
		buf_add(out, value);
	else if (kind == 'b')
		buf_add(out, methods->truths[value[0] == '1' || value[0] == 't']);
	else
		methods->write_literal(value, out);
}

void dry_write_row(struct dry_connection *connection, const char *text, struct str table,
                   const char *const *args, const char *kinds)
{
	struct buf sql = BUF_EMPTY(MAX_LINE);

	for (const char *c = text; *c != '\0'; c++) {
		if (c[0] == '%' && c[1] == 't') {
			buf_append(&sql, table.ptr, table.len);
			c++;
		} else if (c[0] == '$' && c[1] >= '1' && c[1] <= '9') {
			size_t i = (size_t)(c[1] - '1');

			add_value(connection, args[i], kinds[i], &sql);
			c++;
		} else {
			buf_putc(&sql, *c);
		}
	}
	dry_write_command(connection, str_trim_right(buf_str(&sql)));
	buf_release(&sql);
}

/* --- for drivers and commands --------------------------------------------------------------- */

void dry_run_source(struct db *db, const char *path)
{
	if (db->dry_run != NULL)
		dry_prepare_source(db->handle, path);
}

bool dry_run_names_program(struct db *db, const char *path)
{
	struct dry_connection *connection = db->handle;

	if (db->dry_run == NULL)
		return false;
	dry_prepare_source(connection, path);
	db->dry_run->has_objects = true;
	dry_write_text(connection, STR("-- This is not SQL: run it by hand here\n"));
	return true;
}

/* Only a driver of the database calls this, with the connection that the dry run reads from. */
bool dry_run_write(struct db *db, const char *sql, struct error *err)
{
	struct dry_connection *connection = (struct dry_connection *)db;

	dry_write_command(connection, str_of(sql));
	return sql_file_check(&db->dry_run->file, err);
}

bool dry_run_separate(struct db *db, struct error *err)
{
	struct dry_connection *connection = (struct dry_connection *)db;

	dry_commit(connection);
	dry_begin(connection, "BEGIN");
	return sql_file_check(&db->dry_run->file, err);
}
