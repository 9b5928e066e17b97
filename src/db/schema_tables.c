/* SPDX-License-Identifier: Apache-2.0 */
/* schema_tables.c - the tables of a schema, and which of them are history tables */
#include "cflyway/db/schema_tables.h"

#include "sql_template.h"

#include "cflyway/db/driver.h"

struct collector {
	struct arena *arena;
	struct schema_tables *tables;
};

static bool add_table(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const struct collector *collector = ctx;
	const char *name = arena_strdup(collector->arena, values[0]);

	(void)columns, (void)err;
	str_list_add(collector->arena, &collector->tables->names, name);
	if (str_same(values[1], "t") || str_same(values[1], "1"))
		str_list_add(collector->arena, &collector->tables->histories, name);
	return true;
}

bool schema_tables_add(struct arena *arena, struct db *db, const char *schema,
                       struct schema_tables *tables, struct error *err)
{
	const char *quoted = db_quote_identifier(arena, schema);
	const struct sql_param blanks[] = {{'s', quoted}};
	const char *const args[] = {schema};
	struct collector collector = {arena, tables};
	bool exists = false;

	/* SQLite fails if the schema is not attached. */
	if (!db_schema_exists(db, schema, &exists, err))
		return false;
	return !exists ||
	       db_query(db,
	                sql_template_expand(arena, db->driver->catalog->schema_tables, blanks,
	                                    COUNT(blanks)),
	                args, COUNT(args), add_table, &collector, err) ||
	       db_title(err, ERROR_DB_CONNECTION, "Unable to list the tables of schema %s", quoted);
}
