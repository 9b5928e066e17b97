/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dry_run_driver.c - the methods of a driver that writes a file, around one that reads a database
 *
 * What a server would answer to a write is: done. There are no locks: nothing is changed, and a
 * history that has changed until the file is run is found by the guard at its top.
 */
#include "dry_run_state.h"

#include "cflyway/db/dry_run.h"

/* --- connections --------------------------------------------------------------------------- */

static bool dry_open(struct db *db, struct error *err)
{
	const struct dry_driver *driver = (const struct dry_driver *)db->driver;
	struct dry_connection *connection = arena_alloc(db->arena, sizeof(*connection));

	*connection = (struct dry_connection){
		.real = *db,
		.dry_run = driver->dry_run,
		.is_main = driver->dry_run->connections == 0,
		.pending = BUF_EMPTY(SIZE_MAX / 2),
	};
	connection->real.driver = driver->real;
	connection->real.dry_run = driver->dry_run;
	connection->real.handle = NULL;
	if (!driver->real->connection.open(&connection->real, err))
		return false;
	driver->dry_run->connections++;
	db->product = connection->real.product;
	db->server_version = connection->real.server_version;
	db->dry_run = driver->dry_run;
	db->pools_transactions = connection->real.pools_transactions;
	db->handle = connection;
	return true;
}

static void dry_close(struct db *db)
{
	struct dry_connection *connection = dry_connection_of(db);

	db->handle = NULL; /* first, because a signal handler reads it */
	if (connection == NULL)
		return;
	dry_rollback(connection);
	buf_release(&connection->pending);
	connection->dry_run->connections--;
	if (connection->dry_run->session_of == connection)
		connection->dry_run->session_of = NULL;
	if (connection->dry_run->path_of == connection)
		connection->dry_run->path_of = NULL;
	connection->real.driver->connection.close(&connection->real);
}

static bool dry_check_version(struct db *db, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);

	return connection->real.driver->connection.check_version(&connection->real, err) &&
	       dry_write_header(connection, err);
}

static bool dry_check_product(struct db *db, struct error *err)
{
	return db_check_product(&dry_connection_of(db)->real, err);
}

static void dry_cancel(struct db *db)
{
	struct dry_connection *connection = dry_connection_of(db);

	if (connection == NULL)
		return;
	connection->real.is_cancelled = 1;
	connection->real.driver->connection.cancel(&connection->real);
}

static void dry_explain(struct db *db, struct error *err)
{
	(void)db_explain(&dry_connection_of(db)->real, err);
}

/* Each transaction would run it again; the program that plays the file would do so once. */
static bool dry_set_locally(struct db *db, const struct statement *statement, struct error *err)
{
	(void)db;
	(void)statement;
	return error_set(err, ERROR_CONFIGURATION,
	                 "A dry run with initSql cannot use a connection pooler that lends a "
	                 "server for one transaction at a time: connect to the server directly");
}

/* Several commands of one call: the ones before may have made or dropped what is asked for. */
static void apply_state(const struct dry_run *dry_run, const char *schema, const char *table,
                        struct db_description *description)
{
	const struct dry_schema *touched = dry_schema_find(dry_run, schema);

	if (touched != NULL)
		description->default_schema_exists = touched->state != DRY_DROPPED;
	if (dry_history_is(dry_run, schema, table))
		description->history_exists = dry_run->history.exists;
}

static bool dry_describe(struct db *db, const char *default_schema, const char *table,
                         struct db_description *description, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	const struct db_file_methods *methods = connection->real.driver->file;
	struct dry_run *dry_run = connection->dry_run;
	const char *schema;
	bool ok = (connection->is_described || db->pools_transactions ||
	           dry_command(connection, methods->read_only, err)) &&
	          connection->real.driver->connection.describe(&connection->real, default_schema,
	                                                       table, description, err);

	connection->is_described = true;
	schema = default_schema != NULL ? default_schema : description->current_schema;
	if (connection->is_main && !dry_run->has_session) {
		dry_run->has_session = true;
		dry_prepare_role(connection);
		buf_append(&dry_run->session, buf_str(&connection->pending).ptr,
		           connection->pending.len);
		dry_write_text(connection, STR(""));
		dry_run->is_changed = false;
	}
	if (!ok || schema == NULL)
		return ok;
	if (connection->is_main)
		dry_find_history(connection, schema, table, description->history_exists);
	apply_state(dry_run, schema, table, description);
	return true;
}

