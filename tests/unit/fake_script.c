/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_script.c - a database in memory: what scripts send
 *
 * It becomes requests. They are carried out when they are awaited, which is at once where the
 * driver cannot queue.
 */
#include "fake_connection.h"

#include "cflyway/sql/split.h"

#include <check.h>

enum fake_request_kind {
	FAKE_REQUEST_BEGIN,
	FAKE_REQUEST_LOCK,
	FAKE_REQUEST_CHECK,
	FAKE_REQUEST_PATH,
	FAKE_REQUEST_LIMITS,
	FAKE_REQUEST_STARTED, /* says that the guards have passed */
	FAKE_REQUEST_STATEMENT,
	FAKE_REQUEST_ROW,
	FAKE_REQUEST_COMMIT,
};

/* What a script has sent, and may have to wait. */
struct fake_request {
	enum fake_request_kind kind;
	enum db_part part;
	const char *call, *detail; /* its record */
	const char *text;          /* the statement; the table that is asked */
	size_t index;              /* of the statement */
	int last_rank;
	struct fake_row row;
};

/* --- carrying out what was sent ------------------------------------------------------------ */

static struct fake_reaction find_reaction(const struct fake_db *fake, const char *statement)
{
	for (size_t i = 0; i < fake->reactions_n; i++)
		if (str_starts(str_of(statement), str_of(fake->reactions[i].statement)))
			return fake->reactions[i];
	return (struct fake_reaction){0};
}

static void give_rows(const struct db_listener *listener, const struct fake_reaction *reaction,
                      size_t index)
{
	struct str titles = str_of(reaction->titles), lines = str_of(reaction->rows);
	size_t columns = str_count_char(titles, ',') + 1;
	struct row_set rows;

	row_set_open(&rows, columns, SPOOL_IN_MEMORY);
	for (size_t i = 0; i < columns; i++)
		row_set_title(&rows, i, str_dup(&rows.arena, str_cut(&titles, ',')));
	while (lines.len > 0) {
		struct str line = str_cut(&lines, '\n');
		struct str *values = arena_array(&rows.arena, columns, sizeof(*values));

		for (size_t i = 0; i < columns; i++)
			values[i] = str_of(str_dup(&rows.arena, str_cut(&line, ',')));
		row_set_add_texts(&rows, values);
	}
	listener->result(listener->ctx, index, &rows);
	row_set_close(&rows);
}

/* What a script may say about its transaction. */
static void control_transaction(struct fake_connection *connection, struct str statement)
{
	if (str_eq_nocase(statement, STR("begin")) && !connection->in_transaction)
		connection->in_transaction = true;
	else if (str_eq_nocase(statement, STR("commit")) && connection->in_transaction)
		fake_end_transaction(connection, !connection->has_failed);
	else if (str_eq_nocase(statement, STR("rollback")) && connection->in_transaction)
		fake_end_transaction(connection, false);
}

static bool run_statement(struct fake_connection *connection, const struct fake_request *request,
                          struct error *err)
{
	const struct fake_reaction reaction = find_reaction(connection->fake, request->detail);
	const struct db_listener none = {0};
	const struct db_listener *listener =
		connection->db->listener != NULL ? connection->db->listener : &none;

	if (reaction.takes_ms > 0)
		connection->fake->on_time(connection->fake->ctx, reaction.takes_ms);
	if (listener->waiting != NULL)
		listener->waiting(listener->ctx);
	if (!fake_enter(connection, request->call, request->detail, err))
		return false;
	if (reaction.notice != NULL && listener->notice != NULL)
		listener->notice(listener->ctx, reaction.notice_state, reaction.notice);
	if (reaction.failure != NULL)
		return fake_refuse(connection, reaction.state, reaction.failure, err);
	fake_change(connection, FAKE_STATEMENT, request->text);
	control_transaction(connection, str_of(request->detail));
	if (reaction.drops_locks)
		fake_drop_session_lock(connection);
	connection->is_read_only |= reaction.makes_read_only;
	if (!fake_leave(connection, err))
		return false;
	if (reaction.titles != NULL && listener->result != NULL)
		give_rows(listener, &reaction, request->index);
	if (listener->complete != NULL)
		listener->complete(listener->ctx, request->index,
		                   reaction.affected > 0 ? reaction.affected : -1);
	return true;
}

static enum db_status check_history(struct fake_connection *connection,
                                    const struct fake_request *request, struct error *err)
{
	struct fake_db *fake = connection->fake;
	const char *rank = arena_printf(fake->arena, "%d", request->last_rank);

	if (!fake_enter(connection, "CHECK", rank, err) ||
	    !fake_needs_table(connection, request->text, err))
		return DB_FAILED;

	struct fake_view view = fake_look(connection);
	size_t n = ++fake->checks;
	bool is_stale = fake->stale_checks_at != 0 && n >= fake->stale_checks_at &&
	                n - fake->stale_checks_at < fake->stale_checks;

	if (is_stale || fake_view_last_rank(&view) != request->last_rank)
		return DB_HISTORY_CHANGED;
	return fake_leave(connection, err) ? DB_OK : DB_FAILED;
}

