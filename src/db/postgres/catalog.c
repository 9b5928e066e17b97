/* SPDX-License-Identifier: Apache-2.0 */
/* catalog.c - schemas, the history table, and what is asked once after connecting */
#include "catalog.h"

#include "clean.h"
#include "dry_run.h"
#include "other_products.h"
#include "pooler.h"
#include "query.h"

#include "../sql_template.h"

static const char describe_sql[] =
#include "db/postgres/sql/describe.sql.h"
	;
static const char table_exists_sql[] =
#include "db/postgres/sql/table_exists.sql.h"
	;
static const char schema_exists_sql[] =
#include "db/postgres/sql/schema_exists.sql.h"
	;
static const char schema_has_objects_sql[] =
#include "db/postgres/sql/schema_has_objects.sql.h"
	;
static const char history_table_sql[] =
#include "db/postgres/sql/history_table.sql.h"
	;
static const char history_key_sql[] =
#include "db/postgres/sql/history_key.sql.h"
	;
static const char history_index_sql[] =
#include "db/postgres/sql/history_index.sql.h"
	;
static const char history_insert_sql[] =
#include "db/postgres/sql/history_insert.sql.h"
	;
static const char history_select_sql[] =
#include "db/postgres/sql/history_select.sql.h"
	;
static const char history_update_sql[] =
#include "db/postgres/sql/history_update.sql.h"
	;
static const char history_delete_sql[] =
#include "db/postgres/sql/history_delete.sql.h"
	;
static const char history_set_time_sql[] =
#include "db/postgres/sql/history_set_time.sql.h"
	;
static const char table_columns_sql[] =
#include "db/postgres/sql/table_columns.sql.h"
	;
static const char schema_tables_sql[] =
#include "db/postgres/sql/schema_tables.sql.h"
	;
static const char time_text_sql[] =
#include "db/postgres/sql/time_text.sql.h"
	;
static const char history_delete_failed_version_sql[] =
#include "db/postgres/sql/history_delete_failed_version.sql.h"
	;
static const char history_delete_failed_description_sql[] =
#include "db/postgres/sql/history_delete_failed_description.sql.h"
	;

static bool is_true(const char *value)
{
	return str_same(value, "t");
}

/* Columns of describe.sql. Where no schema of the search path exists, Flyway takes the text of the
 * path for the name of the current schema. */
enum {
	DESCRIBE_ROLE,
	DESCRIBE_SESSION,
	DESCRIBE_DATABASE,
	DESCRIBE_SEARCH_PATH,
	DESCRIBE_CURRENT_SCHEMA,
	DESCRIBE_HISTORY_EXISTS,
	DESCRIBE_SCHEMA_EXISTS,
	DESCRIBE_HISTORY_HAS_TRIGGERS,
	DESCRIBE_VERSION,
	DESCRIBE_BACKEND_PID,
	DESCRIBE_IS_STANDBY,
	DESCRIBE_ADDRESS,
};

struct describing {
	struct db *db;
	struct db_description *description;
};

static bool read_description(void *ctx, size_t columns, const char *const *values,
                             struct error *err)
{
	const struct describing *describing = ctx;
	struct db *db = describing->db;
	struct postgres *pg = postgres_of(db);
	const char *schema = values[DESCRIBE_CURRENT_SCHEMA];
	const char *product = pg_product_of_version(values[DESCRIBE_VERSION]);

	(void)columns;
	if (product != NULL)
		return pg_refuse_product(product, err);
	pg->origin.role = arena_strdup(db->arena, values[DESCRIBE_ROLE]);
	pg->origin.session = arena_strdup(db->arena, values[DESCRIBE_SESSION]);
	pg->origin.search_path = arena_strdup(db->arena, values[DESCRIBE_SEARCH_PATH]);
	db->history_has_triggers = is_true(values[DESCRIBE_HISTORY_HAS_TRIGGERS]);
	db->is_standby = is_true(values[DESCRIBE_IS_STANDBY]);
	pg->address = values[DESCRIBE_ADDRESS] != NULL
	                      ? arena_strdup(db->arena, values[DESCRIBE_ADDRESS])
	                      : NULL;
	if (values[DESCRIBE_BACKEND_PID] != NULL)
		pg_pooler_note(pg, values[DESCRIBE_BACKEND_PID]);
	*describing->description = (struct db_description){
		.user = pg->origin.role,
		.database = arena_strdup(db->arena, values[DESCRIBE_DATABASE]),
		.search_path = pg->origin.search_path,
		.current_schema = schema != NULL ? arena_strdup(db->arena, schema) : NULL,
		.history_exists = is_true(values[DESCRIBE_HISTORY_EXISTS]),
		.default_schema_exists = is_true(values[DESCRIBE_SCHEMA_EXISTS]),
	};
	return true;
}

/* Another product may not even understand the question. Always false. */
static bool fail_to_describe(struct postgres *pg, struct error *err)
{
	struct error other = ERROR_INIT(err->arena);

	if (err->sql == NULL || db_tx_status(pg->db) != TX_IDLE)
		return false;
	if (!pg_ask_product(pg, &other) && other.sql == NULL)
		*err = other;
	return false;
}