/* --- cflyway's own SQL --------------------------------------------------------------------- */

/* Is sql the template with a table in it? */
static bool is_filled(const char *text, const char *sql, struct str *table)
{
	struct str whole = str_trim_right(str_of(text)), filled = str_of(sql);
	size_t at = str_find(whole, STR("%t"));
	struct str before = str_sub(whole, 0, at), after = str_sub(whole, at + 2, whole.len);

	if (filled.len < before.len + after.len || !str_starts(filled, before) ||
	    !str_ends(filled, after))
		return false;
	*table = str_sub(filled, before.len, filled.len - after.len);
	return true;
}

/* The time that it takes is not known, and two dry runs are to be the same. */
static void insert(struct dry_connection *connection, struct str table, const char *const *args)
{
	enum { COUNT_ARGS = 9, EXECUTION_TIME = 7 };
	const char *values[COUNT_ARGS];

	memcpy(values, args, sizeof(values));
	values[EXECUTION_TIME] = "0";
	dry_write_row(connection, connection->real.driver->catalog->history_insert, table, values,
	              "nttttntnb");
	dry_history_insert(connection->dry_run, values);
}

static bool delete (struct dry_connection *connection, struct str table, const char *const *args,
                    db_row_fn *row, void *ctx, struct error *err)
{
	static const int columns[] = {DRY_RANK, DRY_VERSION, DRY_SCRIPT};
	struct dry_run *dry_run = connection->dry_run;

	dry_write_row(connection, connection->real.driver->catalog->history_delete, table, args,
	              "ntt");
	for (size_t n = dry_history_delete(dry_run, args, columns, COUNT(columns)); n > 0; n--)
		if (row != NULL && !row(ctx, 1, args, err))
			return false;
	return true;
}

static bool is_history_ddl(const struct dry_history *history, const char *sql)
{
	for (size_t i = 0; i < history->ddl_n; i++)
		if (history->ddl[i] == sql)
			return true;
	return false;
}

/* Without its schema, the server would refuse the table. */
static bool create_history(struct db *db, const char *sql, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	const char *schema = connection->dry_run->history.schema;
	bool exists = true;

	if (schema != NULL && !db->driver->catalog->schema_exists(db, schema, &exists, err))
		return false;
	if (!exists && !connection->dry_run->has_objects)
		return error_set(err, ERROR_GENERAL, "Schema \"%s\" does not exist", schema);
	dry_write_command(connection, str_of(sql));
	dry_history_created(connection->dry_run);
	return true;
}

static bool dry_query(struct db *db, const char *sql, const char *const *args, size_t n,
                      db_row_fn *row, void *ctx, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	struct dry_run *dry_run = connection->dry_run;
	const struct db_catalog *catalog = connection->real.driver->catalog;
	struct str table;

	if (is_filled(catalog->history_select, sql, &table)) {
		if (!dry_history_select(dry_run, &connection->real, sql, args, row, ctx, err))
			return false;
		dry_write_guard(connection);
		return true;
	}
	db->affected = 1;
	if (is_filled(catalog->history_insert, sql, &table)) {
		insert(connection, table, args);
	} else if (is_filled(catalog->history_update, sql, &table)) {
		dry_write_row(connection, catalog->history_update, table, args, "ttnn");
		dry_history_update(dry_run, args);
	} else if (is_filled(catalog->history_delete_failed_version, sql, &table)) {
		dry_write_row(connection, catalog->history_delete_failed_version, table, args, "t");
		dry_history_delete_failed(dry_run, DRY_VERSION, args[0]);
	} else if (is_filled(catalog->history_delete_failed_description, sql, &table)) {
		dry_write_row(connection, catalog->history_delete_failed_description, table, args,
		              "t");
		dry_history_delete_failed(dry_run, DRY_DESCRIPTION, args[0]);
	} else if (is_filled(catalog->history_delete, sql, &table)) {
		if (!delete (connection, table, args, row, ctx, err))
			return false;
	} else if (is_history_ddl(&dry_run->history, sql)) {
		if (!create_history(db, sql, err))
			return false;
	} else {
		return connection->real.driver->connection.query(&connection->real, sql, args, n,
		                                                 row, ctx, err);
	}
	return sql_file_check(&dry_run->file, err);
}

/* --- scripts ------------------------------------------------------------------------------- */

