/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.c - commands on their way to the server without a wait between them
 *
 * Everything from entering the pipeline to its end is one Sync segment: the first command that
 * fails makes the server skip the rest. What is in flight is bounded, and results are read while
 * commands are written, so that neither side's buffers can block the other. The server sends
 * results only when asked; it is asked after the guards (the script then counts as started) and
 * every now and then, so that notices and tables appear while a long script runs.
 */
#include "pipeline.h"

#include "errors.h"
#include "listener.h"
#include "pgjdbc_errors.h"
#include "wakeup.h"

#include <assert.h>
#include <errno.h>

enum {
	MAX_BYTES = 1 << 20, /* in flight; one larger statement may go beyond it */
	ASK_AFTER_BYTES = 1 << 16,
	ASK_AFTER = 64,     /* commands */
	COMMAND_BYTES = 64, /* what a command costs beside its text, about */
};

/* There must be one. */
static struct pg_entry *first_entry(struct pg_pipeline *pipeline)
{
	return &pipeline->ring[pipeline->first];
}

static void push(struct pg_pipeline *pipeline, struct pg_entry entry)
{
	assert(pipeline->n < PG_PIPELINE_MAX);
	pipeline->ring[(pipeline->first + pipeline->n++) % PG_PIPELINE_MAX] = entry;
}

static bool enter(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = &pg->pipeline;

	if (pipeline->is_on)
		return true;
	if (pipeline->ring == NULL)
		pipeline->ring =
			arena_array(pg->db->arena, PG_PIPELINE_MAX, sizeof(*pipeline->ring));
	*pipeline = (struct pg_pipeline){
		.ring = pipeline->ring,
		.is_on = true,
		.is_waiting_for_start = pipeline->is_waiting_for_start,
	};
	pg->start.queued_ms = 0;
	/* libpq forgets the single-row mode of the last command only when it begins another outside
	 * of a pipeline; this one it begins and refuses. */
	(void)pg->pq.send_query(pg->conn, NULL);
	if (pg->pq.set_nonblocking(pg->conn, 1) != 0 || !pg->pq.enter_pipeline_mode(pg->conn))
		return pg_fail(pg, NULL, err);
	return true;
}

static void leave(struct postgres *pg)
{
	pg->pipeline.is_on = false;
	pg->pipeline.n = 0;
	if (!pg->pq.exit_pipeline_mode(pg->conn))
		pg->is_wedged = true;
	pg->pq.set_nonblocking(pg->conn, 0);
}

/* --- reading ------------------------------------------------------------------------------- */

/* What the script has done to the role goes back with the transaction, but only to its start. */
static void fail_closing(struct postgres *pg, const struct pg_entry *entry)
{
	pg->db->failed_part = entry->kind == PG_ROW ? DB_PART_ROW : DB_PART_COMMIT;
	pg->may_differ = true;
}

/* A command has failed: what that means depends on what it was. */
static void take_failure(struct postgres *pg, const struct pg_entry *entry, const PGresult *result,
                         struct error *err)
{
	static const char division_by_zero[] = "22012";
	struct pg_pipeline *pipeline = &pg->pipeline;
	const char *sqlstate = pg->pq.result_error_field(result, PG_DIAG_SQLSTATE);
	bool is_guard = str_same(sqlstate, division_by_zero);

	pipeline->has_failed = true;
	if (pipeline->status != DB_OK)
		return;
	if (is_guard && entry->kind == PG_LOCK) {
		pipeline->status = DB_LOCK_BUSY;
		return;
	}
	if (is_guard && entry->kind == PG_HISTORY) {
		pipeline->status = DB_HISTORY_CHANGED;
		return;
	}
	pipeline->status = DB_FAILED;
	pg->db->failed_index = entry->index;
	if (pipeline->is_closing)
		fail_closing(pg, entry);
	pg_fail(pg, result, err);
}

/* A COMMIT that the server has carried out as a ROLLBACK says so in its tag alone. */
static void take_tag(struct postgres *pg, const struct pg_entry *entry, PGresult *result,
                     struct error *err)
{
	struct pg_pipeline *pipeline = &pg->pipeline;

	if (entry->kind != PG_COMMIT || pipeline->status != DB_OK ||
	    strcmp(pg->pq.cmd_status(result), "ROLLBACK") != 0)
		return;
	pipeline->has_failed = true;
	pipeline->status = DB_FAILED;
	fail_closing(pg, entry);
	pg_fail_text(err, "25P02", pg_rolled_back);
}

