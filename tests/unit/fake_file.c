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
	.write_role = write_role,
	.write_literal = write_literal,
};
