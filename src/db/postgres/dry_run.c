/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run.c - what the file of a dry run needs so that psql does what cflyway would do */
#include "dry_run.h"

#include "begin.h"
#include "limits.h"
#include "pooler.h"
#include "query.h"

#include "cflyway/db/dry_run.h"
#include "cflyway/sql/client_command.h"

#include <inttypes.h>

#define READ_ONLY "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"

bool pg_make_read_only(struct postgres *pg, struct error *err)
{
	/* Behind a pooler each transaction is: see pg_begin_sql. */
	return pg->db->dry_run == NULL ||
	       (pg_find_pooler(pg->db, err) &&
	        (pg->db->pools_transactions || pg_command(pg, READ_ONLY, err)));
}

bool pg_change(struct db *db, const char *sql, struct error *err)
{
	return db->dry_run != NULL ? dry_run_write(db, sql, err)
	                           : pg_command(postgres_of(db), sql, err);
}

/* E'…' where there is a backslash: standard_conforming_strings may be off. */
static void write_literal(const char *value, struct buf *out)
{
	const bool has_backslash = strchr(value, '\\') != NULL;

	buf_add(out, has_backslash ? "E'" : "'");
	for (const char *c = value; *c != '\0'; c++) {
		if (*c == '\'' || *c == '\\')
			buf_putc(out, *c);
		buf_putc(out, *c);
	}
	buf_putc(out, '\'');
}

/* Names in a list keep their quotes: SET would take a string for one name. */
static void write_search_path(const char *path, struct buf *out)
{
	buf_add(out, "SELECT pg_catalog.set_config('search_path', ");
	write_literal(path, out);
	buf_add(out, ", false);\n");
}

static bool write_setting(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct buf *out = ctx;

	(void)columns;
	(void)err;
	if (strcmp(values[0], "search_path") == 0) {
		write_search_path(values[1], out);
		return true;
	}
	buf_printf(out, "SET %s = ", values[0]);
	write_literal(values[1], out);
	buf_add(out, ";\n");
	return true;
}

static const char client_settings_sql[] =
#include "db/postgres/sql/client_settings.sql.h"
	;

/* psql knows the encoding of the file by the first setting. */
static bool write_settings(struct db *db, struct buf *out, struct error *err)
{
	static const struct answer_shape shape = {"its settings", "vv", false};

	buf_add(out, "SET client_encoding = 'UTF8';\n");
	return pg_query_shaped(db, client_settings_sql, NULL, 0, &shape, write_setting, out, err);
}

/* In the way of the guards in begin.c: a query that fails, with the reason in its message. */
static void write_guard(const struct db_history_mark *mark, struct buf *out)
{
	struct buf name = BUF_EMPTY(SIZE_MAX / 2);

	buf_add(out, "SELECT CASE WHEN ");
	if (mark->exists) {
		buf_printf(out,
		           "(SELECT count(*) = %zu AND coalesce(max(\"installed_rank\"), -1) = %d "
		           "AND coalesce(sum(\"checksum\"), 0) = %" PRId64
		           " AND count(*) FILTER (WHERE \"success\") = %zu FROM %s)",
		           mark->rows, mark->last_rank, mark->checksums, mark->successes,
		           mark->quoted);
	} else {
		write_literal(mark->quoted, &name);
		buf_printf(out, "pg_catalog.to_regclass(%s) IS NULL", buf_str(&name).ptr);
	}
	buf_add(out, " THEN '1' ELSE 'cflyway: the schema history has changed since this dry run' "
	             "END::int AS guard;\n");
	buf_release(&name);
}

static void write_path(struct db *db, const char *schema, struct buf *out)
{
	const char *path =
		pg_migration_search_path(db->arena, postgres_of(db)->origin.search_path, schema);

	if (path != NULL)
		write_search_path(path, out);
}

static void write_line(const char *sql, struct buf *out)
{
	if (sql == NULL)
		return;
	buf_add(out, sql);
	buf_add(out, ";\n");
}

static void write_limits(struct db *db, const struct db_limits *limits, bool is_local,
                         struct buf *out)
{
	write_line(pg_limits_sql(db->arena, limits, is_local).set, out);
}

static void write_lift(struct db *db, const struct db_limits *limits, bool is_local,
                       struct buf *out)
{
	write_line(pg_limits_sql(db->arena, limits, is_local).lift, out);
}

static void write_role(struct db *db, bool has_session, struct buf *out)
{
	const struct postgres *pg = postgres_of(db);
	const char *login = pg->pq.user(pg->conn);

	if (pg->origin.role == NULL)
		return;
	if (has_session)
		buf_add(out, "RESET SESSION AUTHORIZATION;\n");
	if (has_session && !str_same(login, pg->origin.session)) {
		buf_add(out, "SET SESSION AUTHORIZATION ");
		write_literal(pg->origin.session, out);
		buf_add(out, ";\n");
	}
	buf_add(out, "SET ROLE ");
	write_literal(pg->origin.role, out);
	buf_add(out, ";\n");
}

const struct db_file_methods pg_file_methods = {
	.command = {"psql -X -v ON_ERROR_STOP=1 -f ", ""},
	.begin = "BEGIN",
	.reset = "DISCARD ALL",
	.truths = {"FALSE", "TRUE"},
	.client = "psql",
	.has_client_command = client_command_of_psql,
	.find_variable = client_variable_of_psql,
	.begin_reading = "BEGIN READ ONLY",
	.read_only = READ_ONLY,
	.write_settings = write_settings,
	.write_guard = write_guard,
	.write_path = write_path,
	.write_limits = write_limits,
	.write_lift = write_lift,
	.write_role = write_role,
	.write_literal = write_literal,
};
