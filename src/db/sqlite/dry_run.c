/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run.c - what the file of a dry run needs so that sqlite3 does what cflyway would do */
#include "sqlite.h"

#include "cflyway/db/dry_run.h"
#include "cflyway/db/url.h"
#include "cflyway/sql/client_command.h"

#include <inttypes.h>
#include <limits.h>

bool sqlite_change(struct db *db, const char *sql, struct error *err)
{
	return db->dry_run != NULL ? dry_run_write(db, sql, err)
	                           : sqlite_command(sqlite_of(db), sql, err);
}

static void write_quoted(const char *value, char quote, struct buf *out)
{
	buf_putc(out, quote);
	for (const char *c = value; *c != '\0'; c++) {
		if (*c == quote)
			buf_putc(out, *c);
		buf_putc(out, *c);
	}
	buf_putc(out, quote);
}

static void write_literal(const char *value, struct buf *out)
{
	write_quoted(value, '\'', out);
}

/* The pragmas of the URL and of jdbcProperties. */
static bool write_settings(struct db *db, struct buf *out, struct error *err)
{
	struct sqlite_url url;

	if (!sqlite_url_parse(db->arena, db->url + strlen(db_sqlite.scheme), &url, err) ||
	    !sqlite_properties_take(&db->settings->jdbc_properties, &url, err))
		return false;
	for (size_t i = 0; i < url.pragmas.n; i++)
		buf_printf(out, "PRAGMA %s = %s;\n", url.pragmas.items[i].key,
		           url.pragmas.items[i].value);
	return true;
}

/* The shell stops at a constraint that is not met; its message is the name of the constraint. */
static void write_guard(const struct db_history_mark *mark, struct buf *out)
{
	buf_add(out, "CREATE TEMP TABLE cflyway_guard (is_unchanged INT CONSTRAINT \"cflyway: the "
	             "schema history has changed since this dry run\" CHECK (is_unchanged));\n"
	             "INSERT INTO temp.cflyway_guard SELECT count(*) = ");
	if (mark->exists) {
		buf_printf(out,
		           "%zu AND coalesce(max(\"installed_rank\"), -1) = %d AND "
		           "coalesce(sum(\"checksum\"), 0) = %" PRId64
		           " AND coalesce(sum(\"success\"), 0) = %zu FROM %s;\n",
		           mark->rows, mark->last_rank, mark->checksums, mark->successes,
		           mark->quoted);
	} else {
		buf_add(out, "0 FROM ");
		write_quoted(mark->schema, '"', out);
		buf_add(out, ".sqlite_master WHERE type = 'table' AND tbl_name = ");
		write_literal(mark->table, out);
		buf_add(out, ";\n");
	}
	buf_add(out, "DROP TABLE temp.cflyway_guard;\n");
}

/* SQLite has no search path and no roles. */
static void write_path(struct db *db, const char *schema, struct buf *out)
{
	(void)db, (void)schema, (void)out;
}

/* They are those of the program that plays the file. */
static void write_limits(struct db *db, const struct db_limits *limits, bool is_local,
                         struct buf *out)
{
	(void)db, (void)is_local;
	if (limits->lock_timeout_ms != DURATION_OF_SERVER)
		buf_printf(out, "-- cflyway.lockTimeout: sqlite3 -cmd '.timeout %d'\n",
		           limits->lock_timeout_ms > 0 ? limits->lock_timeout_ms : INT_MAX);
	if (limits->statement_timeout_ms > 0)
		buf_printf(out, "-- cflyway.statementTimeout: sqlite3 has no such limit (%d ms)\n",
		           limits->statement_timeout_ms);
}

static void write_lift(struct db *db, const struct db_limits *limits, bool is_local,
                       struct buf *out)
{
	(void)db, (void)limits, (void)is_local, (void)out;
}

static void write_role(struct db *db, bool has_session, struct buf *out)
{
	(void)db, (void)has_session, (void)out;
}

const struct db_file_methods sqlite_file_methods = {
	.command = {"sqlite3 -bail DATABASE < ", ""},
	.begin = "BEGIN IMMEDIATE",
	.reset = "",
	.truths = {"0", "1"},
	.end_ends_comment = true,
	.client = "sqlite3",
	.has_client_command = client_command_of_sqlite3,
	.write_settings = write_settings,
	.write_guard = write_guard,
	.write_path = write_path,
	.write_limits = write_limits,
	.write_lift = write_lift,
	.write_role = write_role,
	.write_literal = write_literal,
};
