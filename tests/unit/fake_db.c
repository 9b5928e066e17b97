/* SPDX-License-Identifier: Apache-2.0 */
/* fake_db.c - a database in memory, for tests of what stands above the drivers */
#include "fake_db.h"

static struct fake_db *fake_of(struct db *db)
{
	return (struct fake_db *)db->handle;
}

static void record(struct fake_db *fake, const char *what, const char *detail)
{
	str_list_add(fake->db.arena, &fake->calls,
	             *detail ? arena_printf(fake->db.arena, "%s %s", what, detail) : what);
}

static bool fail(struct error *err)
{
	const struct sql_failure failure = {.state = "42601", .message = "ERROR: fake failure"};

	return error_set_sql(err, ERROR_DB_CONNECTION, &failure, "%s", failure.message);
}

static const char *keep(struct fake_db *fake, const char *text)
{
	return text != NULL ? arena_strdup(fake->db.arena, text) : NULL;
}

/* --- the history table --------------------------------------------------------------------- */

static int last_rank(const struct fake_db *fake)
{
	return fake->n > 0 ? (int)strtol(fake->rows[fake->n - 1].values[0], NULL, 10) : -1;
}

static struct fake_row *new_row(struct fake_db *fake)
{
	fake->rows = arena_grow(fake->db.arena, fake->rows, fake->n, sizeof(*fake->rows));
	fake->rows[fake->n] = (struct fake_row){0};
	return &fake->rows[fake->n++];
}

static void insert(struct fake_db *fake, const char *const *args)
{
	/* from the order of history_insert to that of history_select */
	static const size_t columns[] = {0, 1, 2, 3, 4, 5, 7, 8, 9};
	struct fake_row *row = new_row(fake);

	for (size_t i = 0; i < COUNT(columns); i++)
		row->values[columns[i]] = keep(fake, args[i]);
	row->values[6] = "2026-01-02 03:04:05";
	record(fake, "INSERT", args[0]);
}

static void update(struct fake_db *fake, const char *const *args)
{
	for (size_t i = 0; i < fake->n; i++) {
		if (strcmp(fake->rows[i].values[0], args[3]) != 0)
			continue;
		fake->rows[i].values[2] = keep(fake, args[0]);
		fake->rows[i].values[3] = keep(fake, args[1]);
		fake->rows[i].values[5] = keep(fake, args[2]);
	}
	record(fake, "UPDATE", args[3]);
}

static void delete_failed(struct fake_db *fake, size_t column, const char *value)
{
	size_t kept = 0;

	for (size_t i = 0; i < fake->n; i++) {
		const char *const *values = fake->rows[i].values;
		bool goes = values[9][0] == '0' && values[column] != NULL &&
		            strcmp(values[column], value) == 0;

		if (!goes)
			fake->rows[kept++] = fake->rows[i];
	}
	fake->n = kept;
	record(fake, "DELETE", value);
}

static bool query(struct db *db, const char *sql, const char *const *args, size_t n, db_row_fn *row,
                  void *ctx, struct error *err)
{
	struct fake_db *fake = fake_of(db);

	(void)n;
	if (str_starts(str_of(sql), STR("insert"))) {
		insert(fake, args);
	} else if (str_starts(str_of(sql), STR("update"))) {
		update(fake, args);
	} else if (str_starts(str_of(sql), STR("delete version"))) {
		delete_failed(fake, 1, args[0]);
	} else if (str_starts(str_of(sql), STR("delete description"))) {
		delete_failed(fake, 2, args[0]);
	} else if (str_starts(str_of(sql), STR("create"))) {
		fake->has_table = true;
		record(fake, "CREATE", "history");
	} else if (str_starts(str_of(sql), STR("select"))) {
		record(fake, "SELECT", args[0]);
		for (size_t i = 0; i < fake->n; i++) {
			const char *const *values = fake->rows[i].values;

			if (strtol(values[0], NULL, 10) > strtol(args[0], NULL, 10) &&
			    !row(ctx, FAKE_COLUMNS, values, err))
				return false;
		}
	}
	return true;
}

