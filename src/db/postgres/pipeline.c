/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.c - sends commands without waiting in between
 *
 * A batch is one segment of the protocol, with a single Sync at its end. The number of bytes that
 * are under way is bounded, and results are read while commands are written, so that neither side
 * waits for the other to read. The server sends results only when asked (Flush). It is asked after
 * the guards, since the script then counts as started, and every now and then, so that notices and
 * tables appear while a long script runs.
 */
#include "pipeline.h"

#include "errors.h"
#include "listener.h"
#include "pgjdbc_refusals.h"
#include "to_primary.h"
#include "wakeup.h"

#include <assert.h>
#include <errno.h>

enum {
	MAX_COMMANDS = 1024, /* without an answer */
	MAX_BYTES = 1 << 20, /* the same; one larger statement may go beyond it */
	FLUSH_AFTER = 64,    /* commands */
	FLUSH_AFTER_BYTES = 1 << 16,
	COMMAND_BYTES = 64, /* what a command costs beside its text, about */
};

struct pg_pipeline {
	bool is_on;
	enum db_status status; /* of the batch: the first failure counts */

	struct pg_command *ring; /* without an answer: MAX_COMMANDS, n of them from first */
	size_t first, n, size_bytes;
	size_t unflushed, unflushed_bytes; /* since the server was last asked for results */

	struct pg_answer {
		bool has_begun, is_insert;
		int64_t affected;
	} answer; /* to the first command, as far as it has come */

	size_t after_start; /* commands after the guards, when these had passed */
	bool is_unchecked;  /* the parameters have not been looked at since some INSERT */
	size_t last_index;  /* of the last statement that is done */
	PGresult *kept;     /* of PG_QUERY */
};

static const struct pg_answer no_answer = {.affected = -1};

void pg_pipeline_init(struct postgres *pg)
{
	pg->pipeline = arena_alloc(pg->db->arena, sizeof(*pg->pipeline));
}

bool pg_pipeline_is_on(const struct postgres *pg)
{
	return pg->pipeline->is_on;
}

PGresult *pg_pipeline_take_result(struct postgres *pg)
{
	PGresult *result = pg->pipeline->kept;

	pg->pipeline->kept = NULL;
	return result;
}

/* --- the commands without an answer -------------------------------------------------------- */

/* There must be one. */
static struct pg_command *first_command(struct pg_pipeline *pipeline)
{
	return &pipeline->ring[pipeline->first];
}

/*
 * The server answers the first command; what is left before Sync, or after a failure, belongs to
 * the one before it.
 */
static void update_phase(struct postgres *pg)
{
	static const enum pg_phase phases[] = {
		[PG_OWN] = PG_PHASE_OWN,          [PG_QUERY] = PG_PHASE_OWN,
		[PG_BEGIN] = PG_PHASE_GUARDS,     [PG_LOCK] = PG_PHASE_GUARDS,
		[PG_HISTORY] = PG_PHASE_GUARDS,   [PG_ROW] = PG_PHASE_COMMIT,
		[PG_COMMIT] = PG_PHASE_COMMIT,    [PG_STATEMENT] = PG_PHASE_SCRIPT,
		[PG_ROW_CHECK] = PG_PHASE_COMMIT,
	};
	struct pg_pipeline *pipeline = pg->pipeline;

	if (pipeline->status == DB_OK && pipeline->n > 0 &&
	    first_command(pipeline)->kind != PG_SYNC)
		pg->phase = phases[first_command(pipeline)->kind];
}

static void push(struct postgres *pg, struct pg_command command)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	assert(pipeline->n < MAX_COMMANDS);
	pipeline->ring[(pipeline->first + pipeline->n++) % MAX_COMMANDS] = command;
	pipeline->size_bytes += command.size_bytes;
	update_phase(pg);
}

static void drop_first(struct postgres *pg)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	pipeline->size_bytes -= first_command(pipeline)->size_bytes;
	pipeline->first = (pipeline->first + 1) % MAX_COMMANDS;
	pipeline->n--;
	update_phase(pg);
}

