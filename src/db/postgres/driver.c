/* SPDX-License-Identifier: Apache-2.0 */
/* driver.c - the PostgreSQL driver: its table, transactions, what is said about versions */
#include "../drivers.h"
#include "catalog.h"
#include "causes.h"
#include "commit.h"
#include "copy.h"
#include "dry_run.h"
#include "errors.h"
#include "begin.h"
#include "handle.h"
#include "invalid_indexes.h"
#include "limits.h"
#include "listener.h"
#include "local_settings.h"
#include "lock.h"
#include "other_products.h"
#include "pgjdbc_refusals.h"
#include "pipeline.h"
#include "pooler.h"
#include "query.h"
#include "send.h"
#include "trial.h"

static bool pg_open(struct db *db, struct error *err)
{
	struct postgres *pg = pg_new(db);

	if (libpq_open(&pg->pq, err) && pg_start(pg, err) && pg_make_read_only(pg, err))
		return true;
	db->handle = NULL;
	pg_release(pg);
	return false;
}

static void pg_close(struct db *db)
{
	struct postgres *pg = postgres_of(db);

	db->handle = NULL; /* first: a signal handler looks here */
	if (pg != NULL)
		pg_release(pg);
}

static bool has_init_sql(const struct db *db)
{
	const char *init_sql = db->settings->init_sql;

	return init_sql != NULL && init_sql[0] != '\0';
}

/* DIFFERS: up to 9.6, Flyway says that its vendor does not support the server in this edition. */
static bool pg_check_version(struct db *db, struct error *err)
{
	enum { OLDEST = 9, NEWEST_VERIFIED = 18 };
	struct postgres *pg = postgres_of(db);
	const char *product = pg_product_announced(pg);

	for (size_t i = 0; i < pg->ignored.n; i++)
		log_cflyway(db->log, "%s", pg->ignored.items[i]);
	if (product != NULL)
		return pg_refuse_product(product, err);
	if (db->server_version < OLDEST)
		return error_set(
			err, ERROR_GENERAL,
			"PostgreSQL upgrade required: %s is outdated and no longer "
			"supported by Flyway. Flyway currently supports PostgreSQL 9.0 and "
			"newer.",
			db->product);
	/* initSql comes before everything else that is asked, and may change the database. */
	if (has_init_sql(db) && !pg_ask_product(pg, err))
		return false;
	if (db->server_version > NEWEST_VERIFIED)
		log_warn(db->log,
		         "Using %s which is newer than the version Flyway has been verified with. "
		         "The latest verified version of PostgreSQL is %d.",
		         db->product, NEWEST_VERIFIED);
	return true;
}

static bool pg_check_product(struct db *db, struct error *err)
{
	return has_init_sql(db) || pg_ask_product(postgres_of(db), err); /* checked already */
}

static bool pg_begin(struct db *db, struct error *err)
{
	postgres_of(db)->timeouts_set_aside = false;
	pg_limits_forget_local(postgres_of(db));
	return pg_command(postgres_of(db), pg_begin_sql(postgres_of(db)), err);
}

static enum tx_status pg_tx_status(struct db *db)
{
	struct postgres *pg = postgres_of(db);

	if (pg->is_unusable || pg->pq.status(pg->conn) == CONNECTION_BAD)
		return TX_LOST;
	switch (pg->pq.transaction_status(pg->conn)) {
	case PQTRANS_IDLE:
		return TX_IDLE;
	case PQTRANS_INTRANS:
	case PQTRANS_ACTIVE:
		return TX_ACTIVE;
	case PQTRANS_INERROR:
		return TX_FAILED;
	case PQTRANS_UNKNOWN:
		break;
	}
	return TX_LOST;
}

static bool pg_commit(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	PGresult *result = pg_exec(pg, "COMMIT");
	bool ok = pg->pq.result_status(result) == PGRES_COMMAND_OK;

	if (!ok)
		pg_fail(pg, result, err);
	else if (strcmp(pg->pq.cmd_status(result), "ROLLBACK") == 0)
		ok = pg_fail_text(err, "25P02", pg_rolled_back);
	pg->pq.clear(result);
	return ok;
}