static enum db_status start(struct db *db, const struct db_guard *guard)
{
	struct dry_connection *connection = dry_connection_of(db);
	const struct db_listener *listener = db->listener;

	if (guard->check_history && dry_history_last_rank(connection->dry_run) != guard->last_rank)
		return DB_HISTORY_CHANGED;
	dry_prepare(connection, guard);
	connection->sent = 0;
	db->failed_part = DB_PART_SCRIPT;
	if (listener != NULL && listener->started != NULL)
		listener->started(listener->ctx, 0);
	return DB_OK;
}

static enum db_status dry_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                        struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	enum db_status status;

	(void)lock;
	(void)err;
	dry_begin(connection, connection->real.driver->file->begin);
	status = start(db, guard);
	if (status != DB_OK)
		dry_rollback(connection);
	return status;
}

static enum db_status dry_prepare_guarded(struct db *db, const struct db_guard *guard,
                                          struct error *err)
{
	(void)err;
	return start(db, guard);
}

static bool dry_set_session_limits(struct db *db, const struct db_limits *limits, struct error *err)
{
	(void)err;
	dry_prepare_limits(dry_connection_of(db), limits, false);
	if (dry_connection_of(db)->tx == TX_IDLE)
		dry_write_text(dry_connection_of(db), STR("")); /* before BEGIN */
	return true;
}

static bool dry_lift_session_limits(struct db *db, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);

	if (!connection->has_limits)
		return true;
	dry_lift_limits(connection);
	dry_write_text(connection, STR(""));
	return sql_file_check(&connection->dry_run->file, err);
}

/* In a transaction, limits of the session have to wait: see pg_limits_end. */
static bool dry_restore_role(struct db *db, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);

	(void)err;
	if (connection->has_local_limits || connection->tx == TX_IDLE)
		dry_lift_limits(connection);
	return true;
}

/* The database executes it, or says why not: initSql, and what it refuses. */
static enum db_status pass_on(struct db *db, const struct statement *statement,
                              const struct db_listener *listener, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	struct db *real = &connection->real;
	enum db_status status;

	real->listener = listener;
	status = real->driver->script.send(real, statement, err);
	if (status == DB_OK)
		status = real->driver->script.sync(real, err);
	real->listener = NULL;
	return status;
}

static void complete(struct db *db)
{
	const struct db_listener *listener = db->listener;
	size_t index = dry_connection_of(db)->sent++;

	if (listener != NULL && listener->complete != NULL)
		listener->complete(listener->ctx, index, -1);
}

/* initSql decides what later reads see. It is in the file once, for all connections. */
static enum db_status send_init_sql(struct db *db, const struct statement *statement,
                                    struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);
	struct dry_run *dry_run = connection->dry_run;
	enum db_status status = DB_OK;

	db->failed_index = 0;
	if ((statement->flags & STATEMENT_TRANSACTION_CONTROL) == 0)
		status = dry_begin_reading(connection, err)
		                 ? dry_end_reading(connection,
		                                   pass_on(db, statement, db->listener, err), err)
		                 : DB_FAILED;
	if (status != DB_OK || !connection->is_main || dry_run->has_session)
		return status;
	dry_write_statement(connection, statement);
	struct buf copy = BUF_EMPTY(SIZE_MAX / 2);
	struct str text = dry_statement_text(connection, statement, &copy);

	buf_append(&dry_run->session, text.ptr, text.len);
	buf_add(&dry_run->session, "\n;\n");
	buf_release(&copy);
	return DB_OK;
}

/* The database would refuse it, and the program that plays the file would execute it. */
static bool check_client_command(struct dry_connection *connection,
                                 const struct statement *statement, struct error *err)
{
	const struct db_file_methods *methods = connection->real.driver->file;

	if (methods->has_client_command == NULL ||
	    !methods->has_client_command((struct str){statement->text, statement->len}))
		return true;

	const char *message =
		arena_printf(connection->real.arena,
	                     "syntax error: %s would take a part of this statement for a command "
	                     "of its own",
	                     methods->client);
	const struct sql_failure failure = {.message = message};

	return error_set_sql(err, ERROR_GENERAL, &failure, "%s", message);
}