static bool enter(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	if (pipeline->is_on)
		return true;
	if (!pg_is_usable(pg, err))
		return false;
	if (pipeline->ring == NULL)
		pipeline->ring = arena_array(pg->db->arena, MAX_COMMANDS, sizeof(*pipeline->ring));
	*pipeline = (struct pg_pipeline){.ring = pipeline->ring, .answer = no_answer};
	pg_wakeup_reset(pg);
	/* libpq forgets the single-row mode of the last command only when it begins another outside
	 * of a pipeline; this one it begins and refuses. */
	(void)pg->pq.send_query(pg->conn, NULL);
	if (pg->pq.set_nonblocking(pg->conn, 1) != 0 || !pg->pq.enter_pipeline_mode(pg->conn))
		return pg_fail(pg, NULL, err);
	pipeline->is_on = true;
	return true;
}

static void leave(struct postgres *pg)
{
	pg->phase = PG_PHASE_OWN;
	pg->pipeline->is_on = false;
	pg->pipeline->n = 0;
	pg_drop_rows(pg); /* of a statement whose last row never came */
	if (!pg->pq.exit_pipeline_mode(pg->conn))
		pg->is_unusable = true;
	pg->pq.set_nonblocking(pg->conn, pg->silence.limit_ms > 0);
}

/* --- reading ------------------------------------------------------------------------------- */

/*
 * Row or COMMIT have failed. What the script has done to the role goes back with the transaction,
 * but only to its start. If it is not the server that says so, COMMIT may have been carried out.
 */
static void note_failed_part(struct postgres *pg, bool is_row)
{
	pg->db->failed_part = is_row ? DB_PART_ROW : DB_PART_COMMIT;
	pg->role = PG_ROLE_UNKNOWN;
}

static bool is_of_row(const struct pg_command *command)
{
	return command->kind == PG_ROW || command->kind == PG_ROW_CHECK;
}

/* A command has failed: what that means depends on what it was. */
static void take_failure(struct postgres *pg, const struct pg_command *command,
                         const PGresult *result, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;
	const char *sqlstate = pg->pq.result_error_field(result, PG_DIAG_SQLSTATE);
	bool is_guard = str_same(sqlstate, PG_GUARD_FAILED);

	if (pipeline->status != DB_OK)
		return;
	if (is_guard && command->kind == PG_LOCK) {
		pipeline->status = DB_LOCK_BUSY;
		return;
	}
	if (is_guard && command->kind == PG_HISTORY) {
		pipeline->status = DB_HISTORY_CHANGED;
		return;
	}
	pipeline->status = DB_FAILED;
	pg->db->failed_index = command->index;
	if (is_of_row(command) || command->kind == PG_COMMIT)
		note_failed_part(pg, is_of_row(command) && sqlstate != NULL &&
		                             !pg_is_fatal(pg, result));
	if (is_guard && command->kind == PG_ROW_CHECK)
		pg_fail_text(err, "02000", db_row_not_there);
	else
		pg_fail(pg, result, err);
}

/* A COMMIT that the server has carried out as a ROLLBACK says so in its tag alone. */
static void take_tag(struct postgres *pg, const struct pg_command *command, PGresult *result,
                     struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;
	const char *tag = pg->pq.cmd_status(result);

	pipeline->answer.affected = pg_affected_rows(pg, result);
	pipeline->answer.is_insert = strncmp(tag, "INSERT ", 7) == 0;
	if (command->kind != PG_COMMIT || pipeline->status != DB_OK || strcmp(tag, "ROLLBACK") != 0)
		return;
	pipeline->status = DB_FAILED;
	note_failed_part(pg, false);
	pg_fail_text(err, "25P02", pg_rolled_back);
}

static void take_rows(struct postgres *pg, const struct pg_command *command, const PGresult *result)
{
	if (command->kind == PG_STATEMENT && pg->pipeline->status == DB_OK)
		pg_listener_rows(pg, command->index, result);
	else if (command->kind == PG_ROW || command->kind == PG_HISTORY)
		pg_wakeup_take_time(pg, command->kind == PG_HISTORY, result);
}

static void take_result(struct postgres *pg, const struct pg_command *command, PGresult *result,
                        struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	switch (pg->pq.result_status(result)) {
	case PGRES_SINGLE_TUPLE:
	case PGRES_TUPLES_OK:
		take_rows(pg, command, result);
		break;
	case PGRES_COMMAND_OK:
		take_tag(pg, command, result, err);
		break;
	case PGRES_EMPTY_QUERY:
	case PGRES_PIPELINE_ABORTED: /* skipped, because one before it has failed */
		break;
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		/* no way back from here: the splitter keeps every COPY out of the pipeline */
		pipeline->status = DB_FAILED;
		pg->db->failed_index = command->index;
		pg_fail_text(err, "0A000", pg_copy_refused);
		pg->is_unusable = true;
		break;
	default:
		take_failure(pg, command, result, err);
	}
}

