/* SPDX-License-Identifier: Apache-2.0 */
/* trial.c - the transaction of a trial: savepoints, limits, what COMMIT would check */
#include "trial.h"

#include "pipeline.h"
#include "query.h"

static const char survey_sql[] =
#include "db/postgres/sql/trial_survey.sql.h"
	;

static const char changes_sql[] =
#include "db/postgres/sql/trial_changes.sql.h"
	;

static const char waits_sql[] =
#include "db/postgres/sql/trial_waits.sql.h"
	;

static const char sequences_sql[] =
#include "db/postgres/sql/trial_sequences.sql.h"
	;

static const char deferred_sql[] =
#include "db/postgres/sql/trial_deferred.sql.h"
	;

const struct db_trial_sql pg_trial_sql = {
	.session = "SELECT pg_catalog.pg_backend_pid()",
	.watching = "SELECT pg_catalog.set_config('lock_timeout', '100ms', false), "
		    "(SELECT pg_catalog.set_config(name, 'off', false) "
		    "FROM pg_catalog.pg_settings WHERE name = 'jit')",
	.survey = survey_sql,
	.changes = changes_sql,
	.waits = waits_sql,
	.sequences = sequences_sql,
};

/* --- the transaction ----------------------------------------------------------------------- */

static bool check_writable(struct db *db, struct error *err)
{
	enum { OLDEST = 10 }; /* with pg_current_wal_insert_lsn */
	bool is_read_only = false;

	if (db->server_version < OLDEST)
		return error_set(err, ERROR_GENERAL, "dryRun=execute needs PostgreSQL %d or newer",
		                 OLDEST);
	if (!db_query_bool(db, "SELECT current_setting('transaction_read_only')::bool", NULL, 0,
	                   &is_read_only, err))
		return false;
	return !is_read_only ||
	       error_set(err, ERROR_GENERAL,
	                 "dryRun=execute runs the migrations and rolls them back, but this "
	                 "connection can only read: it is a standby, or "
	                 "default_transaction_read_only is on");
}

/* A session that is stopped in the middle would hold its locks. */
#define IDLE_LIMIT "'10s'"

bool pg_trial_begin(struct db *db, const struct db_trial_limits *limits, struct error *err)
{
	static const char sql[] =
		"SELECT pg_catalog.set_config('lock_timeout', $1, true), "
		"pg_catalog.set_config('cflyway.lock_timeout', $1, true), "
		"pg_catalog.set_config('cflyway.statement_timeout', "
		"pg_catalog.current_setting('statement_timeout'), true), "
		"pg_catalog.set_config('idle_in_transaction_session_timeout', " IDLE_LIMIT
		", true)";
	struct postgres *pg = postgres_of(db);
	char lock_timeout[16];
	const char *args[] = {lock_timeout};

	snprintf(lock_timeout, sizeof(lock_timeout), "%d", limits->lock_timeout_ms);
	pg->is_trial = true;
	return pg_command(pg, "BEGIN", err) && check_writable(db, err) &&
	       pg_query(db, sql, args, COUNT(args), NULL, NULL, err);
}

void pg_trial_end(struct db *db)
{
	postgres_of(db)->is_trial = false;
	db_rollback(db);
}

bool pg_trial_savepoint(struct db *db, struct error *err)
{
	return pg_command(postgres_of(db), "SAVEPOINT cflyway_trial", err);
}

void pg_trial_rollback_to(struct db *db)
{
	struct postgres *pg = postgres_of(db);
	struct error ignored = ERROR_INIT(db->arena);

	(void)!pg_pipeline_finish(pg, &ignored);
	pg->pq.clear(pg->pq.exec(pg->conn, "ROLLBACK TO cflyway_trial"));
	pg->pq.clear(pg->pq.exec(pg->conn, "RELEASE cflyway_trial"));
}

/* --- what COMMIT would check --------------------------------------------------------------- */

static bool read_names(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	const char **names = ctx;

	(void)columns;
	*names = values[0] != NULL ? arena_strdup(err->arena, values[0]) : NULL;
	return true;
}

/* Each migration has its own COMMIT, after which constraints wait for the next one again. */
static bool defer_again(struct db *db, struct error *err)
{
	const char *names = NULL;

	if (!pg_query(db, deferred_sql, NULL, 0, read_names, &names, err))
		return false;
	return names == NULL ||
	       pg_command(postgres_of(db),
	                  arena_printf(db->arena, "SET CONSTRAINTS %s DEFERRED", names), err);
}

bool pg_trial_release(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);

	return pg_command(pg, "SET CONSTRAINTS ALL IMMEDIATE", err) && defer_again(db, err) &&
	       pg_command(pg, "RELEASE cflyway_trial", err);
}
