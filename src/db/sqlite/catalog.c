/* SPDX-License-Identifier: Apache-2.0 */
/* catalog.c - handles the schema "main" (others only if attached) and the history table */
#include "sqlite.h"

#include "../sql_template.h"

#include "cflyway/db/answer_shape.h"

static const char tables_sql[] =
#include "db/sqlite/sql/tables.sql.h"
	;
static const char views_sql[] =
#include "db/sqlite/sql/views.sql.h"
	;
static const char table_exists_sql[] =
#include "db/sqlite/sql/table_exists.sql.h"
	;
static const char schema_has_tables_sql[] =
#include "db/sqlite/sql/schema_has_tables.sql.h"
	;
static const char history_table_sql[] =
#include "db/sqlite/sql/history_table.sql.h"
	;
static const char history_index_sql[] =
#include "db/sqlite/sql/history_index.sql.h"
	;
static const char history_insert_sql[] =
#include "db/sqlite/sql/history_insert.sql.h"
	;
/* Qualified, because SQLite takes a quoted name that is not a column for a string. */
/* DIFFERS: names the table of each column, so that a missing one is an error and no string. */
static const char history_select_sql[] =
#include "db/sqlite/sql/history_select.sql.h"
	;
static const char history_update_sql[] =
#include "db/sqlite/sql/history_update.sql.h"
	;
static const char history_delete_sql[] =
#include "db/sqlite/sql/history_delete.sql.h"
	;
static const char history_set_time_sql[] =
#include "db/sqlite/sql/history_set_time.sql.h"
	;
static const char table_columns_sql[] =
#include "db/sqlite/sql/table_columns.sql.h"
	;
static const char schema_tables_sql[] =
#include "db/sqlite/sql/schema_tables.sql.h"
	;
static const char time_text_sql[] =
#include "db/sqlite/sql/time_text.sql.h"
	;
static const char history_delete_failed_version_sql[] =
#include "db/sqlite/sql/history_delete_failed_version.sql.h"
	;
static const char history_delete_failed_description_sql[] =
#include "db/sqlite/sql/history_delete_failed_description.sql.h"
	;

static const char main_schema[] = "main";

static const char *fill_schema(struct db *db, const char *sql, const char *schema)
{
	const struct sql_param blank = {'s', db_quote_identifier(db->arena, schema)};

	return sql_template_expand(db->arena, sql, &blank, 1);
}

static bool find_schema(struct db *db, const char *schema, struct error *err)
{
	return db_query(db, fill_schema(db, tables_sql, schema), NULL, 0, NULL, NULL, err);
}

/*
 * DIFFERS: Flyway takes a schema whose tables cannot be read, for whatever reason, for missing.
 * Here that is an error if memory has run out, or if the file cannot be read.
 */
static bool schema_exists(struct db *db, const char *schema, bool *exists, struct error *err)
{
	*exists = find_schema(db, schema, err);
	if (*exists)
		return true;
	if (err->sql == NULL || err->sql->code == SQLITE_NOMEM || err->sql->code == SQLITE_IOERR ||
	    err->sql->code == SQLITE_CORRUPT)
		return db_title(err, ERROR_DB_CONNECTION,
		                "Unable to check whether schema %s exists",
		                db_quote_identifier(db->arena, schema));
	error_clear(err);
	return true;
}

static bool schema_empty(struct db *db, const char *schema, bool *empty, struct error *err)
{
	bool has_tables;

	if (!db_query_bool(db, fill_schema(db, schema_has_tables_sql, schema), NULL, 0, &has_tables,
	                   err))
		return db_title(err, ERROR_DB_CONNECTION,
		                "Unable to check whether schema %s is empty",
		                db_quote_identifier(db->arena, schema));
	*empty = !has_tables;
	return true;
}

static bool create_schema(struct db *db, const char *schema, struct error *err)
{
	(void)err;
	log_info(db->log, "SQLite does not support creating schemas. Schema not created: %s",
	         schema);
	return true;
}

static bool drop_schema(struct db *db, const char *schema, struct error *err)
{
	(void)err;
	log_info(db->log, "SQLite does not support dropping schemas. Schema not dropped: %s",
	         schema);
	return true;
}

static bool fail_table_exists(struct db *db, const char *schema, const char *table,
                              struct error *err)
{
	return db_title(err, ERROR_DB_CONNECTION, "Unable to check whether table %s.%s exists",
	                db_quote_identifier(db->arena, schema),
	                db_quote_identifier(db->arena, table));
}

static bool table_exists(struct db *db, const char *schema, const char *table, bool *exists,
                         struct error *err)
{
	return db_query_bool(db, fill_schema(db, table_exists_sql, schema), &table, 1, exists,
	                     err) ||
	       fail_table_exists(db, schema, table, err);
}

bool sqlite_describe(struct db *db, const char *default_schema, const char *table,
                     struct db_description *description, struct error *err)
{
	const char *schema = default_schema != NULL ? default_schema : main_schema;