/* An INSERT changes no parameter, or its trigger does: after many of them one look will do. */
static bool check_parameters(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	pipeline->is_unchecked = false;
	if (pg_check_parameters(pg, err))
		return true;
	pipeline->status = DB_FAILED;
	pg->db->failed_index = pipeline->last_index;
	return false;
}

static void complete_statement(struct postgres *pg, size_t index, const struct pg_answer *answer,
                               struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	pipeline->last_index = index;
	if (!answer->is_insert && !check_parameters(pg, err))
		return;
	pipeline->is_unchecked |= answer->is_insert;
	pg_listener_complete(pg, index, answer->affected);
}

/* All of the answer to the first command has been read. */
static void end_command(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;
	const struct pg_command command = *first_command(pipeline);
	const struct pg_answer answer = pipeline->answer;

	drop_first(pg);
	pipeline->answer = no_answer;
	pg_drop_rows(pg);
	if (pipeline->status != DB_OK)
		return;
	if (command.kind == PG_COMMIT)
		pg_listener_committed(pg);
	if (command.starts) {
		pipeline->after_start = pipeline->n;
		pg->phase = PG_PHASE_SCRIPT;
		pg_listener_started(pg, pg_wakeup_ago_ms(pg));
	}
	if (command.kind == PG_STATEMENT)
		complete_statement(pg, command.index, &answer, err);
}

/* Is a result there? Of a script rows are taken one by one, so that libpq never holds them all. */
static bool has_arrived(struct postgres *pg)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	if (pipeline->n == 0 || pg->is_unusable)
		return false;
	/* for each command, before anything of its result is read; at other times it is refused */
	if (!pipeline->answer.has_begun && first_command(pipeline)->kind == PG_STATEMENT)
		(void)pg->pq.set_single_row_mode(pg->conn);
	return !pg->pq.is_busy(pg->conn);
}

/* The only Sync is the last command. */
static void end_batch(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	pipeline->n = 0;
	if (pipeline->is_unchecked && pipeline->status == DB_OK)
		(void)!check_parameters(pg, err);
}

/* What has become of a command that the server did not answer is not known, nor of COMMIT. */
static void fail_unanswered(struct postgres *pg, const struct pg_command *command,
                            struct error *err)
{
	pg->is_unusable = true;
	if (pg->pipeline->status != DB_OK)
		return;
	pg->pipeline->status = DB_FAILED;
	pg->db->failed_index = command->index;
	if (pg->phase == PG_PHASE_COMMIT)
		pg->db->failed_part = DB_PART_COMMIT;
	pg_fail_text(err, "08P01", "The server did not answer all commands.");
}

/* Takes all results that have arrived completely. */
static void read_arrived(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;
	int pauses = 0;

	while (has_arrived(pg)) {
		const struct pg_command *command = first_command(pipeline);
		PGresult *result = pg->pq.get_result(pg->conn);

		/* between two commands libpq gives one NULL more */
		if (result == NULL && !pipeline->answer.has_begun && pauses++ > 1)
			return;
		if (result == NULL && !pipeline->answer.has_begun)
			continue;
		pauses = 0;
		if (result == NULL) {
			end_command(pg, err);
			continue;
		}
		if (pg->pq.result_status(result) == PGRES_PIPELINE_SYNC) {
			pg->pq.clear(result);
			if (command->kind == PG_SYNC)
				end_batch(pg, err);
			else
				fail_unanswered(pg, command, err);
			return;
		}
		pipeline->answer.has_begun = true;
		take_result(pg, command, result, err);
		if (command->kind == PG_QUERY && pipeline->kept == NULL)
			pipeline->kept = result;
		else
			pg->pq.clear(result);
	}
}

static void lose(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	if (pipeline->status == DB_OK) {
		pipeline->status = DB_FAILED;
		if (pipeline->n > 0)
			pg->db->failed_index = first_command(pipeline)->index;
		if (pg->phase == PG_PHASE_COMMIT)
			pg->db->failed_part = DB_PART_COMMIT;
		pg_fail(pg, NULL, err);
	}
	pg->is_unusable = true; /* from now on libpq's reason is not asked for */
}

