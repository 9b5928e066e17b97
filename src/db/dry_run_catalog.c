/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run_catalog.c - the catalog of a dry run: schemas and the history table */
#include "dry_run_state.h"

#include "cflyway/db/dry_run.h"

void dry_find_history(struct dry_connection *connection, const char *schema, const char *table,
                      bool exists)
{
	if (connection->dry_run->history.quoted != NULL)
		return;
	dry_history_find(connection->dry_run, &connection->real, schema, table, exists);
	dry_write_guard(connection);
}

static bool dry_schema_exists(struct db *db, const char *schema, bool *exists, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	const struct dry_run *dry_run = connection->dry_run;
	const struct dry_schema *touched = dry_schema_find(dry_run, schema);

	if (touched != NULL)
		*exists = touched->state != DRY_DROPPED;
	else if (!connection->real.driver->catalog->schema_exists(&connection->real, schema, exists,
	                                                          err))
		return false;
	if (*exists ? !dry_may_have_dropped(dry_run, schema) : !dry_may_have_made(dry_run, schema))
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "A dry run cannot know whether schema %s exists: scripts that run before "
	                 "may have created or dropped it",
	                 schema);
}

static bool is_cleaned(const struct dry_run *dry_run, const char *schema)
{
	const struct dry_schema *touched = dry_schema_find(dry_run, schema);

	return touched != NULL && touched->state == DRY_CLEANED;
}

static bool dry_schema_empty(struct db *db, const char *schema, bool *empty, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	const struct dry_run *dry_run = connection->dry_run;

	*empty = true;
	if (dry_schema_find(dry_run, schema) == NULL &&
	    !connection->real.driver->catalog->schema_empty(&connection->real, schema, empty, err))
		return false;
	if (dry_run->history.exists && strcmp(dry_run->history.schema, schema) == 0)
		*empty = false;
	else if (*empty && (dry_run->has_script_objects ||
	                    (dry_run->has_objects && is_cleaned(dry_run, schema))))
		return error_set(err, ERROR_GENERAL,
		                 "A dry run cannot know whether schema %s is empty: scripts that "
		                 "run before may have created objects in it",
		                 schema);
	return true;
}

static bool dry_create_schema(struct db *db, const char *schema, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	struct dry_run *dry_run = connection->dry_run;
	const size_t written = dry_run->written;

	if (!connection->real.driver->catalog->create_schema(&connection->real, schema, err))
		return false;
	if (dry_run->written > written)
		dry_schema_set(dry_run, schema, DRY_CREATED);
	return true;
}

static bool dry_drop_schema(struct db *db, const char *schema, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	struct dry_run *dry_run = connection->dry_run;
	const size_t written = dry_run->written;

	if (!connection->real.driver->catalog->drop_schema(&connection->real, schema, err))
		return false;
	if (dry_run->written > written)
		dry_schema_set(dry_run, schema, DRY_DROPPED);
	return true;
}

static bool dry_measure_schema(struct db *db, const char *schema, struct db_clean_size *size,
                               struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	const struct dry_schema *touched = dry_schema_find(connection->dry_run, schema);

	if (touched == NULL)
		return connection->real.driver->catalog->measure_schema(&connection->real, schema,
		                                                        size, err);
	*size = (struct db_clean_size){.exists = touched->state != DRY_DROPPED};
	return true;
}

/* Nobody knows what is to be dropped then. */
static bool refuse_clean(const char *schema, struct error *err)
{
	return error_set(err, ERROR_GENERAL,
	                 "A dry run cannot clean schema %s after scripts and commands that create "
	                 "or drop objects: what will be there then is not known yet",
	                 schema);
}

static bool dry_clean_schema(struct db *db, const char *schema, struct db_clean_part *part,
                             struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	struct dry_run *dry_run = connection->dry_run;

	if (dry_run->has_objects)
		return refuse_clean(schema, err);
	struct dry_schema *touched = dry_schema_find(dry_run, schema);

	/* The second pass finds nothing but what the first has kept. */
	if (touched != NULL && touched->keeps_history && part->kept_table == NULL) {
		touched->keeps_history = false;
		return dry_run_write(
			&connection->real,
			arena_printf(db->arena, "DROP TABLE %s CASCADE", dry_run->history.quoted),
			err);
	}
	if (touched != NULL)
		return true;
	if (!connection->real.driver->catalog->clean_schema(&connection->real, schema, part, err))
		return false;
	dry_schema_set(dry_run, schema, DRY_CLEANED);
	dry_schema_find(dry_run, schema)->keeps_history = part->kept_table != NULL;
	return sql_file_check(&dry_run->file, err);
}

static bool dry_table_exists(struct db *db, const char *schema, const char *table, bool *exists,
                             struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	struct dry_run *dry_run = connection->dry_run;

	if (dry_history_is(dry_run, schema, table)) {
		*exists = dry_run->history.exists;
		return true;
	}
	if (!connection->real.driver->catalog->table_exists(&connection->real, schema, table,
	                                                    exists, err))
		return false;
	/* SQLite: what could not be asked when the command began. */
	if (strcmp(table, db->settings->table) == 0)
		dry_find_history(connection, schema, table, *exists);
	return true;
}

static const char *const *dry_history_ddl(struct db *db, const char *schema, const char *table,
                                          const char *tablespace, size_t *n)
{
	struct dry_connection *connection = dry_connection_of(db);
	struct dry_history *history = &connection->dry_run->history;

	history->ddl = connection->real.driver->catalog->history_ddl(&connection->real, schema,
	                                                             table, tablespace, n);
	history->ddl_n = *n;
	return history->ddl;
}

void dry_catalog_init(struct db_catalog *catalog)
{
	catalog->schema_exists = dry_schema_exists;
	catalog->schema_empty = dry_schema_empty;
	catalog->create_schema = dry_create_schema;
	catalog->drop_schema = dry_drop_schema;
	catalog->measure_schema = dry_measure_schema;
	catalog->clean_schema = dry_clean_schema;
	catalog->table_exists = dry_table_exists;
	catalog->history_ddl = dry_history_ddl;
}