static enum db_status dry_send(struct db *db, const struct statement *statement, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);

	if (!connection->is_described)
		return send_init_sql(db, statement, err);
	db->failed_index = connection->sent;
	if (!check_client_command(connection, statement, err))
		return DB_FAILED;
	if ((statement->flags & STATEMENT_COPY_OUT) != 0 || dry_may_be_refused(statement->text)) {
		enum db_status status = pass_on(db, statement, NULL, err);

		if (status != DB_OK)
			return status;
	}
	dry_write_statement(connection, statement);
	if (!sql_file_check(&connection->dry_run->file, err))
		return DB_FAILED;
	complete(db);
	return DB_OK;
}

static enum db_status dry_copy(struct db *db, const struct statement *statement,
                               struct splitter *rows, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);

	db->failed_index = connection->sent;
	if (!check_client_command(connection, statement, err) ||
	    !dry_write_copy(connection, statement, rows, err) ||
	    !sql_file_check(&connection->dry_run->file, err))
		return DB_FAILED;
	complete(db);
	return DB_OK;
}

static enum db_status dry_sync(struct db *db, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);

	(void)err;
	if (connection->is_batch)
		dry_commit(connection);
	connection->sent = 0;
	return DB_OK;
}

/* --- transactions -------------------------------------------------------------------------- */

static bool dry_begin_own(struct db *db, struct error *err)
{
	(void)err;
	dry_begin(dry_connection_of(db), "BEGIN");
	return true;
}

static bool dry_commit_own(struct db *db, struct error *err)
{
	dry_commit(dry_connection_of(db));
	return sql_file_check(&db->dry_run->file, err);
}

static void dry_rollback_own(struct db *db)
{
	dry_rollback(dry_connection_of(db));
}

static enum tx_status dry_tx_status(struct db *db)
{
	return dry_connection_of(db)->tx;
}

static bool dry_ensure_writable(struct db *db, bool *committed, struct error *err)
{
	struct dry_connection *connection = dry_connection_of(db);

	(void)err;
	*committed = connection->makes_read_only;
	connection->makes_read_only = false;
	if (!*committed)
		return true;
	dry_commit(connection);
	dry_begin(connection, "BEGIN READ WRITE");
	return true;
}

/* --- locks --------------------------------------------------------------------------------- */

static bool dry_try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                         struct error *err)
{
	(void)db, (void)kind, (void)name, (void)err;
	*taken = true;
	return true;
}

static bool dry_has_lock(struct db *db, const char *name, bool *held, struct error *err)
{
	(void)db, (void)name, (void)err;
	*held = true;
	return true;
}

/* ------------------------------------------------------------------------------------------- */

void dry_driver_init(struct dry_driver *driver, const struct db_driver *real,
                     struct dry_run *dry_run)
{
	*driver = (struct dry_driver){
		.driver = *real,
		.catalog = *real->catalog,
		.real = real,
		.dry_run = dry_run,
	};
	driver->driver.catalog = &driver->catalog;
	driver->driver.connection = (struct db_connection_methods){
		.open = dry_open,
		.close = dry_close,
		.check_version = dry_check_version,
		.check_product = dry_check_product,
		.describe = dry_describe,
		.query = dry_query,
		.cancel = dry_cancel,
		.find_pooler = db_default_find_pooler, /* open has looked */
		.set_locally = dry_set_locally,
		.explain = dry_explain,
	};
	driver->driver.script = (struct db_script_methods){
		.begin_guarded = dry_begin_guarded,
		.prepare_guarded = dry_prepare_guarded,
		.send = dry_send,
		.copy = dry_copy,
		.sync = dry_sync,
		.find_conflict = real->script.find_conflict,
		.set_limits = dry_set_session_limits,
		.lift_limits = dry_lift_session_limits,
		.find_leftovers = db_default_find_leftovers,
		.describe_batch = real->script.describe_batch,
	};
	driver->driver.transaction = (struct db_transaction_methods){
		.begin = dry_begin_own,
		.commit = dry_commit_own,
		.rollback = dry_rollback_own,
		.status = dry_tx_status,
		.ensure_writable = dry_ensure_writable,
		/* the role is there whenever cflyway's own SQL is written */
		.restore_role = dry_restore_role,
	};
	driver->driver.lock = (struct db_lock_methods){
		.try = dry_try_lock,
		.release = dry_has_lock,
		.is_held = dry_has_lock,
		.holder = db_default_lock_holder,
	};
	driver->driver.durability = (struct db_durability_methods){
		.commit_row = db_default_commit_row,
		.may_flush_later = db_default_may_flush_later,
		.flush = db_default_flush,
	};
	dry_catalog_init(&driver->catalog);
}
