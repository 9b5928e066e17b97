/* SPDX-License-Identifier: Apache-2.0 */
/* fake_driver.c - a database in memory: connections, transactions, the lock */
#include "fake_connection.h"

#include <check.h>

/* --- the connection ------------------------------------------------------------------------ */

static bool fake_open(struct db *db, struct error *err)
{
	struct fake_db *fake = (struct fake_db *)(uintptr_t)db->driver;
	struct fake_connection *connection = arena_alloc(fake->arena, sizeof(*connection));

	*connection = (struct fake_connection){.fake = fake, .db = db, .number = ++fake->opened};
	if (!fake_enter(connection, "OPEN", "", err) || !fake_leave(connection, err)) {
		fake->closed++;
		return false;
	}
	if (fake->first == NULL)
		fake->first = db;
	db->handle = connection;
	db->product = "Fake 1.0";
	db->server_version = 15;
	return true;
}

static void fake_close(struct db *db)
{
	struct fake_connection *connection = fake_connection_of(db);
	struct error ignored = ERROR_INIT(db->arena);

	ck_assert_msg(connection != NULL, "a connection is closed twice");
	(void)!fake_enter(connection, "CLOSE", "", &ignored);
	connection->has_session_lock = false;
	fake_end_transaction(connection, false);
	connection->fake->closed++;
	if (connection->fake->first == db)
		connection->fake->first = NULL;
	db->handle = NULL;
}

static bool fake_check_version(struct db *db, struct error *err)
{
	return fake_enter(fake_connection_of(db), "VERSION", "", err) &&
	       fake_leave(fake_connection_of(db), err);
}

static bool fake_check_product(struct db *db, struct error *err)
{
	return fake_enter(fake_connection_of(db), "PRODUCT", "", err) &&
	       fake_leave(fake_connection_of(db), err);
}

static void fake_cancel(struct db *db)
{
	struct error ignored = ERROR_INIT(db->arena);

	(void)!fake_enter(fake_connection_of(db), "CANCEL", "", &ignored);
}

/* --- transactions and the lock ------------------------------------------------------------- */

bool fake_begin_transaction(struct fake_connection *connection, struct error *err)
{
	ck_assert_msg(!connection->in_transaction, "BEGIN in a transaction");
	if (!fake_enter(connection, "BEGIN", "", err))
		return false;
	connection->in_transaction = true;
	return fake_leave(connection, err);
}

bool fake_commit_transaction(struct fake_connection *connection, const char *flush,
                             struct error *err)
{
	bool has_failed = connection->has_failed;

	ck_assert_msg(connection->in_transaction || connection->is_lost,
	              "COMMIT outside of a transaction");
	if (!fake_enter(connection, "COMMIT", flush, err)) {
		fake_end_transaction(connection, false);
		return false;
	}
	fake_end_transaction(connection, !has_failed);
	return fake_leave(connection, err) &&
	       (!has_failed ||
	        fake_refuse(connection, "25P02",
	                    "The database returned ROLLBACK, so the transaction cannot be "
	                    "committed.",
	                    err));
}

void fake_roll_back(struct fake_connection *connection)
{
	struct error ignored = ERROR_INIT(connection->fake->arena);

	connection->queued = 0;
	if (!connection->in_transaction)
		return;
	(void)!fake_enter(connection, "ROLLBACK", "", &ignored);
	fake_end_transaction(connection, false);
	(void)!fake_leave(connection, &ignored);
}

static bool is_free(struct fake_connection *connection)
{
	struct fake_db *fake = connection->fake;

	if (++fake->lock_tries == fake->busy_at)
		return false;
	if (fake->busy_tries > 0) {
		fake->busy_tries--;
		return false;
	}
	return fake->lock_owner == 0 || fake->lock_owner == connection->number;
}

bool fake_take_lock(struct fake_connection *connection, enum lock_kind kind, bool *taken,
                    struct error *err)
{
	ck_assert_msg(kind == LOCK_SESSION || connection->in_transaction || connection->is_lost,
	              "LOCK outside of a transaction");
	if (!fake_enter(connection, "LOCK", kind == LOCK_SESSION ? "session" : "", err))
		return false;
	*taken = is_free(connection);
	if (*taken) {
		connection->fake->lock_owner = connection->number;
		connection->has_session_lock |= kind == LOCK_SESSION;
	}
	return fake_leave(connection, err);
}

bool fake_drop_session_lock(struct fake_connection *connection)
{
	bool held = connection->has_session_lock;

	connection->has_session_lock = false;
	if (held)
		connection->fake->lock_owner = 0;
	return held;
}

static bool fake_begin(struct db *db, struct error *err)
{
	return fake_await(fake_connection_of(db), err) &&
	       fake_begin_transaction(fake_connection_of(db), err);
}

static bool fake_commit(struct db *db, struct error *err)
{
	return fake_await(fake_connection_of(db), err) &&
	       fake_commit_transaction(fake_connection_of(db), "", err);
}

static void fake_rollback(struct db *db)
{
	fake_roll_back(fake_connection_of(db));
}

static enum tx_status fake_status(struct db *db)
{
	const struct fake_connection *connection = fake_connection_of(db);

	if (connection->is_lost)
		return TX_LOST;
	if (!connection->in_transaction)
		return TX_IDLE;
	return connection->has_failed ? TX_FAILED : TX_ACTIVE;
}

static bool fake_ensure_writable(struct db *db, bool *committed, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	*committed = false;
	if (!fake_enter(connection, "WRITABLE", "", err) || !fake_leave(connection, err))
		return false;
	if (!connection->is_read_only)
		return true;
	if (!fake_commit_transaction(connection, "", err)) {
		*committed = connection->is_lost;
		return false;
	}
	*committed = true;
	return fake_begin_transaction(connection, err);
}

