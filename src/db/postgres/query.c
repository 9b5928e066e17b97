/* SPDX-License-Identifier: Apache-2.0 */
/* query.c - runs SQL of our own, and hands over its rows */
#include "query.h"

#include "errors.h"
#include "limits.h"
#include "listener.h"
#include "local_settings.h"
#include "pipeline.h"
#include "own_settings.h"
#include "to_primary.h"

bool pg_command(struct postgres *pg, const char *sql, struct error *err)
{
	PGresult *result = pg_exec(pg, sql);
	ExecStatusType status = pg->pq.result_status(result);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!ok)
		pg_fail(pg, result, err);
	pg->pq.clear(result);
	return ok;
}

bool pg_is_endless(struct postgres *pg, const PGresult *result)
{
	const ExecStatusType status = pg->pq.result_status(result);

	if (status != PGRES_COPY_IN && status != PGRES_COPY_OUT && status != PGRES_COPY_BOTH)
		return false;
	pg->is_unusable = true;
	return true;
}

/* Row by row, so that a history of any length does not lie in memory twice. */
static bool query_at_once(struct postgres *pg, const char *sql, const char *const *args, size_t n,
                          db_row_fn *row, void *ctx, struct error *err)
{
	struct buf text = BUF_EMPTY(SIZE_MAX / 2);
	PGresult *result;

	if (!pg_is_usable(pg, err))
		return false;
	const char *sent = pg_to_primary(pg, sql, &text);
	bool ok = pg->pq.send_query_params(pg->conn, sent, (int)n, NULL, args, NULL, NULL, 0);

	buf_release(&text);
	if (!ok)
		return pg_fail(pg, NULL, err);
	(void)pg->pq.set_single_row_mode(pg->conn); /* without it all rows come at once */
	pg_await_result(pg);
	while (!pg->is_unusable && (result = pg->pq.get_result(pg->conn))) {
		ExecStatusType status = pg->pq.result_status(result);

		if (pg_is_endless(pg, result))
			ok = ok &&
			     pg_fail_text(err, "08P01", "The server answered a query with COPY.");
		else if (ok && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
		         status != PGRES_SINGLE_TUPLE)
			ok = pg_fail(pg, result, err);
		else if (ok && row != NULL)
			ok = pg_hand_over(pg, result, row, ctx, err);
		if (ok && status == PGRES_COMMAND_OK) /* not for each row of a query */
			pg->db->affected = pg_affected_rows(pg, result);
		pg->pq.clear(result);
		if (!pg->is_unusable)
			pg_await_result(pg);
	}
	return ok;
}

/*
 * Goes back to our own role first, in the same batch. *result is to be cleared, NULL after a
 * failure.
 */
static bool query_restored(struct postgres *pg, const char *sql, const char *const *args, size_t n,
                           PGresult **result, struct error *err)
{
	const struct pg_command own = {.kind = PG_OWN}, query = {.kind = PG_QUERY};
	const struct pg_own_sql *own_sql = pg_own_sql(pg);
	const bool keeps_limits = pg->timeouts_set_aside || pg->trial != NULL;
	const char *restore = keeps_limits ? own_sql->role : own_sql->row;
	const char *lift = pg_limits_end(pg);
	bool ok;

	*result = NULL;
	pg->role = PG_ROLE_UNKNOWN; /* a rollback may bring another one back */
	pg->timeouts_set_aside = true;
	if ((lift != NULL && !pg_pipeline_add(pg, own, lift, NULL, 0, err)) ||
	    !pg_pipeline_add(pg, own, restore, NULL, 0, err) ||
	    !pg_pipeline_add(pg, query, sql, args, n, err))
		return false;
	ok = pg_pipeline_finish(pg, err) == DB_OK;
	*result = pg_pipeline_take_result(pg);
	if (ok && lift != NULL)
		pg_limits_lifted(pg);
	if (pg->pq.transaction_status(pg->conn) == PQTRANS_IDLE)
		pg->timeouts_set_aside = false; /* for this batch only */
	if (!ok) {
		pg->pq.clear(*result);
		*result = NULL;
	}
	return ok;
}

static bool add_all(struct postgres *pg, const char *sql, const char *const *args, size_t n,
                    struct error *err)
{
	const struct pg_command own = {.kind = PG_OWN}, query = {.kind = PG_QUERY};
	const struct str_list *local = pg_local_settings(pg);

	if (!pg_pipeline_add(pg, own, pg_begin_word(pg), NULL, 0, err))
		return false;
	for (size_t i = 0; i < local->n; i++)
		if (!pg_pipeline_add(pg, own, local->items[i], NULL, 0, err))
			return false;
	return pg_pipeline_add(pg, query, sql, args, n, err) &&
	       pg_pipeline_add(pg, own, "COMMIT", NULL, 0, err);
}

/* Behind a pooler: in a transaction of its own, with our settings, in one batch. */
static bool query_locally(struct postgres *pg, const char *sql, const char *const *args, size_t n,
                          PGresult **result, struct error *err)
{
	*result = NULL;
	if (!add_all(pg, sql, args, n, err))
		return false;
	bool ok = pg_pipeline_finish(pg, err) == DB_OK;

	*result = pg_pipeline_take_result(pg);
	if (ok)
		return true;
	pg->pq.clear(*result);
	*result = NULL;
	db_rollback(pg->db);
	return false;
}

/* Is the query to get a transaction of its own? */
static bool is_to_be_local(struct postgres *pg)
{
	return pg->db->pools_transactions && !pg_pipeline_is_on(pg) &&
	       pg->pq.transaction_status(pg->conn) == PQTRANS_IDLE;
}

bool pg_query(struct db *db, const char *sql, const char *const *args, size_t n, db_row_fn *row,
              void *ctx, struct error *err)
{
	struct postgres *pg = postgres_of(db);
	PGresult *result;
	bool ok;

	if (is_to_be_local(pg))
		ok = query_locally(pg, sql, args, n, &result, err);
	else if (pg->role == PG_ROLE_TO_RESTORE)
		ok = query_restored(pg, sql, args, n, &result, err);
	else
		return query_at_once(pg, sql, args, n, row, ctx, err);
	if (ok && row != NULL)
		ok = pg_hand_over(pg, result, row, ctx, err);
	if (ok)
		db->affected = pg_affected_rows(pg, result);
	pg->pq.clear(result);
	return ok;
}

bool pg_query_shaped(struct db *db, const char *sql, const char *const *args, size_t n,
                     const struct answer_shape *shape, db_row_fn *row, void *ctx, struct error *err)
{
	struct checked_answer answer = {shape, row, ctx, 0};

	return pg_query(db, sql, args, n, checked_answer_row, &answer, err) &&
	       checked_answer_end(&answer, err);
}
