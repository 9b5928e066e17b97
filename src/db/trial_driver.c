/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_driver.c - a driver around a driver: BEGIN, COMMIT and ROLLBACK become savepoints
 *
 * The handle stays that of the inner driver, so that its methods work on the same struct db; those
 * that begin or end a transaction, or hold a lock beyond one, are replaced.
 */
#include "cflyway/db/trial.h"

#include "cflyway/db/driver.h"

/* base is what db->driver points to. */
struct trial_driver {
	struct db_driver base;
	const struct db_driver *inner;
	bool is_open; /* a transaction, as the callers see it */
};

static struct trial_driver *trial_of(const struct db *db)
{
	return (struct trial_driver *)db->driver;
}

/* A statement that nobody took for a COMMIT must not turn what follows into a real run. */
static bool check_transaction(struct db *db, struct error *err)
{
	const struct trial_driver *trial = trial_of(db);

	if (trial->inner->transaction.status(db) != TX_IDLE)
		return true;
	return error_set(err, ERROR_GENERAL,
	                 "The transaction of the dry run has been ended by a script: nothing more "
	                 "is executed, and what the script committed stays");
}

/* --- transactions -------------------------------------------------------------------------- */

static bool begin(struct db *db, struct error *err)
{
	struct trial_driver *trial = trial_of(db);

	if (!check_transaction(db, err) || !trial->inner->trial.savepoint(db, err))
		return false;
	trial->is_open = true;
	return true;
}

static bool commit(struct db *db, struct error *err)
{
	struct trial_driver *trial = trial_of(db);

	if (!check_transaction(db, err) || !trial->inner->trial.release(db, err))
		return false;
	trial->is_open = false;
	return true;
}

static void rollback(struct db *db)
{
	struct trial_driver *trial = trial_of(db);

	if (trial->is_open)
		trial->inner->trial.rollback_to(db);
	trial->is_open = false;
}

static enum tx_status status(struct db *db)
{
	const struct trial_driver *trial = trial_of(db);
	enum tx_status inner = trial->inner->transaction.status(db);

	return trial->is_open || inner == TX_LOST ? inner : TX_IDLE;
}

static enum db_status begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                    struct error *err)
{
	const struct trial_driver *trial = trial_of(db);
	bool taken = true;

	if (!begin(db, err) ||
	    (lock && !trial->inner->lock.try(db, LOCK_TRANSACTION, guard->table, &taken, err)))
		return DB_FAILED;
	if (!taken) {
		rollback(db);
		return DB_LOCK_BUSY;
	}
	return trial->inner->script.prepare_guarded(db, guard, err);
}

/* --- SQL ----------------------------------------------------------------------------------- */

static enum db_status send(struct db *db, const struct statement *statement, struct error *err)
{
	if (!check_transaction(db, err) || !trial_of(db)->inner->trial.note(db, statement, err))
		return DB_FAILED;
	return trial_of(db)->inner->script.send(db, statement, err);
}

static enum db_status copy(struct db *db, const struct statement *statement, struct splitter *rows,
                           struct error *err)
{
	if (!check_transaction(db, err))
		return DB_FAILED;
	return trial_of(db)->inner->script.copy(db, statement, rows, err);
}

static bool query(struct db *db, const char *sql, const char *const *args, size_t n, db_row_fn *row,
                  void *ctx, struct error *err)
{
	return check_transaction(db, err) &&
	       trial_of(db)->inner->connection.query(db, sql, args, n, row, ctx, err);
}

/* --- locks --------------------------------------------------------------------------------- */

/* A lock of the session would outlive the rollback. */
static bool try_lock(struct db *db, enum lock_kind kind, const char *name, bool *taken,
                     struct error *err)
{
	(void)kind;
	return trial_of(db)->inner->lock.try(db, LOCK_TRANSACTION, name, taken, err);
}

static bool release_lock(struct db *db, const char *name, bool *held, struct error *err)
{
	(void)db;
	(void)name;
	(void)err;
	*held = true;
	return true;
}

/* ------------------------------------------------------------------------------------------- */

static void close(struct db *db)
{
	db_trial_end(db);
	db->driver->connection.close(db);
}

bool db_trial_begin(struct db *db, const struct db_trial_limits *limits, struct error *err)
{
	const struct db_driver *inner = db->driver;
	struct trial_driver *trial = arena_alloc(db->arena, sizeof(*trial));

	if (!inner->trial.begin(db, limits, err)) {
		inner->trial.end(db);
		return false;
	}
	trial->base = *inner;
	trial->inner = inner;
	trial->base.connection.close = close;
	trial->base.connection.query = query;
	trial->base.script.begin_guarded = begin_guarded;
	trial->base.script.send = send;
	trial->base.script.copy = copy;
	trial->base.transaction.begin = begin;
	trial->base.transaction.commit = commit;
	trial->base.transaction.rollback = rollback;
	trial->base.transaction.status = status;
	trial->base.transaction.ensure_writable = db_default_ensure_writable;
	trial->base.lock.try = try_lock;
	trial->base.lock.release = release_lock;
	trial->base.lock.is_held = release_lock;
	trial->base.durability = (struct db_durability_methods){
		.commit_row = db_default_commit_row,
		.may_flush_later = db_default_may_flush_later,
		.flush = db_default_flush,
	};
	db->driver = &trial->base;
	return true;
}

static bool is_trial(const struct db *db)
{
	return db->driver != NULL && db->driver->transaction.begin == begin;
}

void db_trial_end(struct db *db)
{
	if (!is_trial(db))
		return;
	db->driver = trial_of(db)->inner;
	db->driver->trial.end(db);
}

const struct db_trial_sql *db_trial_sql(const struct db *db)
{
	return db->driver->trial.sql;
}