static void take_result(struct postgres *pg, const struct pg_entry *entry, PGresult *result,
                        struct error *err)
{
	struct pg_pipeline *pipeline = &pg->pipeline;
	bool is_heard = entry->kind == PG_STATEMENT && pipeline->status == DB_OK;

	switch (pg->pq.result_status(result)) {
	case PGRES_SINGLE_TUPLE:
	case PGRES_TUPLES_OK:
		if (is_heard)
			pg_listener_rows(pg, entry->index, result);
		else if (entry->kind == PG_ROW || entry->kind == PG_HISTORY)
			pg_wakeup_note_time(pg, entry->kind, result);
		break;
	case PGRES_COMMAND_OK:
		pipeline->affected = pg_affected_rows(pg, result);
		pipeline->is_insert = strncmp(pg->pq.cmd_status(result), "INSERT ", 7) == 0;
		take_tag(pg, entry, result, err);
		break;
	case PGRES_EMPTY_QUERY:
		break;
	case PGRES_PIPELINE_ABORTED:
		pipeline->has_failed = true;
		break;
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		/* no way back from here: the splitter keeps every COPY out of the pipeline */
		pipeline->status = DB_FAILED;
		pg->db->failed_index = entry->index;
		pg_fail_text(err, "0A000", pg_copy_refused);
		pg->is_wedged = true;
		break;
	default:
		take_failure(pg, entry, result, err);
	}
}

/* An INSERT changes no parameter, or its trigger does: after many of them one look will do. */
static bool check_parameters(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = &pg->pipeline;

	pipeline->is_unchecked = false;
	if (pg_check_parameters(pg, err))
		return true;
	pipeline->status = DB_FAILED;
	pg->db->failed_index = pipeline->last_index;
	return false;
}

static void end_entry(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = &pg->pipeline;
	const struct pg_entry entry = *first_entry(pipeline);
	bool ok = !pipeline->has_failed && pipeline->status == DB_OK;

	pipeline->first = (pipeline->first + 1) % PG_PIPELINE_MAX;
	pipeline->n--;
	pipeline->size_bytes -= entry.size_bytes;
	pipeline->has_result = pipeline->has_failed = false;
	pg_drop_rows(pg);
	if (ok && entry.kind == PG_COMMIT) {
		pipeline->is_closing = false;
		pg_listener_committed(pg);
	}
	if (ok && entry.starts) {
		pg->start.commands_after = pipeline->n;
		pg_listener_started(pg, pg_wakeup_ago_ms(pg));
	}
	if (!ok || entry.kind != PG_STATEMENT)
		return;
	pipeline->last_index = entry.index;
	if (!pipeline->is_insert && !check_parameters(pg, err))
		return;
	pipeline->is_unchecked |= pipeline->is_insert;
	pg_listener_complete(pg, entry.index, pipeline->affected);
}

/* Is a result there? Of a script rows are taken one by one, so that libpq never holds them all. */
static bool has_arrived(struct postgres *pg)
{
	struct pg_pipeline *pipeline = &pg->pipeline;

	if (pipeline->n == 0 || pg->is_wedged)
		return false;
	/* for each command, before anything of its result is read; at other times it is refused */
	if (!pipeline->has_result && first_entry(pipeline)->kind == PG_STATEMENT)
		(void)pg->pq.set_single_row_mode(pg->conn);
	return !pg->pq.is_busy(pg->conn);
}

/* Takes all results that have arrived completely. */
static void read_arrived(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = &pg->pipeline;
	int pauses = 0;

	while (has_arrived(pg)) {
		const struct pg_entry *entry = first_entry(pipeline);
		PGresult *result = pg->pq.get_result(pg->conn);

		/* between two commands libpq gives one NULL more */
		if (result == NULL && !pipeline->has_result && pauses++ > 1)
			return;
		if (result == NULL && !pipeline->has_result)
			continue;
		pauses = 0;
		if (result == NULL) {
			end_entry(pg, err);
			continue;
		}
		if (!pipeline->has_result) {
			pipeline->affected = -1;
			pipeline->is_insert = false;
		}
		if (pg->pq.result_status(result) == PGRES_PIPELINE_SYNC) {
			pg->pq.clear(result);
			pipeline->n = 0; /* the only Sync is the last entry */
			if (pipeline->is_unchecked && pipeline->status == DB_OK)
				(void)!check_parameters(pg, err);
			return;
		}
		pipeline->has_result = true;
		take_result(pg, entry, result, err);
		if (entry->kind == PG_QUERY && pipeline->kept == NULL)
			pipeline->kept = result;
		else
			pg->pq.clear(result);
	}
}