static enum db_status carry_out(struct fake_connection *connection,
                                const struct fake_request *request, struct error *err)
{
	const struct db_listener *listener = connection->db->listener;
	bool ok = true, taken = false;

	switch (request->kind) {
	case FAKE_REQUEST_BEGIN:
		ok = fake_begin_transaction(connection, err);
		break;
	case FAKE_REQUEST_LOCK:
		ok = fake_take_lock(connection, LOCK_TRANSACTION, &taken, err);
		if (ok && !taken)
			return DB_LOCK_BUSY;
		break;
	case FAKE_REQUEST_CHECK:
		return check_history(connection, request, err);
	case FAKE_REQUEST_PATH:
		ok = fake_enter(connection, "PATH", request->detail, err) &&
		     fake_leave(connection, err);
		break;
	case FAKE_REQUEST_LIMITS:
		ok = fake_enter(connection, "LIMITS", request->detail, err) &&
		     fake_leave(connection, err);
		break;
	case FAKE_REQUEST_STARTED:
		if (listener != NULL && listener->started != NULL)
			listener->started(listener->ctx, connection->fake->started_ago_ms);
		break;
	case FAKE_REQUEST_STATEMENT:
		ok = run_statement(connection, request, err);
		break;
	case FAKE_REQUEST_ROW:
		ok = fake_enter(connection, "ROLE", "", err) &&
		     fake_insert_row(connection, request->text, request->row, err);
		break;
	case FAKE_REQUEST_COMMIT:
		ok = fake_commit_transaction(connection, request->detail, err);
		if (ok && listener != NULL && listener->committed != NULL)
			listener->committed(listener->ctx);
		break;
	}
	return ok ? DB_OK : DB_FAILED;
}

/* As in a pipeline, nothing that follows a failure is carried out. */
static enum db_status carry_out_queue(struct fake_connection *connection, struct error *err)
{
	enum db_status status = DB_OK;
	size_t n = connection->queued;

	connection->queued = 0;
	for (size_t i = 0; status == DB_OK && i < n; i++) {
		const struct fake_request *request = &connection->queue[i];

		status = carry_out(connection, request, err);
		if (status == DB_FAILED) {
			connection->db->failed_index = request->index;
			connection->db->failed_part = request->part;
		}
	}
	if (status == DB_LOCK_BUSY || status == DB_HISTORY_CHANGED)
		db_rollback(connection->db);
	return status;
}

bool fake_await(struct fake_connection *connection, struct error *err)
{
	return carry_out_queue(connection, err) == DB_OK;
}

static void add(struct fake_connection *connection, struct fake_request request)
{
	connection->queue = arena_grow(connection->fake->arena, connection->queue,
	                               connection->queued, sizeof(request));
	connection->queue[connection->queued++] = request;
}

/* Without a queue nothing waits. */
static enum db_status await_unless_queued(struct fake_connection *connection, struct error *err)
{
	return connection->fake->driver.durability.can_queue_commit
	               ? DB_OK
	               : carry_out_queue(connection, err);
}

static const char *show_limits(struct arena *arena, const struct db_limits *limits, bool is_session)
{
	return arena_printf(arena, "%s%d %d", is_session ? "session " : "", limits->lock_timeout_ms,
	                    limits->statement_timeout_ms);
}

bool fake_set_limits(struct db *db, const struct db_limits *limits, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);
	const char *shown = show_limits(connection->fake->arena, limits, true);

	if (!fake_await(connection, err) || !fake_enter(connection, "LIMITS", shown, err))
		return false;
	connection->has_session_limits = true;
	return fake_leave(connection, err);
}

bool fake_lift_limits(struct db *db, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	if (!connection->has_session_limits || connection->is_lost)
		return true;
	connection->has_session_limits = false;
	return fake_enter(connection, "LIFT", "", err) && fake_leave(connection, err);
}

struct db_conflict fake_find_conflict(const struct sql_failure *failure)
{
	const bool is_conflict = str_same(failure->state, "55P03");

	return (struct db_conflict){
		is_conflict ? "it could not get a lock in time" : NULL,
		is_conflict ? failure->state : NULL,
	};
}

/* Will it be in a transaction? */
static bool begins(const struct fake_connection *connection)
{
	for (size_t i = 0; i < connection->queued; i++)
		if (connection->queue[i].kind == FAKE_REQUEST_BEGIN)
			return true;
	return false;
}

