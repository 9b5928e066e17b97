/* SPDX-License-Identifier: Apache-2.0 */
/* fake_catalog.c - a database in memory: the history table and the schemas */
#include "fake_connection.h"

#include "cflyway/db/dry_run.h"
#include "cflyway/db/history.h"

#include <inttypes.h>
#include <check.h>

struct fake_view fake_look(const struct fake_connection *connection)
{
	return fake_store_view(&connection->fake->store, connection->number);
}

static bool has_table(const struct fake_connection *connection, const char *schema,
                      const char *table)
{
	struct history history;

	history_init(connection->fake->arena, &history, schema, table);
	return str_same(fake_look(connection).table, history.quoted);
}

bool fake_find_pooler(struct db *db, struct error *err)
{
	(void)err;
	db->pools_transactions = fake_connection_of(db)->fake->pools_transactions;
	return true;
}

bool fake_describe(struct db *db, const char *default_schema, const char *table,
                   struct db_description *description, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);
	struct fake_db *fake = connection->fake;
	const char *schema = default_schema != NULL ? default_schema : fake->current_schema;
	struct fake_view view = fake_look(connection);

	*description = (struct db_description){
		.user = "me",
		.database = "fake",
		.search_path = "\"$user\", public",
		.current_schema = fake->current_schema,
		.history_exists = schema != NULL && has_table(connection, schema, table),
		.default_schema_exists = schema != NULL && str_list_has(&view.schemas, schema),
	};
	if (!fake_enter(connection, "DESCRIBE", "", err))
		return false;
	db->pools_transactions = fake->pools_transactions;
	db->is_standby = fake->standby_at > 0 && ++fake->descriptions >= fake->standby_at;
	if (fake->unknown_tries > 0) {
		fake->unknown_tries--;
		description->schema_unknown = true;
		return fake_refuse(connection, NULL, "[SQLITE_BUSY] The database file is locked",
		                   err);
	}
	return fake_leave(connection, err);
}

/* --- the history table --------------------------------------------------------------------- */

bool fake_needs_table(struct fake_connection *connection, const char *table, struct error *err)
{
	return str_same(fake_look(connection).table, table) ||
	       fake_refuse(connection, "42P01",
	                   arena_printf(connection->fake->arena,
	                                "ERROR: relation %s does not exist", table),
	                   err);
}

struct fake_row fake_row_of(const char *const *args)
{
	/* from the order of history_insert to that of history_select */
	static const size_t columns[] = {0, 1, 2, 3, 4, 5, 7, 8, 9};
	struct fake_row row = {.values[6] = "2026-01-02 03:04:05"};

	for (size_t i = 0; i < COUNT(columns); i++)
		row.values[columns[i]] = args[i];
	return row;
}

static void change_row(struct fake_connection *connection, enum fake_change_kind kind,
                       struct fake_row row)
{
	const struct fake_change change = {
		.kind = kind,
		.row = row,
		.owner = fake_owner(connection),
	};

	fake_store_add(&connection->fake->store, change);
}

bool fake_insert_row(struct fake_connection *connection, const char *table, struct fake_row row,
                     struct error *err)
{
	struct fake_view view = fake_look(connection);

	if (!fake_enter(connection, "INSERT", row.values[0], err) ||
	    !fake_needs_table(connection, table, err))
		return false;
	for (size_t i = 0; i < view.n; i++)
		if (strcmp(view.rows[i].values[0], row.values[0]) == 0)
			return fake_refuse(connection, "23505",
			                   "ERROR: duplicate key value violates unique constraint "
			                   "\"flyway_schema_history_pk\"",
			                   err);
	change_row(connection, FAKE_INSERT, row);
	return fake_leave(connection, err);
}

static bool update(struct fake_connection *connection, const char *table, const char *const *args,
                   struct error *err)
{
	struct fake_row row = {
		.values = {[0] = args[3], [2] = args[0], [3] = args[1], [5] = args[2]}};

	if (!fake_enter(connection, "UPDATE", args[3], err) ||
	    !fake_needs_table(connection, table, err))
		return false;
	change_row(connection, FAKE_UPDATE, row);
	return fake_leave(connection, err);
}

/* rank, version and script */
static bool is_wanted(const struct fake_row *row, const char *const *args)
{
	return str_same(row->values[0], args[0]) && str_same(row->values[1], args[1]) &&
	       str_same(row->values[4], args[2]);
}

static bool delete_rank(struct fake_connection *connection, const char *table,
                        const char *const *args, db_row_fn *row, void *ctx, struct error *err)
{
	struct fake_row deleted = {.values = {[0] = args[0]}};

	if (!fake_enter(connection, "DELETE RANK", args[0], err) ||
	    !fake_needs_table(connection, table, err))
		return false;

	struct fake_view view = fake_look(connection);

	for (size_t i = 0; i < view.n && !connection->fake->keeps_rows; i++) {
		if (!is_wanted(&view.rows[i], args))
			continue;
		change_row(connection, FAKE_DELETE, deleted);
		if (!row(ctx, 1, view.rows[i].values, err))
			return false;
	}
	return fake_leave(connection, err);
}