bool pg_describe(struct db *db, const char *default_schema, const char *table,
                 struct db_description *description, struct error *err)
{
	const char *const args[] = {default_schema, table};
	static const struct answer_shape shape = {"its user and schemas", "vvvvnnnnnnnn", true};
	struct describing describing = {db, description};
	const bool was_known = db->pools_transactions;

	if (!pg_query_shaped(db, describe_sql, args, COUNT(args), &shape, read_description,
	                     &describing, err))
		return fail_to_describe(postgres_of(db), err);
	/* Once more in a transaction of our own: other clients may have left another role. */
	if (db->pools_transactions && !was_known &&
	    !pg_query_shaped(db, describe_sql, args, COUNT(args), &shape, read_description,
	                     &describing, err))
		return false;
	return pg_pooler_check_options(postgres_of(db), err);
}

static bool schema_exists(struct db *db, const char *schema, bool *exists, struct error *err)
{
	if (db_query_bool(db, schema_exists_sql, &schema, 1, exists, err))
		return true;
	return db_title(err, ERROR_DB_CONNECTION, "Unable to check whether schema %s exists",
	                db_quote_identifier(db->arena, schema));
}

static bool schema_empty(struct db *db, const char *schema, bool *empty, struct error *err)
{
	bool has_objects;

	if (!db_query_bool(db, schema_has_objects_sql, &schema, 1, &has_objects, err))
		return db_title(err, ERROR_DB_CONNECTION,
		                "Unable to check whether schema %s is empty",
		                db_quote_identifier(db->arena, schema));
	*empty = !has_objects;
	return true;
}

static bool create_schema(struct db *db, const char *schema, struct error *err)
{
	const char *quoted = db_quote_identifier(db->arena, schema);

	if (pg_change(db, arena_printf(db->arena, "CREATE SCHEMA %s", quoted), err))
		return true;
	return db_title(err, ERROR_DB_CONNECTION, "Unable to create schema %s", quoted);
}

static bool drop_schema(struct db *db, const char *schema, struct error *err)
{
	const char *quoted = db_quote_identifier(db->arena, schema);

	if (pg_change(db, arena_printf(db->arena, "DROP SCHEMA %s CASCADE", quoted), err))
		return true;
	return db_title(err, ERROR_DB_CONNECTION, "Unable to drop schema %s", quoted);
}

static bool measure_schema(struct db *db, const char *schema, struct db_clean_size *size,
                           struct error *err)
{
	if (pg_measure_schema(db, schema, size, err))
		return true;
	return db_title(err, ERROR_DB_CONNECTION, "Unable to check whether schema %s exists",
	                db_quote_identifier(db->arena, schema));
}

static bool clean_schema(struct db *db, const char *schema, struct db_clean_part *part,
                         struct error *err)
{
	if (pg_clean_schema(db, schema, part, err))
		return true;
	return db_title(err, ERROR_DB_CONNECTION, "Unable to clean schema %s",
	                db_quote_identifier(db->arena, schema));
}

static bool table_exists(struct db *db, const char *schema, const char *table, bool *exists,
                         struct error *err)
{
	const char *const args[] = {schema, table};

	if (db_query_bool(db, table_exists_sql, args, COUNT(args), exists, err))
		return true;
	return db_title(err, ERROR_DB_CONNECTION, "Unable to check whether table %s.%s exists",
	                db_quote_identifier(db->arena, schema),
	                db_quote_identifier(db->arena, table));
}

static const char *const *history_ddl(struct db *db, const char *schema, const char *table,
                                      const char *tablespace, size_t *n)
{
	struct arena *arena = db->arena;
	static const char *const texts[] = {history_table_sql, history_key_sql, history_index_sql};
	const char *space = "", *index_space = "";

	if (tablespace != NULL) {
		const char *quoted = db_quote_identifier(arena, tablespace);

		space = arena_printf(arena, " TABLESPACE %s", quoted);
		index_space = arena_printf(arena, " USING INDEX TABLESPACE %s", quoted);
	}

	const struct sql_param blanks[] = {
		{'t', arena_printf(arena, "%s.%s", db_quote_identifier(arena, schema),
	                           db_quote_identifier(arena, table))},
		{'k', db_quote_identifier(arena, arena_printf(arena, "%s_pk", table))},
		{'i', db_quote_identifier(arena, arena_printf(arena, "%s_s_idx", table))},
		{'s', space},
		{'x', index_space},
	};
	const char **statements = arena_array(arena, COUNT(texts), sizeof(*statements));

	for (size_t i = 0; i < COUNT(texts); i++)
		statements[i] = sql_template_expand(arena, texts[i], blanks, COUNT(blanks));
	*n = COUNT(texts);
	return statements;
}

const struct db_catalog pg_catalog = {
	.schema_exists = schema_exists,
	.schema_empty = schema_empty,
	.create_schema = create_schema,
	.drop_schema = drop_schema,
	.measure_schema = measure_schema,
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
