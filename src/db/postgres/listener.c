/* SPDX-License-Identifier: Apache-2.0 */
/* listener.c - tells the listener what comes back from the server */
#include "listener.h"

#include "to_primary.h"

#include "cflyway/base/clock.h"
#include "cflyway/db/answer_shape.h"

#include <errno.h>

static void tell(const struct postgres *pg, const char *sqlstate, const char *text)
{
	const struct db_listener *listener = pg->db->listener;

	if (listener != NULL && listener->notice != NULL)
		listener->notice(listener->ctx, sqlstate, text);
}

bool pg_is_watched(const struct postgres *pg)
{
	return pg->db->listener != NULL && pg->db->listener->waiting != NULL;
}

void pg_tell_waiting(const struct postgres *pg)
{
	if (pg_is_watched(pg))
		pg->db->listener->waiting(pg->db->listener->ctx);
}

/* --- waiting ------------------------------------------------------------------------------- */

static int64_t now(void)
{
	return clock_system.monotonic_ms(&clock_system);
}

/* One wait for the server. */
struct wait {
	struct postgres *pg;
	int64_t began_ms;  /* on our clock; 0: nothing has been awaited in vain yet */
	int64_t waited_ms; /* since then, as of the last look at the clock */
	int64_t heard_ms;  /* of waited_ms, when the server was last known to be there */
	size_t looks;      /* at who is in the way */
};