static bool lose(struct postgres *pg, struct error *err)
{
	pg->is_wedged = true;
	if (pg->pipeline.status == DB_OK) {
		pg->pipeline.status = DB_FAILED;
		if (pg->pipeline.n > 0)
			pg->db->failed_index = first_entry(&pg->pipeline)->index;
		if (pg->pipeline.is_closing)
			pg->db->failed_part = DB_PART_COMMIT;
		pg_fail(pg, NULL, err);
	}
	return false;
}

/* One turn: writes, waits if asked to, reads. False when the connection is lost. */
static bool turn(struct postgres *pg, bool wait, struct error *err)
{
	int unsent = pg->pq.flush(pg->conn);
	struct pollfd fd = {
		.fd = pg->pq.socket(pg->conn),
		.events = (short)(POLLIN | (unsent > 0 ? POLLOUT : 0)),
	};

	if (unsent < 0)
		/* the server may have said why before it closed the connection */
		(void)pg->pq.consume_input(pg->conn);
	else if ((wait ? pg_wakeup_wait(pg, &fd) : poll(&fd, 1, 0)) < 0 && errno != EINTR)
		return lose(pg, err);
	if ((fd.revents & ~POLLOUT) != 0 && !pg->pq.consume_input(pg->conn)) {
		read_arrived(pg, err);
		return lose(pg, err);
	}
	read_arrived(pg, err);
	pg_wakeup_learn(pg);
	return (unsent >= 0 && !pg->is_wedged) || lose(pg, err);
}

/* --- writing ------------------------------------------------------------------------------- */

static void ask_for_results(struct postgres *pg)
{
	pg->pipeline.asked_n = pg->pipeline.asked_bytes = 0;
	/* a failure shows at the next turn */
	(void)pg->pq.send_flush_request(pg->conn);
}

bool pg_pipeline_add(struct postgres *pg, struct pg_entry entry, const char *sql,
                     const char *const *args, size_t n, struct error *err)
{
	struct pg_pipeline *pipeline = &pg->pipeline;

	if (!enter(pg, err))
		return false;
	if (!pg->pq.send_query_params(pg->conn, sql, (int)n, NULL, args, NULL, NULL, 0)) {
		pg->db->failed_index = entry.index;
		lose(pg, err);
		leave(pg);
		return false;
	}
	entry.size_bytes = strlen(sql) + COMMAND_BYTES;
	push(pipeline, entry);
	pipeline->is_closing |= entry.kind == PG_ROW;
	pipeline->size_bytes += entry.size_bytes;
	pipeline->asked_bytes += entry.size_bytes;
	pipeline->asked_n++;
	if (entry.starts)
		ask_for_results(pg);
	else if (pg_is_watched(pg)) /* somebody wants to see each statement end */
		(void)pg->pq.send_flush_request(pg->conn);
	return true;
}

enum db_status pg_pipeline_advance(struct postgres *pg, struct error *err)
{
	/* for what is queued before this is asked again, and for the few commands of our own */
	enum { ROOM = ASK_AFTER + 16 };
	struct pg_pipeline *pipeline = &pg->pipeline;

	if (!pipeline->is_on)
		return DB_OK;
	if (pipeline->asked_n < ASK_AFTER && pipeline->asked_bytes < ASK_AFTER_BYTES)
		return DB_OK;
	ask_for_results(pg);
	for (;;) {
		bool is_full =
			pipeline->size_bytes > MAX_BYTES || pipeline->n > PG_PIPELINE_MAX - ROOM;

		if (!turn(pg, is_full, err) || pipeline->status != DB_OK)
			break;
		if (!is_full)
			return DB_OK;
	}
	return pg_pipeline_finish(pg, err);
}

enum db_status pg_pipeline_finish(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = &pg->pipeline;

	if (!pipeline->is_on)
		return DB_OK;
	if (!pg->is_wedged && pg->pq.pipeline_sync(pg->conn))
		push(pipeline, (struct pg_entry){.kind = PG_SYNC});
	else if (!pg->is_wedged)
		lose(pg, err);
	while (pipeline->n > 0 && !pg->is_wedged && turn(pg, true, err))
		;
	leave(pg);
	return pipeline->status;
}