/* --- transactions and scripts -------------------------------------------------------------- */

static bool begin(struct db *db, struct error *err)
{
	struct fake_db *fake = fake_of(db);

	(void)err;
	record(fake, "BEGIN", "");
	fake->in_transaction = true;
	fake->rows_at_begin = fake->n;
	return true;
}

static bool commit(struct db *db, struct error *err)
{
	struct fake_db *fake = fake_of(db);

	(void)err;
	record(fake, "COMMIT", "");
	fake->in_transaction = false;
	return true;
}

static void rollback(struct db *db)
{
	struct fake_db *fake = fake_of(db);

	if (!fake->in_transaction)
		return;
	record(fake, "ROLLBACK", "");
	fake->in_transaction = fake->has_failed = false;
	if (fake->n > fake->rows_at_begin)
		fake->n = fake->rows_at_begin;
}

static enum tx_status tx_status(struct db *db)
{
	const struct fake_db *fake = fake_of(db);

	if (!fake->in_transaction)
		return TX_IDLE;
	return fake->has_failed ? TX_FAILED : TX_ACTIVE;
}

static bool take_lock(struct fake_db *fake)
{
	record(fake, "LOCK", "");
	if (fake->busy_tries == 0)
		return true;
	fake->busy_tries--;
	return false;
}

static bool try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                     struct error *err)
{
	struct fake_db *fake = fake_of(db);

	(void)name;
	(void)err;
	*taken = take_lock(fake);
	fake->session_lock |= *taken && kind == LOCK_SESSION;
	return true;
}

static bool has_lock(struct db *db, const char *name, bool *held, struct error *err)
{
	(void)name;
	(void)err;
	*held = fake_of(db)->session_lock;
	return true;
}

static bool unlock(struct db *db, const char *name, bool *held, struct error *err)
{
	struct fake_db *fake = fake_of(db);

	record(fake, "UNLOCK", "");
	has_lock(db, name, held, err);
	fake->session_lock = false;
	return true;
}

static enum db_status prepare_guarded(struct db *db, const struct db_guard *guard,
                                      struct error *err)
{
	struct fake_db *fake = fake_of(db);

	(void)err;
	fake->sent = 0;
	if (guard->check_history &&
	    (++fake->checks == fake->change_at || last_rank(fake) != guard->last_rank))
		return DB_HISTORY_CHANGED;
	if (db->listener != NULL && db->listener->started != NULL)
		db->listener->started(db->listener->ctx, 0);
	return DB_OK;
}

static enum db_status begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                    struct error *err)
{
	enum db_status status;

	begin(db, err);
	status = lock && !take_lock(fake_of(db)) ? DB_LOCK_BUSY : prepare_guarded(db, guard, err);
	if (status != DB_OK)
		rollback(db);
	return status;
}

static enum db_status send_statement(struct db *db, const struct statement *statement,
                                     struct error *err)
{
	struct fake_db *fake = fake_of(db);

	db->failed_index = fake->sent++;
	record(fake, "SEND", arena_strndup(db->arena, statement->text, statement->len));
	if (++fake->sends == fake->fail_at) {
		fake->has_failed = fake->in_transaction;
		fail(err);
		return DB_FAILED;
	}
	if (db->listener != NULL && db->listener->complete != NULL)
		db->listener->complete(db->listener->ctx, db->failed_index, 0);
	return DB_OK;
}

static enum db_status finish(struct db *db, struct error *err)
{
	(void)err;
	fake_of(db)->sent = 0;
	return DB_OK;
}

/* --- schemas ------------------------------------------------------------------------------- */

static bool describe(struct db *db, const char *default_schema, const char *table,
                     struct db_description *description, struct error *err)
{
	struct fake_db *fake = fake_of(db);

	(void)default_schema;
	(void)table;
	(void)err;
	*description = (struct db_description){
		.user = "me",
		.database = "fake",
		.search_path = "\"$user\", public",
		.current_schema = "public",
		.history_exists = fake->has_table,
		.default_schema_exists = !fake->schema_missing,
	};
	return true;
}