static void add_guards(struct fake_connection *connection, const struct db_guard *guard)
{
	struct arena *arena = connection->fake->arena;

	connection->sent = 0;
	connection->db->failed_part = DB_PART_SCRIPT;
	if (guard->check_history)
		add(connection, (struct fake_request){.kind = FAKE_REQUEST_CHECK,
		                                      .text = arena_strdup(arena, guard->table),
		                                      .last_rank = guard->last_rank,
		                                      .index = SIZE_MAX});
	if (guard->schema != NULL)
		add(connection, (struct fake_request){.kind = FAKE_REQUEST_PATH,
		                                      .detail = arena_strdup(arena, guard->schema),
		                                      .index = SIZE_MAX});
	if (guard->limits != NULL) {
		connection->has_session_limits |=
			!connection->in_transaction && !begins(connection);
		add(connection,
		    (struct fake_request){.kind = FAKE_REQUEST_LIMITS,
		                          .detail = show_limits(arena, guard->limits, false),
		                          .index = SIZE_MAX});
	}
	add(connection, (struct fake_request){.kind = FAKE_REQUEST_STARTED, .index = SIZE_MAX});
}

enum db_status fake_begin_guarded(struct db *db, const struct db_guard *guard, bool lock,
                                  struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	add(connection, (struct fake_request){.kind = FAKE_REQUEST_BEGIN, .index = SIZE_MAX});
	if (lock)
		add(connection,
		    (struct fake_request){.kind = FAKE_REQUEST_LOCK, .index = SIZE_MAX});
	add_guards(connection, guard);
	return await_unless_queued(connection, err);
}

enum db_status fake_prepare_guarded(struct db *db, const struct db_guard *guard, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);

	add_guards(connection, guard);
	return connection->in_transaction ? await_unless_queued(connection, err)
	                                  : carry_out_queue(connection, err);
}

static void add_statement(struct fake_connection *connection, const char *call,
                          const struct statement *statement, const char *text)
{
	struct arena *arena = connection->fake->arena;
	const char *detail = arena_strndup(arena, statement->text, statement->len);

	add(connection, (struct fake_request){.kind = FAKE_REQUEST_STATEMENT,
	                                      .call = call,
	                                      .detail = detail,
	                                      .text = text != NULL ? text : detail,
	                                      .index = connection->sent++});
}

enum db_status fake_send(struct db *db, const struct statement *statement, struct error *err)
{
	add_statement(fake_connection_of(db), "SEND", statement, NULL);
	return await_unless_queued(fake_connection_of(db), err);
}

enum db_status fake_copy(struct db *db, const struct statement *statement, struct splitter *rows,
                         struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);
	struct arena *arena = connection->fake->arena;
	const char *text = arena_printf(arena, "%.*s\n", (int)statement->len, statement->text);
	struct str piece;
	enum db_status status = carry_out_queue(connection, err);

	if (status != DB_OK)
		return status;
	db->failed_index = connection->sent;
	do {
		if (!split_copy_data(rows, &piece, err)) {
			connection->has_failed = connection->in_transaction;
			return DB_FAILED;
		}
		text = arena_printf(arena, "%s%.*s", text, (int)piece.len, piece.ptr);
	} while (piece.len > 0);
	add_statement(connection, "COPY", statement, text);
	return carry_out_queue(connection, err);
}

enum db_status fake_sync(struct db *db, struct error *err)
{
	struct fake_connection *connection = fake_connection_of(db);
	enum db_status status = carry_out_queue(connection, err);

	if (status == DB_OK && !fake_enter(connection, "SYNC", "", err))
		status = DB_FAILED;
	connection->sent = 0;
	return status;
}

/* --- the row --------------------------------------------------------------------------- */

bool fake_commit_row(struct db *db, const struct db_commit *row, struct error *err)
{
	static const char *const flushes[] = {
		[DB_FLUSH_AS_SET] = "",
		[DB_FLUSH_LATER] = "later",
		[DB_FLUSH_NOW] = "now",
	};
	struct fake_connection *connection = fake_connection_of(db);
	struct arena *arena = connection->fake->arena;
	struct fake_request request = {
		.kind = FAKE_REQUEST_ROW,
		.part = DB_PART_ROW,
		.text = fake_table_in(arena, row->sql + strlen("insert ")),
		.row = fake_row_of(row->args),
		.index = SIZE_MAX,
	};

	const char *detail =
		row->is_queued ? arena_concat(arena, flushes[row->flush],
	                                      *flushes[row->flush] != '\0' ? " " : "", "queued")
			       : flushes[row->flush];

	ck_assert_msg(!row->is_queued || connection->fake->driver.durability.can_queue_commit,
	              "nothing can be queued here");
	db->failed_part = DB_PART_COMMIT;
	for (size_t i = 0; i < FAKE_COLUMNS; i++)
		if (request.row.values[i] != NULL)
			request.row.values[i] = arena_strdup(arena, request.row.values[i]);
	add(connection, request);
	add(connection, (struct fake_request){.kind = FAKE_REQUEST_COMMIT,
	                                      .part = DB_PART_COMMIT,
	                                      .detail = detail,
	                                      .index = SIZE_MAX});
	return row->is_queued || fake_await(connection, err);
}