/* How much of the answer to the batch is there. */
static enum pg_progress progress(const struct postgres *pg)
{
	const struct pg_pipeline *pipeline = pg->pipeline;

	if (pg->phase != PG_PHASE_SCRIPT)
		return PG_PROGRESS_NONE;
	if (pipeline->n == 0 && pipeline->status == DB_OK)
		return PG_PROGRESS_ALL;
	if (pipeline->n == pipeline->after_start && !pipeline->answer.has_begun)
		return PG_PROGRESS_STARTED;
	return PG_PROGRESS_RESULTS;
}

/* One turn: writes, waits if asked to, reads. A lost connection is unusable afterwards. */
static void turn(struct postgres *pg, bool wait, struct error *err)
{
	int unsent = pg->pq.flush(pg->conn);
	bool is_lost = unsent < 0;
	struct pollfd fd = {
		.fd = pg->pq.socket(pg->conn),
		.events = (short)(POLLIN | (unsent > 0 ? POLLOUT : 0)),
	};

	if (is_lost)
		/* the server may have said why before it closed the connection */
		(void)pg->pq.consume_input(pg->conn);
	else if ((wait ? pg_wakeup_wait(pg, &fd) : poll(&fd, 1, 0)) < 0 && errno != EINTR)
		is_lost = true;
	if ((fd.revents & ~POLLOUT) != 0 && !pg->pq.consume_input(pg->conn))
		is_lost = true;
	read_arrived(pg, err);
	pg_wakeup_learn(pg, progress(pg));
	if (is_lost)
		lose(pg, err);
}

/* --- writing ------------------------------------------------------------------------------- */

static void ask_for_results(struct postgres *pg)
{
	pg->pipeline->unflushed = pg->pipeline->unflushed_bytes = 0;
	/* a failure shows at the next turn */
	(void)pg->pq.send_flush_request(pg->conn);
}

bool pg_pipeline_add(struct postgres *pg, struct pg_command command, const char *sql,
                     const char *const *args, size_t n, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;
	struct buf text = BUF_EMPTY(SIZE_MAX / 2);
	bool is_sent;

	if (!enter(pg, err))
		return false;
	if (command.kind != PG_STATEMENT)
		sql = pg_to_primary(pg, sql, &text);
	command.size_bytes = strlen(sql) + COMMAND_BYTES;
	is_sent = pg->pq.send_query_params(pg->conn, sql, (int)n, NULL, args, NULL, NULL, 0);
	buf_release(&text);
	if (!is_sent) {
		pg->db->failed_index = command.index;
		lose(pg, err);
		leave(pg);
		return false;
	}
	push(pg, command);
	pipeline->unflushed_bytes += command.size_bytes;
	pipeline->unflushed++;
	if (command.starts)
		ask_for_results(pg);
	else if (pg->db->listener != NULL && pg->db->listener->sees_each_end)
		(void)pg->pq.send_flush_request(pg->conn);
	return true;
}

enum db_status pg_pipeline_advance(struct postgres *pg, struct error *err)
{
	/* for what is added before this is called again, and for the few commands of our own */
	enum { ROOM = FLUSH_AFTER + 16 };
	struct pg_pipeline *pipeline = pg->pipeline;

	if (!pipeline->is_on)
		return DB_OK;
	if (pipeline->unflushed < FLUSH_AFTER && pipeline->unflushed_bytes < FLUSH_AFTER_BYTES)
		return DB_OK;
	ask_for_results(pg);
	for (;;) {
		bool is_full =
			pipeline->size_bytes > MAX_BYTES || pipeline->n > MAX_COMMANDS - ROOM;

		turn(pg, is_full, err);
		if (pg->is_unusable || pipeline->status != DB_OK)
			break;
		if (!is_full)
			return DB_OK;
	}
	return pg_pipeline_finish(pg, err);
}

enum db_status pg_pipeline_finish(struct postgres *pg, struct error *err)
{
	struct pg_pipeline *pipeline = pg->pipeline;

	if (!pipeline->is_on)
		return DB_OK;
	if (!pg->is_unusable && pg->pq.pipeline_sync(pg->conn))
		push(pg, (struct pg_command){.kind = PG_SYNC});
	else if (!pg->is_unusable)
		lose(pg, err);
	while (pipeline->n > 0 && !pg->is_unusable)
		turn(pg, true, err);
	if (pipeline->n > 0)
		lose(pg, err);
	leave(pg);
	return pipeline->status;
}