static bool schema_exists(struct db *db, const char *schema, bool *exists, struct error *err)
{
	(void)schema;
	(void)err;
	*exists = !fake_of(db)->schema_missing;
	return true;
}

static bool schema_empty(struct db *db, const char *schema, bool *empty, struct error *err)
{
	(void)schema;
	(void)err;
	*empty = !fake_of(db)->has_objects && !fake_of(db)->has_table;
	return true;
}

static bool create_schema(struct db *db, const char *schema, struct error *err)
{
	(void)err;
	record(fake_of(db), "CREATE SCHEMA", schema);
	fake_of(db)->schema_missing = false;
	return true;
}

static bool drop_schema(struct db *db, const char *schema, struct error *err)
{
	(void)err;
	record(fake_of(db), "DROP SCHEMA", schema);
	return true;
}

static bool clean_schema(struct db *db, const char *schema, struct error *err)
{
	(void)err;
	record(fake_of(db), "CLEAN", schema);
	fake_of(db)->has_table = fake_of(db)->has_objects = false;
	fake_of(db)->n = 0;
	return true;
}

static bool table_exists(struct db *db, const char *schema, const char *table, bool *exists,
                         struct error *err)
{
	(void)schema;
	(void)table;
	(void)err;
	*exists = fake_of(db)->has_table;
	return true;
}

static const char *const *history_ddl(struct arena *arena, const char *schema, const char *table,
                                      const char *tablespace, size_t *n)
{
	static const char *const ddl[] = {"create"};

	(void)arena;
	(void)schema;
	(void)table;
	(void)tablespace;
	*n = COUNT(ddl);
	return ddl;
}

static const struct db_catalog fake_catalog = {
	.schema_exists = schema_exists,
	.schema_empty = schema_empty,
	.create_schema = create_schema,
	.drop_schema = drop_schema,
	.clean_schema = clean_schema,
	.table_exists = table_exists,
	.history_ddl = history_ddl,
	.history_insert = "insert",
	.history_select = "select",
	.history_update = "update",
	.history_delete_failed_version = "delete version",
	.history_delete_failed_description = "delete description",
};

static const struct db_driver fake_driver = {
	.name = "Fake",
	.scheme = "jdbc:fake:",
	.java_class = "fake.Driver",
	.dialect = &dialect_postgres,
	.catalog = &fake_catalog,
	.has_transactional_lock = true,
	.connection =
		{
			.check_version = db_default_check_version,
			.describe = describe,
			.query = query,
		},
	.script =
		{
			.begin_guarded = begin_guarded,
			.prepare_guarded = prepare_guarded,
			.send = send_statement,
			.copy = db_default_copy,
			.sync = finish,
		},
	.transaction =
		{
			.begin = begin,
			.commit = commit,
			.rollback = rollback,
			.status = tx_status,
			.ensure_writable = db_default_ensure_writable,
			.restore_role = db_default_restore_role,
		},
	.lock =
		{
			.try = try_lock,
			.release = unlock,
			.is_held = has_lock,
			.holder = db_default_lock_holder,
		},
	.durability =
		{
			.commit_row = db_default_commit_row,
			.may_flush_later = db_default_may_flush_later,
			.flush = db_default_flush,
		},
};

void fake_db_open(struct fake_db *fake, struct arena *arena, const struct settings *settings,
                  const struct log *log)
{
	*fake = (struct fake_db){
		.db =
			{
				.driver = &fake_driver,
				.arena = arena,
				.settings = settings,
				.log = log,
				.url = "jdbc:fake:",
			},
	};
	fake->db.handle = fake;
}

void fake_db_add_row(struct fake_db *fake, const char *version, const char *description,
                     const char *script, const char *checksum)
{
	struct fake_row *row;
	const char *rank =
		arena_printf(fake->db.arena, "%d", last_rank(fake) < 0 ? 1 : last_rank(fake) + 1);

	row = new_row(fake);
	*row = (struct fake_row){{rank, version, description, "SQL", script, checksum,
	                          "2026-01-02 03:04:05", "me", "7", "1"}};
	fake->has_table = true;
}