static bool delete_failed(struct fake_connection *connection, const char *table, size_t column,
                          const char *value, struct error *err)
{
	struct fake_row row = {0};

	row.values[column] = value;
	if (!fake_enter(connection, "DELETE", value, err) ||
	    !fake_needs_table(connection, table, err))
		return false;
	change_row(connection, FAKE_DELETE_FAILED, row);
	return fake_leave(connection, err);
}

static bool is_in_some_schema(const struct fake_connection *connection, const char *table)
{
	struct fake_view view = fake_look(connection);
	size_t i = 0;

	while (i < view.schemas.n &&
	       !fake_is_in(connection->fake->arena, table, view.schemas.items[i]))
		i++;
	return i < view.schemas.n;
}

static bool create_table(struct fake_connection *connection, const char *table, struct error *err)
{
	if (!fake_enter(connection, "CREATE", "TABLE", err))
		return false;
	if (fake_look(connection).table != NULL)
		return fake_refuse(connection, "42P07", "ERROR: relation already exists", err);
	if (!is_in_some_schema(connection, table))
		return fake_refuse(connection, "3F000", "ERROR: schema does not exist", err);
	fake_change(connection, FAKE_CREATE_TABLE, table);
	return fake_leave(connection, err);
}

static bool select_rows(struct fake_connection *connection, const char *table,
                        const char *last_rank, db_row_fn *row, void *ctx, struct error *err)
{
	if (!fake_enter(connection, "SELECT", last_rank, err) ||
	    !fake_needs_table(connection, table, err))
		return false;

	struct fake_view view = fake_look(connection);

	for (size_t i = 0; i < view.n; i++)
		if (strtol(view.rows[i].values[0], NULL, 10) > strtol(last_rank, NULL, 10) &&
		    !row(ctx, FAKE_COLUMNS, view.rows[i].values, err))
			return false;
	return fake_leave(connection, err);
}

/* The catalogue below gives all SQL: a verb, and the table. */
const char *fake_table_in(struct arena *arena, const char *text)
{
	struct str rest = str_of(text);

	return str_dup(arena, str_cut(&rest, '('));
}

/* "SAVEPOINT name", "RELEASE SAVEPOINT name", "ROLLBACK TO SAVEPOINT name"; there is one. */
static bool savepoint_command(struct fake_connection *connection, struct str verb,
                              struct error *err)
{
	struct fake_store *store = &connection->fake->store;
	bool goes_back = str_eq(verb, STR("ROLLBACK"));
	bool has_failed = connection->has_failed;

	connection->has_failed = has_failed && !goes_back;
	if (!fake_enter(connection,
	                goes_back ? "ROLLBACK TO" : str_dup(connection->fake->arena, verb), "",
	                err)) {
		connection->has_failed |= has_failed;
		return false;
	}
	if (goes_back)
		fake_store_roll_back_to(store, connection->number, connection->savepoint);
	else if (str_eq(verb, STR("SAVEPOINT")))
		connection->savepoint = store->n;
	return fake_leave(connection, err);
}

bool fake_query(struct db *db, const char *sql, const char *const *args, size_t n, db_row_fn *row,
                void *ctx, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);
	struct str rest = str_of(sql);
	struct str verb = str_cut(&rest, ' ');

	(void)n;
	if (str_find(str_of(sql), STR("SAVEPOINT")) < strlen(sql))
		return savepoint_command(connection, verb, err);
	const char *table = fake_table_in(db->arena, rest.ptr);

	if (!fake_await(connection, err))
		return false;
	db->affected = connection->fake->swallows_rows ? 0 : 1;
	if (str_eq(verb, STR("insert")) && db->affected == 0)
		return true;
	if (str_eq(verb, STR("select")))
		return select_rows(connection, table, args[0], row, ctx, err);
	if (str_eq(verb, STR("insert")))
		return fake_insert_row(connection, table, fake_row_of(args), err);
	if (str_eq(verb, STR("update")))
		return update(connection, table, args, err);
	if (str_eq(verb, STR("delete-rank")))
		return delete_rank(connection, table, args, row, ctx, err);
	if (str_eq(verb, STR("delete-version")))
		return delete_failed(connection, table, 1, args[0], err);
	if (str_eq(verb, STR("delete-description")))
		return delete_failed(connection, table, 2, args[0], err);
	if (str_eq(verb, STR("create")))
		return create_table(connection, table, err);
	ck_assert_msg(str_eq(verb, STR("index")), "the fake database knows no \"%s\"", sql);
	return fake_enter(connection, "CREATE", "INDEX", err) && fake_leave(connection, err);
}

/* --- schemas ------------------------------------------------------------------------------- */

static bool fake_schema_exists(struct db *db, const char *schema, bool *exists, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	if (!fake_await(connection, err) || !fake_enter(connection, "SCHEMA", schema, err))
		return false;

	struct fake_view view = fake_look(connection);

	*exists = str_list_has(&view.schemas, schema);
	return fake_leave(connection, err);
}

