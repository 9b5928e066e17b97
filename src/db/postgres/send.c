/* SPDX-License-Identifier: Apache-2.0 */
/*
 * send.c - sends the statements of a script
 *
 * Inside a transaction statements share a batch (pipeline.c). A statement that may end the
 * transaction, or whose effect must be seen at once, runs alone, and so does every statement
 * outside of a transaction.
 * doc/transactions.md says why.
 */
#include "send.h"

#include "errors.h"
#include "begin.h"
#include "invalid_indexes.h"
#include "listener.h"
#include "pgjdbc_refusals.h"
#include "pipeline.h"

/*
 * Ends a COPY TO STDOUT, or one whose rows are not in the script. The rows are dropped. Fails if
 * the connection is lost.
 */
static bool end_copy(struct postgres *pg, ExecStatusType status)
{
	enum { END = -1 };
	char *row;
	int len;

	if (status == PGRES_COPY_IN)
		return pg->pq.put_copy_end(pg->conn, pg_copy_refused) > 0;
	while ((len = pg->pq.get_copy_data(pg->conn, &row, 0)) > 0)
		pg->pq.freemem(row);
	return len == END;
}

/* Reads all results of a statement that runs alone. */
static bool read_results(struct postgres *pg, size_t index, struct error *err)
{
	int64_t affected = -1;
	PGresult *result;
	bool ok = true;

	(void)pg->pq.set_single_row_mode(pg->conn);
	pg_await_result(pg);
	while (!pg->is_unusable && (result = pg->pq.get_result(pg->conn))) {
		ExecStatusType status = pg->pq.result_status(result);
		bool is_copy = status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
		               status == PGRES_COPY_BOTH;

		if (ok && is_copy)
			ok = pg_fail_text(err, "0A000", pg_copy_refused);
		else if (ok && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
		         status != PGRES_SINGLE_TUPLE && status != PGRES_EMPTY_QUERY)
			ok = pg_fail(pg, result, err);
		if (is_copy && (status == PGRES_COPY_BOTH || !end_copy(pg, status)))
			pg->is_unusable = true; /* libpq would give this result for ever */
		if (ok && (status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE))
			pg_listener_rows(pg, index, result);
		else if (ok)
			affected = pg_affected_rows(pg, result);
		pg->pq.clear(result);
		pg_await_result(pg);
	}
	pg_drop_rows(pg);
	ok = ok && pg_check_parameters(pg, err);
	if (ok)
		pg_listener_complete(pg, index, affected);
	return ok;
}

static bool run_alone(struct postgres *pg, const struct statement *statement, size_t index,
                      struct error *err)
{
	int sent;

	pg->db->failed_index = index;
	if (!pg_is_usable(pg, err))
		return false;
	if (pg->pq.transaction_status(pg->conn) == PQTRANS_IDLE)
		pg_note_concurrently(pg, statement);
	if (statement->flags & STATEMENT_SEVERAL)
		sent = pg->pq.send_query(pg->conn, statement->text);
	else
		sent = pg->pq.send_query_params(pg->conn, statement->text, 0, NULL, NULL, NULL,
		                                NULL, 0);
	return (sent || pg_fail(pg, NULL, err)) && read_results(pg, index, err);
}

/*
 * Inside a transaction or with batch=true, unless it may end the transaction or must be seen. A
 * batch of a script is not torn for a lock: whether the lock is gone is checked after the script.
 */
static bool may_be_queued(struct postgres *pg, const struct statement *statement)
{
	const unsigned alone = STATEMENT_COPY_IN | STATEMENT_COPY_OUT | STATEMENT_SEVERAL |
	                       STATEMENT_SYNC | STATEMENT_TRANSACTION_CONTROL |
	                       STATEMENT_NON_TRANSACTIONAL;
	const bool is_batched = (statement->flags & STATEMENT_BATCHED) != 0;

	if ((statement->flags & alone) != 0 ||
	    ((statement->flags & STATEMENT_MAY_UNLOCK) != 0 && !is_batched))
		return false;
	if (pg_pipeline_is_on(pg))
		return true;

	PGTransactionStatusType status = pg->pq.transaction_status(pg->conn);

	return status == PQTRANS_INTRANS || (status == PQTRANS_IDLE && is_batched);
}

static enum db_status queue_or_run(struct postgres *pg, const struct statement *statement,
                                   struct error *err)
{
	struct pg_command command = {.kind = PG_STATEMENT, .index = pg->sent++};
	enum db_status status;

	if (may_be_queued(pg, statement)) {
		if (!pg_pipeline_add(pg, command, statement->text, NULL, 0, err))
			return DB_FAILED;
		return pg_pipeline_advance(pg, err);
	}
	status = pg_pipeline_finish(pg, err);
	if (status != DB_OK)
		return status;
	pg->phase = PG_PHASE_SCRIPT;
	if (!run_alone(pg, statement, command.index, err))
		status = DB_FAILED;
	pg->phase = PG_PHASE_OWN;
	return status;
}

enum db_status pg_send(struct db *db, const struct statement *statement, struct error *err)
{
	struct postgres *pg = postgres_of(db);

	pg->role = PG_ROLE_UNKNOWN;
	return pg_turn_back(db, queue_or_run(pg, statement, err));
}

enum db_status pg_settle(struct postgres *pg, struct error *err)
{
	if (!pg_pipeline_is_on(pg) && db_tx_status(pg->db) == TX_LOST) {
		pg_fail(pg, NULL, err);
		return DB_FAILED;
	}
	return pg_turn_back(pg->db, pg_pipeline_finish(pg, err));
}

enum db_status pg_sync(struct db *db, struct error *err)
{
	struct postgres *pg = postgres_of(db);

	pg->sent = 0;
	return pg_settle(pg, err);
}
