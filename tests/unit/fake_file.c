/* SPDX-License-Identifier: Apache-2.0 */
/* fake_file.c - a database in memory: lines for the file of a dry run */
#include "fake_connection.h"

static bool write_settings(struct db *db, struct buf *out, struct error *err)
{
	buf_add(out, "settings;\n");
	return fake_enter(fake_connection_of(db), "SETTINGS", "", err) &&
	       fake_leave(fake_connection_of(db), err);
}

static void write_guard(const struct db_history_mark *mark, struct buf *out)
{
	if (mark->exists)
		buf_printf(out, "guard %s: %zu rows, last rank %d;\n", mark->quoted, mark->rows,
		           mark->last_rank);
	else
		buf_printf(out, "guard %s in %s: no table;\n", mark->table, mark->schema);
}

static void write_path(struct db *db, const char *schema, struct buf *out)
{
	(void)db;
	buf_printf(out, "path %s;\n", schema);
}

static void write_limits(struct db *db, const struct db_limits *limits, bool is_local,
                         struct buf *out)
{
	(void)db;
	buf_printf(out, "limits %d %d for the %s;\n", limits->lock_timeout_ms,
	           limits->statement_timeout_ms, is_local ? "transaction" : "session");
}

static void write_lift(struct db *db, const struct db_limits *limits, bool is_local,
                       struct buf *out)
{
	(void)db;
	(void)limits;
	buf_printf(out, "no limits for the %s;\n", is_local ? "transaction" : "session");
}

static void write_role(struct db *db, bool has_session, struct buf *out)
{
	(void)db;
	buf_printf(out, "role%s;\n", has_session ? " and session user" : "");
}

static void write_literal(const char *value, struct buf *out)
{
	buf_printf(out, "'%s'", value);
}

const struct db_file_methods fake_file_methods = {
	.command = {"fake -f ", " now"},
	.begin = "BEGIN of migration",
	.reset = "reset",
	.truths = {"no", "yes"},
	.write_settings = write_settings,
	.write_guard = write_guard,
	.write_path = write_path,
	.write_limits = write_limits,
	.write_lift = write_lift,
	.write_role = write_role,
	.write_literal = write_literal,
};
