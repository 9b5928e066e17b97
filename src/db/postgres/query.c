/* SPDX-License-Identifier: Apache-2.0 */
/* query.c - SQL of our own, and the rows that it brings */
#include "postgres.h"

bool pg_command(struct postgres *pg, const char *sql, struct error *err)
{
	PGresult *result = pg->pq.exec(pg->conn, sql);
	ExecStatusType status = pg->pq.result_status(result);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!ok)
		pg_fail(pg, result, err);
	pg->pq.clear(result);
	return ok;
}

/* Row by row, so that a history of any length does not lie in memory twice. */
static bool query_at_once(struct postgres *pg, const char *sql, const char *const *args, size_t n,
                          db_row_fn *row, void *ctx, struct error *err)
{
	PGresult *result;
	bool ok = true;

	if (!pg->pq.send_query_params(pg->conn, sql, (int)n, NULL, args, NULL, NULL, 0))
		return pg_fail(pg, NULL, err);
	(void)pg->pq.set_single_row_mode(pg->conn); /* without it all rows come at once */
	while ((result = pg->pq.get_result(pg->conn))) {
		ExecStatusType status = pg->pq.result_status(result);

		if (ok && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
		    status != PGRES_SINGLE_TUPLE)
			ok = pg_fail(pg, result, err);
		else if (ok && row != NULL)
			ok = pg_hand_over(pg, result, row, ctx, err);
		pg->pq.clear(result);
	}
	return ok;
}

bool pg_query(struct db *db, const char *sql, const char *const *args, size_t n, db_row_fn *row,
              void *ctx, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	PGresult *result;
	bool ok;

	if (!pg->restore_first)
		return query_at_once(pg, sql, args, n, row, ctx, err);
	ok = pg_query_restored(pg, sql, args, n, &result, err);
	if (ok && row != NULL)
		ok = pg_hand_over(pg, result, row, ctx, err);
	pg->pq.clear(result);
	return ok;
}
