/* SPDX-License-Identifier: Apache-2.0 */
/* trial.c - the transaction of a trial: savepoints inside BEGIN IMMEDIATE */
#include "sqlite.h"

bool sqlite_trial_begin(struct db *db, const struct db_trial_limits *limits, struct error *err)
{
	(void)limits; /* BEGIN IMMEDIATE waits for the busy timeout, and nothing after it waits */
	if (sqlite_has_no_journal(db))
		return error_set(err, ERROR_CONFIGURATION,
		                 "This dry run has to be rolled back, and with journal_mode=OFF "
		                 "SQLite cannot do that");
	return sqlite_command(sqlite_of(db), "BEGIN IMMEDIATE", err);
}

bool sqlite_trial_savepoint(struct db *db, struct error *err)
{
	return sqlite_command(sqlite_of(db), "SAVEPOINT cflyway_trial", err);
}

/* SQLite counts violations of deferred foreign keys, and refuses COMMIT while there are any. */
static bool check_deferred(struct sqlite *sqlite, struct error *err)
{
	int n = 0, highest;

	sqlite3_db_status(sqlite->conn, SQLITE_DBSTATUS_DEFERRED_FKS, &n, &highest, 0);
	if (n == 0)
		return true;
	const struct sql_failure sql = {
		.message = sqlite_error_text(err->arena, SQLITE_CONSTRAINT_FOREIGNKEY,
	                                     "FOREIGN KEY constraint failed"),
		.code = SQLITE_CONSTRAINT,
	};

	return error_set_sql(err, ERROR_DB_CONNECTION, &sql, "%s", sql.message);
}

bool sqlite_trial_release(struct db *db, struct error *err)
{
	return check_deferred(sqlite_of(db), err) &&
	       sqlite_command(sqlite_of(db), "RELEASE cflyway_trial", err);
}

void sqlite_trial_rollback_to(struct db *db)
{
	sqlite3_exec(sqlite_of(db)->conn, "ROLLBACK TO cflyway_trial; RELEASE cflyway_trial", NULL,
	             NULL, NULL);
}
