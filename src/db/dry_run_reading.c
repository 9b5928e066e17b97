/* SPDX-License-Identifier: Apache-2.0 */
/* dry_run_reading.c - the session that a dry run reads from */
#include "dry_run_state.h"

bool dry_command(struct dry_connection *connection, const char *sql, struct error *err)
{
	return sql == NULL || connection->real.driver->connection.query(&connection->real, sql,
	                                                                NULL, 0, NULL, NULL, err);
}

bool dry_begin_reading(struct dry_connection *connection, struct error *err)
{
	return dry_command(connection, connection->real.driver->file->begin_reading, err);
}

enum db_status dry_end_reading(struct dry_connection *connection, enum db_status status,
                               struct error *err)
{
	struct error ignored = ERROR_INIT(connection->real.arena);

	if (connection->real.driver->file->begin_reading == NULL)
		return status;
	if (status == DB_OK)
		return dry_command(connection, "COMMIT", err) ? DB_OK : DB_FAILED;
	(void)!dry_command(connection, "ROLLBACK", &ignored);
	return status;
}