static bool trial_call(struct db *db, const char *call, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	if (!fake_await(connection, err) || !fake_enter(connection, call, "", err))
		return false;
	return fake_leave(connection, err);
}

static bool fake_trial_begin(struct db *db, const struct db_trial_limits *limits, struct error *err)
{
	(void)limits;
	return fake_begin(db, err);
}

static bool fake_trial_savepoint(struct db *db, struct error *err)
{
	if (!trial_call(db, "SAVEPOINT", err))
		return false;
	fake_connection_of(db)->savepoint = fake_connection_of(db)->fake->store.n;
	return true;
}

static bool fake_trial_release(struct db *db, struct error *err)
{
	return trial_call(db, "RELEASE", err);
}

static void fake_trial_rollback_to(struct db *db)
{
	struct fake_connection *connection = fake_connection_of(db);
	struct error ignored = ERROR_INIT(db->arena);

	connection->queued = 0;
	connection->has_failed = false;
	if (fake_enter(connection, "ROLLBACK TO", "", &ignored))
		fake_store_roll_back_to(&connection->fake->store, connection->number,
		                        connection->savepoint);
}

static bool fake_restore_role(struct db *db, struct error *err)
{
	fake_connection_of(db)->has_session_limits &= fake_connection_of(db)->in_transaction;
	return fake_await(fake_connection_of(db), err) &&
	       fake_enter(fake_connection_of(db), "ROLE", "", err) &&
	       fake_leave(fake_connection_of(db), err);
}

static bool fake_try(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                     struct error *err)
{
	(void)name;
	return fake_await(fake_connection_of(db), err) &&
	       fake_take_lock(fake_connection_of(db), kind, taken, err);
}

static bool fake_release(struct db *db, const char *name, bool *held, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	(void)name;
	if (!fake_await(connection, err) || !fake_enter(connection, "UNLOCK", "", err))
		return false;
	*held = fake_drop_session_lock(connection);
	return fake_leave(connection, err);
}

static bool fake_is_held(struct db *db, const char *name, bool *held, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	(void)name;
	if (!fake_await(connection, err) || !fake_enter(connection, "HELD", "", err))
		return false;
	*held = connection->has_session_lock;
	return fake_leave(connection, err);
}

static const char *fake_holder(struct db *db, const char *name, int64_t *process)
{
	struct error ignored = ERROR_INIT(db->arena);

	(void)name;
	*process = fake_connection_of(db)->fake->lock_process;
	(void)!fake_enter(fake_connection_of(db), "HOLDER", "", &ignored);
	return fake_connection_of(db)->fake->lock_holder;
}

/* --- the disk ------------------------------------------------------------------------------ */

static bool fake_may_flush_later(struct db *db, bool *may, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	*may = false;
	if (!fake_enter(connection, "LATER", "", err))
		return false;
	*may = connection->fake->may_flush_later;
	return fake_leave(connection, err);
}

static bool fake_flush(struct db *db, struct error *err)
{
	return fake_enter(fake_connection_of(db), "FLUSH", "", err) &&
	       fake_leave(fake_connection_of(db), err);
}

/* ------------------------------------------------------------------------------------------- */

static void describe_batch(struct arena *arena, const struct batch_entry *entry,
                           struct sql_failure *sql, const char **cause)
{
	(void)cause;
	sql->batch =
		arena_printf(arena, "entry %zu %s: %s", entry->number, entry->text, sql->message);
}

static const char *library_version(void)
{
	return "1.0";
}

const struct db_driver fake_driver = {
	.name = "Fake",
	.scheme = "jdbc:fake:",
	.java_class = "fake.Driver",
	.library = "libfake",
	.library_version = library_version,
	.dialect = &dialect_postgres,
	.catalog = &fake_catalog,
	.file = &fake_file_methods,
	.makes_schemas = true,
	.has_transactional_lock = true,
	.failure_ends_transaction = true,
	.connection =
		{
			.open = fake_open,
			.close = fake_close,
			.check_version = fake_check_version,
			.check_product = fake_check_product,
			.describe = fake_describe,
			.query = fake_query,
			.cancel = fake_cancel,
			.find_pooler = fake_find_pooler,
			.set_locally = db_default_set_locally,
			.explain = db_default_explain,
		},
	.script =
		{
			.begin_guarded = fake_begin_guarded,
			.prepare_guarded = fake_prepare_guarded,
			.send = fake_send,
			.copy = fake_copy,
			.sync = fake_sync,
			.find_conflict = fake_find_conflict,
			.set_limits = fake_set_limits,
			.lift_limits = fake_lift_limits,
			.find_leftovers = db_default_find_leftovers,
			.describe_batch = describe_batch,
		},
	.transaction =
		{
			.begin = fake_begin,
			.commit = fake_commit,
			.rollback = fake_rollback,
			.status = fake_status,
			.ensure_writable = fake_ensure_writable,
			.restore_role = fake_restore_role,
		},
	.lock =
		{
			.try = fake_try,
			.release = fake_release,
			.is_held = fake_is_held,
			.holder = fake_holder,
		},
	.durability =
		{
			.can_queue_commit = false,
			.commit_row = fake_commit_row,
			.may_flush_later = fake_may_flush_later,
			.flush = fake_flush,
		},
	.trial =
		{
			.begin = fake_trial_begin,
			.end = fake_rollback,
			.savepoint = fake_trial_savepoint,
			.note = db_default_trial_note,
			.release = fake_trial_release,
			.rollback_to = fake_trial_rollback_to,
		},
};