	*description = (struct db_description){
		.user = "",
		.current_schema = main_schema,
	};
	description->default_schema_exists = find_schema(db, schema, err);
	if (description->default_schema_exists)
		return table_exists(db, schema, table, &description->history_exists, err);
	description->schema_unknown = err->sql != NULL;
	description->schema_missing = err->sql != NULL && err->sql->code == SQLITE_ERROR;
	return fail_table_exists(db, schema, table, err);
}

/* --- clean --------------------------------------------------------------------------------- */

struct names {
	struct arena *arena;
	struct str_list list;
};

static bool collect_name(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	struct names *names = ctx;

	(void)columns;
	(void)err;
	str_list_add(names->arena, &names->list, arena_strdup(names->arena, values[0]));
	return true;
}

static bool fail_clean(struct db *db, const char *schema, struct error *err)
{
	return db_title(err, ERROR_DB_CONNECTION, "Unable to clean schema %s",
	                db_quote_identifier(db->arena, schema));
}

static bool find_names(struct db *db, const char *sql, const char *schema, struct names *names,
                       struct error *err)
{
	*names = (struct names){.arena = db->arena};
	return db_query(db, fill_schema(db, sql, schema), NULL, 0, collect_name, names, err) ||
	       fail_clean(db, schema, err);
}

static const char *full_name(struct db *db, const char *schema, const char *name)
{
	return arena_printf(db->arena, "%s.%s", db_quote_identifier(db->arena, schema),
	                    db_quote_identifier(db->arena, name));
}

static bool drop_views(struct db *db, const char *schema, struct error *err)
{
	struct names names;

	if (!find_names(db, views_sql, schema, &names, err))
		return false;
	for (size_t i = 0; i < names.list.n; i++) {
		const char *view = full_name(db, schema, names.list.items[i]);

		if (!sqlite_change(db, arena_printf(db->arena, "DROP VIEW %s", view), err))
			return fail_clean(db, schema, err);
	}
	return true;
}

static bool drop_tables(struct db *db, const char *schema, struct error *err)
{
	struct names names;

	if (!find_names(db, tables_sql, schema, &names, err))
		return false;
	for (size_t i = 0; i < names.list.n; i++) {
		const char *table = full_name(db, schema, names.list.items[i]);

		if (strcmp(names.list.items[i], "sqlite_sequence") != 0 &&
		    !sqlite_change(db, arena_printf(db->arena, "DROP TABLE %s", table), err))
			return db_title(err, ERROR_DB_CONNECTION, "Unable to drop %s", table);
	}
	return true;
}

static bool empty_sequences(struct db *db, const char *schema, struct error *err)
{
	bool has_sequences;

	if (table_exists(db, schema, "sqlite_sequence", &has_sequences, err) &&
	    (!has_sequences || sqlite_change(db, "DELETE FROM sqlite_sequence", err)))
		return true;
	return fail_clean(db, schema, err);
}

/*
 * DIFFERS: with foreign keys enforced, Flyway 12.4.0 reports success and drops nothing. Deferred
 * foreign keys are satisfied again once the last table is gone.
 */
static bool clean_schema(struct db *db, const char *schema, struct db_clean_part *part,
                         struct error *err)
{
	(void)part;
	if (!sqlite_change(db, "PRAGMA defer_foreign_keys = ON", err))
		return fail_clean(db, schema, err);
	return drop_views(db, schema, err) && drop_tables(db, schema, err) &&
	       empty_sequences(db, schema, err);
}

/* --- the history table --------------------------------------------------------------------- */

static const char *const *history_ddl(struct db *db, const char *schema, const char *table,
                                      const char *tablespace, size_t *n)
{
	struct arena *arena = db->arena;
	static const char *const texts[] = {history_table_sql, history_index_sql};
	const char *quoted_schema = db_quote_identifier(arena, schema);
	const char *quoted_table = db_quote_identifier(arena, table);
	const char *index = db_quote_identifier(arena, arena_printf(arena, "%s_s_idx", table));
	const struct sql_param blanks[] = {
		{'t', arena_printf(arena, "%s.%s", quoted_schema, quoted_table)},
		{'i', arena_printf(arena, "%s.%s", quoted_schema, index)},
		{'u', quoted_table},
	};
	const char **statements = arena_array(arena, COUNT(texts), sizeof(*statements));

	(void)tablespace;
	for (size_t i = 0; i < COUNT(texts); i++)
		statements[i] = sql_template_expand(arena, texts[i], blanks, COUNT(blanks));
	*n = COUNT(texts);
	return statements;
}

const struct db_catalog sqlite_catalog = {
	.schema_exists = schema_exists,
	.schema_empty = schema_empty,
	.create_schema = create_schema,
	.drop_schema = drop_schema,
	.measure_schema = db_default_measure_schema,
	.clean_schema = clean_schema,
	.table_exists = table_exists,
	.history_ddl = history_ddl,
	.history_insert = history_insert_sql,
	.history_select = history_select_sql,
	.history_update = history_update_sql,
	.history_set_time = history_set_time_sql,
	.table_columns = table_columns_sql,
	.schema_tables = schema_tables_sql,
	.time_text = time_text_sql,
	.history_delete = history_delete_sql,
	.history_delete_failed_version = history_delete_failed_version_sql,
	.history_delete_failed_description = history_delete_failed_description_sql,
};