static bool fake_schema_empty(struct db *db, const char *schema, bool *empty, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	if (!fake_enter(connection, "EMPTY", schema, err))
		return false;

	struct fake_view view = fake_look(connection);

	*empty = fake_view_is_empty(&view, schema);
	return fake_leave(connection, err);
}

static bool fake_table_exists(struct db *db, const char *schema, const char *table, bool *exists,
                              struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	if (!fake_enter(connection, "TABLE", table, err))
		return false;
	*exists = has_table(connection, schema, table);
	return fake_leave(connection, err);
}

static bool fake_create_schema(struct db *db, const char *schema, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);
	const char *detail = arena_printf(db->arena, "SCHEMA %s", schema);

	if (db->dry_run != NULL)
		return dry_run_write(db, arena_printf(db->arena, "create %s", schema), err);
	if (!fake_enter(connection, "CREATE", detail, err))
		return false;

	struct fake_view view = fake_look(connection);

	if (str_list_has(&view.schemas, schema))
		return fake_refuse(connection, "42P06", "ERROR: schema already exists", err);
	fake_change(connection, FAKE_CREATE_SCHEMA, schema);
	return fake_leave(connection, err);
}

static bool fake_drop_schema(struct db *db, const char *schema, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);
	const char *detail = arena_printf(db->arena, "SCHEMA %s", schema);

	if (db->dry_run != NULL)
		return dry_run_write(db, arena_printf(db->arena, "drop %s", schema), err);
	if (!fake_enter(connection, "DROP", detail, err))
		return false;
	fake_change(connection, FAKE_DROP_SCHEMA, schema);
	return fake_leave(connection, err);
}

static bool fake_measure_schema(struct db *db, const char *schema, struct db_clean_size *size,
                                struct error *err)
{
	const struct fake_db *fake = fake_connection_of(db)->fake;

	*size = (struct db_clean_size){.locks = fake->clean_locks, .limit = fake->clean_limit};
	return fake_schema_exists(db, schema, &size->exists, err);
}

/* One object of the schema a transaction. */
static void clean_part(struct fake_connection *connection, const char *schema,
                       struct db_clean_part *part)
{
	struct fake_view view = fake_look(connection);
	size_t found = 0;

	for (size_t i = 0; i < view.objects.n; i++)
		if (fake_is_in(connection->fake->arena, view.objects.items[i], schema) &&
		    found++ == 0)
			fake_change(connection, FAKE_DROP_OBJECT, view.objects.items[i]);
	part->is_last = found < 2;
	part->step++;
	if (part->is_last && part->kept_table == NULL)
		fake_change(connection, FAKE_CLEAN_SCHEMA, schema);
}

static bool fake_clean_schema(struct db *db, const char *schema, struct db_clean_part *part,
                              struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);
	const struct fake_db *fake = connection->fake;
	int64_t locks = part->max_locks > 0 ? part->max_locks : fake->clean_locks;
	const char *detail = schema;

	if (part->max_locks > 0)
		detail = arena_printf(db->arena, "%s from %zu, %" PRId64 " locks%s%s", schema,
		                      part->step, part->max_locks,
		                      part->kept_table != NULL ? ", but " : "",
		                      part->kept_table != NULL ? part->kept_table : "");
	if (db->dry_run != NULL)
		return dry_run_write(db, arena_printf(db->arena, "clean %s", detail), err);
	if (!fake_enter(connection, "CLEAN", detail, err))
		return false;
	if (fake->clean_room != 0 && locks > fake->clean_room) {
		part->is_too_large = true;
		part->step++;
		return fake_refuse(connection, "53200", "ERROR: out of shared memory\n  Hint: x",
		                   err);
	}
	if (part->max_locks > 0)
		clean_part(connection, schema, part);
	else
		fake_change(connection, FAKE_CLEAN_SCHEMA, schema);
	return fake_leave(connection, err);
}

static const char *const *history_ddl(struct db *db, const char *schema, const char *table,
                                      const char *tablespace, size_t *n)
{
	struct arena *arena = db->arena;
	const char **ddl = arena_array(arena, 2, sizeof(*ddl));
	struct history history;

	history_init(arena, &history, schema, table);
	ddl[0] = arena_printf(arena, "create %s", history.quoted);
	ddl[1] = arena_printf(arena, "index %s%s", history.quoted,
	                      tablespace != NULL ? tablespace : "");
	*n = 2;
	return ddl;
}

const struct db_catalog fake_catalog = {
	.schema_exists = fake_schema_exists,
	.schema_empty = fake_schema_empty,
	.create_schema = fake_create_schema,
	.drop_schema = fake_drop_schema,
	.measure_schema = fake_measure_schema,
	.clean_schema = fake_clean_schema,
	.table_exists = fake_table_exists,
	.history_ddl = history_ddl,
	.history_insert = "insert %t($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	.history_select = "select %t",
	.history_update = "update %t($1, $2, $3, $4)",
	.history_delete = "delete-rank %t($1, $2, $3)",
	.history_delete_failed_version = "delete-version %t($1)",
	.history_delete_failed_description = "delete-description %t($1)",
};
