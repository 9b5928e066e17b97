/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy.c - COPY … FROM STDIN with the rows of the script
 *
 * The rows go from the file to the server in pieces and are never collected.
 */
#include "copy.h"

#include "errors.h"
#include "listener.h"
#include "query.h"
#include "send.h"

/*
 * Measured with Flyway 12.4.0: whatever the server says about a COPY is a cause two steps below a
 * failure of Flyway's own, without state. The state and the reason also follow in a line of ours.
 */
static bool fail_copy(struct postgres *pg, const PGresult *result, struct error *err)
{
	pg_fail(pg, result, err);

	const struct sql_failure *said = err->sql;
	const struct sql_failure shown = {
		.message = "Unable to execute COPY operation",
		.hidden_state = said->state,
		.place = said->place,
		.object = said->object,
	};
	const struct note_list notes = err->notes;
	char *line = arena_strdup(err->arena, said->message);

	for (char *c = line; *c != '\0'; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' '; /* one line, so that it can be told from Flyway's */
	error_clear(err);
	error_set_sql(err, ERROR_DB_CONNECTION, &shown, "%s", shown.message);
	err->cause = "java.lang.reflect.InvocationTargetException";
	err->root_cause = said->message;
	err->notes = notes;
	error_note(err, "%s (SQL State: %s)", line, said->state != NULL ? said->state : "null");
	return false;
}

/* The error is in the state of the connection, or nobody's. */
static bool put(struct postgres *pg, struct str piece)
{
	int done;

	/* 0: libpq has no room, until something is sent */
	while ((done = pg->pq.put_copy_data(pg->conn, piece.ptr, (int)piece.len)) == 0)
		if (!pg_flush_sent(pg))
			return false;
	return done > 0 && pg_flush_sent(pg);
}

static bool end(struct postgres *pg, const char *reason)
{
	int done;

	while ((done = pg->pq.put_copy_end(pg->conn, reason)) == 0)
		if (!pg_flush_sent(pg))
			return false;
	return done > 0;
}

/* Sends the rows; *ok is false when the script itself is at fault (err set). */
static bool stream(struct postgres *pg, struct splitter *rows, bool *script_ok, struct error *err)
{
	struct str piece;

	*script_ok = true;
	for (;;) {
		if (!split_copy_data(rows, &piece, err)) {
			*script_ok = false;
			(void)end(pg, "the script ends within the data");
			return false;
		}
		pg_tell_waiting(pg);
		if (piece.len == 0)
			return end(pg, NULL);
		/* an error of the server is not seen here but in the result, as with psql */
		if (!put(pg, piece))
			return false;
	}
}

/* The results after the rows; the first failure counts. */
static bool finish(struct postgres *pg, int64_t *affected, bool ok, struct error *err)
{
	PGresult *result;

	pg_await_result(pg);
	while (!pg->is_unusable && (result = pg->pq.get_result(pg->conn))) {
		ExecStatusType status = pg->pq.result_status(result);

		(void)pg_is_endless(pg, result); /* the connection is lost */
		if (ok && status != PGRES_COMMAND_OK)
			ok = fail_copy(pg, result, err);
		else if (ok)
			*affected = pg_affected_rows(pg, result);
		pg->pq.clear(result);
	}
	return ok;
}

/* Waits for the server to ask for rows. */
static bool start(struct postgres *pg, const char *sql, struct error *err)
{
	PGresult *result = NULL;

	if (pg->pq.send_query(pg->conn, sql)) {
		pg_await_result(pg);
		result = pg->pq.get_result(pg->conn);
	}

	bool ok = result != NULL && pg->pq.result_status(result) == PGRES_COPY_IN;

	if (ok) {
		pg->pq.clear(result);
		return true;
	}
	fail_copy(pg, result, err);
	while (result != NULL && !pg_is_endless(pg, result)) {
		pg->pq.clear(result);
		result = pg->pq.get_result(pg->conn);
	}
	pg->pq.clear(result);
	return false;
}

static bool copy(struct postgres *pg, const struct statement *statement, struct splitter *rows,
                 struct error *err)
{
	size_t index = pg->sent++;
	int64_t affected = -1;
	bool script_ok;

	pg->db->failed_index = index;
	if (!start(pg, statement->text, err))
		return false;
	if (!stream(pg, rows, &script_ok, err) && script_ok &&
	    pg->pq.status(pg->conn) == CONNECTION_BAD)
		return fail_copy(pg, NULL, err);
	if (!finish(pg, &affected, script_ok, err))
		return false;
	pg_listener_complete(pg, index, affected);
	return true;
}

enum db_status pg_copy(struct db *db, const struct statement *statement, struct splitter *rows,
                       struct error *err)
{
	struct postgres *pg = postgres_of(db);
	enum db_status status = pg_settle(pg, err);

	if (status != DB_OK)
		return status;
	pg->role = PG_ROLE_UNKNOWN;
	pg->phase = PG_PHASE_SCRIPT;
	bool ok = copy(pg, statement, rows, err);

	pg->phase = PG_PHASE_OWN;
	return ok ? DB_OK : DB_FAILED;
}