static bool pg_ensure_writable(struct db *db, bool *committed, struct error *err)
{
	bool is_read_only;

	if (!db_query_bool(db, "SELECT current_setting('transaction_read_only')::bool", NULL, 0,
	                   &is_read_only, err))
		return false;
	if (!is_read_only)
		return true;
	if (!pg_commit(db, err)) {
		*committed = pg_tx_status(db) == TX_LOST;
		return false;
	}
	*committed = true;
	return pg_command(postgres_of(db), "BEGIN READ WRITE", err);
}

static void pg_rollback(struct db *db)
{
	struct postgres *pg = postgres_of(db);
	struct error ignored = ERROR_INIT(db->arena);

	(void)!pg_pipeline_finish(pg, &ignored);
	enum tx_status status = pg_tx_status(db);

	if (status == TX_ACTIVE || status == TX_FAILED)
		pg->pq.clear(pg_exec(pg, "ROLLBACK"));
	pg_limits_forget_local(pg);
}

static bool pg_restore_role(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);

	(void)err;
	/* Behind a pooler each transaction has its own role. */
	if (!db->pools_transactions || pg_tx_status(db) != TX_IDLE)
		pg->role = PG_ROLE_TO_RESTORE; /* in one batch with what follows */
	return true;
}

static bool pg_set_limits(struct db *db, const struct db_limits *limits, struct error *err)
{
	const char *set = pg_limits_begin(postgres_of(db), limits, false);

	return set == NULL || pg_command(postgres_of(db), set, err);
}

static bool pg_lift_limits(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	const char *lift = pg_limits_lift(pg);

	if (lift == NULL || db_tx_status(db) == TX_LOST)
		return true;
	if (!pg_command(pg, lift, err))
		return false;
	if (pg_limits_end(pg) != NULL) /* not yet, if SET LOCAL may hide them */
		pg_limits_lifted(pg);
	return true;
}

static void pg_cancel_running(struct db *db)
{
	struct postgres *pg = postgres_of(db);

	if (pg != NULL && pg->cancel != NULL) {
		char ignored[256];

		pg->pq.cancel(pg->cancel, ignored, sizeof(ignored));
	}
}

const struct db_driver db_postgres = {
	.name = "PostgreSQL",
	.scheme = "jdbc:postgresql:",
	.java_class = "org.postgresql.Driver",
	.library = "libpq",
	.library_version = libpq_version,
	.tls_version = libpq_tls_version,
	.makes_schemas = true,
	.has_transactional_lock = true,
	.has_atomic_batches = true,
	.failure_ends_transaction = true,
	.dialect = &dialect_postgres,
	.catalog = &pg_catalog,
	.file = &pg_file_methods,
	.connection =
		{
			.open = pg_open,
			.close = pg_close,
			.check_version = pg_check_version,
			.check_product = pg_check_product,
			.describe = pg_describe,
			.query = pg_query,
			.cancel = pg_cancel_running,
			.find_pooler = pg_find_pooler,
			.set_locally = pg_set_locally,
			.explain = pg_explain,
		},
	.script =
		{
			.begin_guarded = pg_begin_guarded,
			.prepare_guarded = pg_prepare_guarded,
			.send = pg_send,
			.copy = pg_copy,
			.sync = pg_sync,
			.find_conflict = pg_find_conflict,
			.set_limits = pg_set_limits,
			.lift_limits = pg_lift_limits,
			.find_leftovers = pg_find_leftovers,
			.describe_batch = pg_describe_batch,
		},
	.transaction =
		{
			.begin = pg_begin,
			.commit = pg_commit,
			.rollback = pg_rollback,
			.status = pg_tx_status,
			.ensure_writable = pg_ensure_writable,
			.restore_role = pg_restore_role,
		},
	.lock =
		{
			.try = pg_try_lock,
			.release = pg_unlock,
			.is_held = pg_has_lock,
			.holder = pg_lock_holder,
		},
	.durability =
		{
			.can_queue_commit = true,
			.commit_row = pg_commit_row,
			.may_flush_later = pg_may_flush_later,
			.flush = pg_flush,
		},
	.trial =
		{
			.sql = &pg_trial_sql,
			.begin = pg_trial_begin,
			.end = pg_trial_end,
			.savepoint = pg_trial_savepoint,
			.note = pg_trial_note,
			.release = pg_trial_release,
			.rollback_to = pg_trial_rollback_to,
		},
};