/* -1 is without end. */
static int64_t shorter(int64_t a_ms, int64_t b_ms)
{
	return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

static int64_t left_ms(const struct wait *wait, int64_t due_ms)
{
	return due_ms > wait->waited_ms ? due_ms - wait->waited_ms : 0;
}

/* How long one call of poll may wait. */
static int slice_ms(const struct wait *wait)
{
	enum { SLICE_MS = 200 };
	const struct postgres *pg = wait->pg;
	int64_t slice = pg_is_watched(pg) ? SLICE_MS : -1;

	if (pg->silence.limit_ms > 0)
		slice = shorter(slice, left_ms(wait, wait->heard_ms + pg->silence.limit_ms));
	if (pg->lock_wait.look != NULL)
		slice = shorter(slice, left_ms(wait, db_wait_look_due_ms(wait->looks)));
	return (int)slice;
}

/* Nothing has come meanwhile. */
static void wait_longer(struct wait *wait, int slice)
{
	struct postgres *pg = wait->pg;
	const int limit_ms = pg->silence.limit_ms;

	if (wait->began_ms == 0)
		wait->began_ms = now() - slice;
	wait->waited_ms = now() - wait->began_ms;
	pg_tell_waiting(pg);
	if (limit_ms > 0 && wait->waited_ms - wait->heard_ms >= limit_ms &&
	    pg->silence.is_alive(pg))
		wait->heard_ms = now() - wait->began_ms;
	if (pg->lock_wait.look != NULL && wait->waited_ms >= db_wait_look_due_ms(wait->looks)) {
		wait->looks++;
		pg->lock_wait.look(pg);
	}
}

/* The clock is not looked at before the first slice has passed: most waits are shorter. */
int pg_wait(struct postgres *pg, struct pollfd *fd)
{
	struct wait wait = {.pg = pg};
	int slice = slice_ms(&wait), ready;

	while ((ready = poll(fd, 1, slice)) == 0) {
		wait_longer(&wait, slice);
		slice = slice_ms(&wait);
	}
	if (ready > 0) {
		pg->silence.suspicions = 0;
		pg_tell_waiting(pg); /* after a failure it might change errno */
	}
	return ready;
}

bool pg_flush_sent(struct postgres *pg)
{
	int unsent = 0;

	while ((unsent = pg->pq.flush(pg->conn)) > 0) {
		struct pollfd fd = {.fd = pg->pq.socket(pg->conn), .events = POLLIN | POLLOUT};

		if (pg_wait(pg, &fd) < 0 && errno != EINTR)
			return false;
		if ((fd.revents & ~POLLOUT) != 0 && !pg->pq.consume_input(pg->conn))
			return false;
	}
	return unsent == 0;
}

void pg_await_result(struct postgres *pg)
{
	if (!pg_flush_sent(pg))
		return; /* get_result says what is wrong */
	while (pg->pq.is_busy(pg->conn)) {
		struct pollfd fd = {.fd = pg->pq.socket(pg->conn), .events = POLLIN};

		if ((pg_wait(pg, &fd) < 0 && errno != EINTR) || !pg->pq.consume_input(pg->conn))
			return;
	}
}

static PGresult *execute(struct postgres *pg, const char *sql)
{
	PGresult *last = NULL, *result;
	bool is_copy = false; /* of which there would be no end */

	if (pg->is_unusable || !pg->pq.send_query(pg->conn, sql))
		return NULL;
	while (!is_copy) {
		pg_await_result(pg);
		result = pg->pq.get_result(pg->conn);
		if (result == NULL)
			break;
		pg->pq.clear(last);
		last = result;
		is_copy = pg->pq.result_status(result) == PGRES_COPY_IN ||
		          pg->pq.result_status(result) == PGRES_COPY_OUT ||
		          pg->pq.result_status(result) == PGRES_COPY_BOTH;
	}
	return last;
}

PGresult *pg_exec(struct postgres *pg, const char *sql)
{
	struct buf text = BUF_EMPTY(SIZE_MAX / 2);
	PGresult *result = execute(pg, pg_to_primary(pg, sql, &text));

	buf_release(&text);
	return result;
}

/* --- what came ----------------------------------------------------------------------------- */

/*
 * The COMMIT has succeeded all the same, after a cancel or the end of the session. The name of the
 * function is the same in all languages.
 */
static void warn_about_standby(const struct postgres *pg, const PGresult *result,
                               const char *primary)
{
	const char *function = pg->pq.result_error_field(result, PG_DIAG_SOURCE_FUNCTION);

	if (str_same(function, "SyncRepWaitForLSN"))
		log_cflyway(pg->db->log,
		            "a COMMIT has not waited for its synchronous standby (%s): a failover "
		            "may lose what it has committed",
		            primary);
}

void pg_listener_notice(void *ctx, const PGresult *result)
{
	struct postgres *pg = ctx;
	const char *sqlstate = pg->pq.result_error_field(result, PG_DIAG_SQLSTATE);
	const char *primary = pg->pq.result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
	struct arena *arena = pg->db->arena;

	if (primary == NULL)
		return;
	if (sqlstate == NULL)
		sqlstate = "00000";
	switch (pg->phase) {
	case PG_PHASE_OWN:
	case PG_PHASE_COMMIT:
		warn_about_standby(pg, result, primary);
		break;
	case PG_PHASE_GUARDS:
		str_list_add(arena, &pg->listened.early, arena_strdup(arena, sqlstate));
		str_list_add(arena, &pg->listened.early, arena_strdup(arena, primary));
		break;
	case PG_PHASE_SCRIPT:
		tell(pg, sqlstate, primary);
		break;
	}
}

void pg_listener_started(struct postgres *pg, int64_t ago_ms)
{
	const struct db_listener *listener = pg->db->listener;
	const struct str_list early = pg->listened.early;

	pg->listened.early = (struct str_list){0};
	if (listener != NULL && listener->started != NULL)
		listener->started(listener->ctx, ago_ms);
	for (size_t i = 0; i < early.n; i += 2)
		tell(pg, early.items[i], early.items[i + 1]);
}

void pg_listener_committed(struct postgres *pg)
{
	const struct db_listener *listener = pg->db->listener;

	if (listener != NULL && listener->committed != NULL)
		listener->committed(listener->ctx);
}

bool pg_hand_over(struct postgres *pg, const PGresult *result, db_row_fn *row, void *ctx,
                  struct error *err)
{
	const struct libpq *pq = &pg->pq;
	struct arena_mark mark = arena_mark(&pg->listened.scratch);
	int columns = pq->nfields(result), rows = pq->ntuples(result);
	const char **values = arena_array(&pg->listened.scratch, (size_t)columns, sizeof(*values));
	bool ok = true;

	for (int i = 0; ok && i < rows; i++) {
		for (int k = 0; k < columns; k++)
			values[k] = pq->getisnull(result, i, k) ? NULL : pq->getvalue(result, i, k);
		ok = row(ctx, (size_t)columns, values, err);
	}
	arena_rewind(&pg->listened.scratch, mark);
	return ok;
}

static void begin_rows(struct postgres *pg, const PGresult *result)
{
	size_t columns = (size_t)pg->pq.nfields(result);

	pg->listened.has_rows = true;
	row_set_open(&pg->listened.rows, columns, SPOOL_IN_MEMORY);
	for (size_t i = 0; i < columns; i++)
		row_set_title(&pg->listened.rows, i, pg->pq.fname(result, (int)i));
}

void pg_drop_rows(struct postgres *pg)
{
	if (pg->listened.has_rows)
		row_set_close(&pg->listened.rows);
	pg->listened.has_rows = false;
}

static bool add_row(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	(void)columns;
	(void)err;
	row_set_add(ctx, values);
	return true;
}

void pg_listener_rows(struct postgres *pg, size_t index, const PGresult *result)
{
	const struct db_listener *listener = pg->db->listener;
	struct error never = ERROR_INIT(&pg->listened.rows.arena);

	if (listener == NULL || listener->result == NULL)
		return;
	if (!pg->listened.has_rows)
		begin_rows(pg, result);
	(void)!pg_hand_over(pg, result, add_row, &pg->listened.rows, &never);
	if (pg->pq.result_status(result) != PGRES_TUPLES_OK)
		return; /* there are more */
	listener->result(listener->ctx, index, &pg->listened.rows);
	pg_drop_rows(pg);
}

void pg_listener_complete(struct postgres *pg, size_t index, int64_t affected)
{
	const struct db_listener *listener = pg->db->listener;

	if (listener != NULL && listener->complete != NULL)
		listener->complete(listener->ctx, index, affected);
}

int64_t pg_affected_rows(const struct postgres *pg, PGresult *result)
{
	const char *text = pg->pq.cmd_tuples(result);

	return *text == '\0' ? -1 : answer_number(text);
}
