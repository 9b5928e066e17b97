/* SPDX-License-Identifier: Apache-2.0 */
/* fake_server.c - how the server behind fake_libpq.c answers */
#include "fake_server.h"

#include "suites.h"

#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

struct pg_result *fake_result(struct pg_conn *conn, ExecStatusType status)
{
	struct pg_result *result = arena_alloc(conn->arena, sizeof(*result));

	result->conn = conn;
	result->status = status;
	result->tag = "";
	return result;
}

static void push(struct pg_conn *conn, struct fake_item item)
{
	item.transaction = conn->transaction;
	conn->items = arena_grow(conn->arena, conn->items, conn->items_n, sizeof(*conn->items));
	conn->items[conn->items_n++] = item;
}

/* Outside of a pipeline the server sends everything at once. */
static void send_outside(struct pg_conn *conn)
{
	if (!conn->in_pipeline)
		fake_server_flush(conn);
}

void fake_server_flush(struct pg_conn *conn)
{
	if (conn->flushed == conn->items_n)
		return;
	conn->flushed = conn->items_n;
	ck_assert_int_eq(write(conn->server, "x", 1), 1);
}

/* --- commands ------------------------------------------------------------------------------ */

static const struct fake_reply *reply_to(struct pg_conn *conn, const char *sql)
{
	for (size_t i = 0; i < conn->replies_n; i++) {
		struct fake_reply *reply = &conn->replies[i];

		if (str_starts(str_of(sql), str_of(reply->sql)) &&
		    (reply->at == 0 || ++reply->seen == reply->at))
			return reply;
	}
	return NULL;
}

/* "INSERT 0 1", "CREATE TABLE": the words that the command begins with. */
static const char *tag_of(struct pg_conn *conn, const char *sql)
{
	const struct str text = str_of(sql);
	static const char *const counted[] = {"UPDATE", "DELETE", "COPY"};
	size_t len = 0, words = 0;

	if (str_starts_nocase(text, STR("INSERT")))
		return "INSERT 0 1";
	for (size_t i = 0; i < COUNT(counted); i++)
		if (str_starts_nocase(text, str_of(counted[i])))
			return arena_printf(conn->arena, "%s 1", counted[i]);
	while (isalpha((unsigned char)sql[len]) || (sql[len] == ' ' && ++words < 2))
		len++;
	return str_upper(conn->arena, str_sub(text, 0, len));
}

static void read_rows(struct pg_conn *conn, struct pg_result *result,
                      const struct fake_reply *reply)
{
	struct str titles = str_of(reply->columns), rows = str_of(reply->rows);

	while (titles.ptr != NULL)
		result->titles[result->columns++] = str_dup(conn->arena, str_cut(&titles, ','));
	while (rows.len > 0) {
		struct str row = str_cut(&rows, '\n');

		for (int i = 0; i < result->columns; i++) {
			size_t n = (size_t)result->rows * (size_t)result->columns + (size_t)i;
			struct str value = str_cut(&row, ',');

			result->values = arena_grow(conn->arena, result->values, n, sizeof(char *));
			result->values[n] =
				str_eq(value, STR("NULL")) ? NULL : str_dup(conn->arena, value);
		}
		result->rows++;
	}
	result->tag = arena_printf(conn->arena, "SELECT %d", result->rows);
}

static struct pg_result *success(struct pg_conn *conn, const char *sql,
                                 const struct fake_reply *reply)
{
	struct pg_result *result = fake_result(conn, PGRES_COMMAND_OK);

	if (*sql == '\0')
		result->status = PGRES_EMPTY_QUERY;
	if (str_starts_nocase(str_of(sql), STR("SELECT")))
		result->status = PGRES_TUPLES_OK;
	result->tag = tag_of(conn, sql);
	if (reply != NULL && reply->columns != NULL) {
		result->status = PGRES_TUPLES_OK;
		read_rows(conn, result, reply);
	}
	if (reply != NULL && reply->tag != NULL)
		result->tag = reply->tag;
	if (reply != NULL && reply->copy != PGRES_EMPTY_QUERY)
		result->status = reply->copy;
	return result;
}

static struct pg_result *failure(struct pg_conn *conn, const struct fake_reply *reply,
                                 const char *state, const char *message)
{
	struct pg_result *result = fake_result(conn, PGRES_FATAL_ERROR);

	result->reply = reply;
	result->state = state;
	result->message = message;
	result->severity = reply != NULL && reply->severity != NULL ? reply->severity : "ERROR";
	if (conn->transaction == PQTRANS_INTRANS)
		conn->transaction = PQTRANS_INERROR;
	conn->skips = conn->in_pipeline;
	return result;
}

/* Of BEGIN, COMMIT, ROLLBACK, and a text that ends with one of them. */
static void change_transaction(struct pg_conn *conn, const char *sql, struct pg_result *result)
{
	const struct str text = str_of(sql);

	if (str_starts(text, STR("BEGIN")))
		conn->transaction = PQTRANS_INTRANS;
	if (str_starts(text, STR("COMMIT")) && conn->transaction == PQTRANS_INERROR)
		result->tag = "ROLLBACK";
	if (str_starts(text, STR("COMMIT")) || str_starts(text, STR("ROLLBACK")) ||
	    str_ends(text, STR("COMMIT")) || str_ends(text, STR("ROLLBACK")))
		conn->transaction = PQTRANS_IDLE;
}

static bool ends_failed_transaction(const char *sql)
{
	return str_starts(str_of(sql), STR("ROLLBACK")) || str_starts(str_of(sql), STR("COMMIT"));
}

static struct pg_result *answer(struct pg_conn *conn, const char *sql,
                                const struct fake_reply *reply)
{
	struct pg_result *result;

	if (conn->skips)
		return fake_result(conn, PGRES_PIPELINE_ABORTED);
	if (conn->transaction == PQTRANS_INERROR && !ends_failed_transaction(sql))
		return failure(conn, NULL, "25P02", "current transaction is aborted");
	if (reply != NULL && reply->failure != NULL && reply->columns != NULL) {
		result = success(conn, sql, reply);
		result->then = failure(conn, reply, reply->state, reply->failure);
		return result;
	}
	if (reply != NULL && reply->failure != NULL)
		return failure(conn, reply, reply->state, reply->failure);
	result = success(conn, sql, reply);
	change_transaction(conn, sql, result);
	return result;
}

static void push_notice(struct pg_conn *conn, const struct fake_reply *reply)
{
	struct pg_result *notice = fake_result(conn, PGRES_NONFATAL_ERROR);

	notice->state = reply->notice_state;
	notice->message = reply->notice;
	notice->severity = "NOTICE";
	notice->function = reply->notice_function;
	push(conn, (struct fake_item){.kind = ITEM_NOTICE, .result = notice});
}

static void push_answer(struct pg_conn *conn, struct pg_result *result)
{
	bool copies_in = result->status == PGRES_COPY_IN || result->status == PGRES_COPY_BOTH;

	push(conn, (struct fake_item){.kind = ITEM_RESULT, .result = result});
	conn->is_copying = copies_in;
	if (copies_in)
		return; /* the rest comes after the rows */
	push(conn, (struct fake_item){.kind = ITEM_END});
	if (conn->in_pipeline)
		push(conn, (struct fake_item){.kind = ITEM_PAUSE});
}

void fake_server_run(struct pg_conn *conn, const char *sql)
{
	const struct fake_reply *reply = reply_to(conn, sql);
	struct pg_result *result;

	if (!conn->skips && reply != NULL && reply->loses) {
		push(conn, (struct fake_item){.kind = ITEM_LOSS});
		conn->flushed = conn->items_n - 1;
		fake_server_flush(conn);
		return;
	}
	if (!conn->skips && reply != NULL && reply->notice != NULL)
		push_notice(conn, reply);
	if (!conn->skips && reply != NULL && reply->parameter != NULL)
		push(conn, (struct fake_item){.kind = ITEM_PARAMETER, .reply = reply});
	result = answer(conn, sql, reply);
	if (result->status == PGRES_COPY_OUT) {
		conn->copy_out = reply;
		conn->copied_out = 0;
	}
	push_answer(conn, result);
	send_outside(conn);
}

void fake_server_sync(struct pg_conn *conn)
{
	conn->skips = false;
	push(conn, (struct fake_item){.kind = ITEM_SYNC});
	fake_server_flush(conn);
}

void fake_server_end_copy(struct pg_conn *conn, const char *reason)
{
	const struct fake_reply *reply = reply_to(conn, "end");
	struct pg_result *result;

	if (reply != NULL && reply->notice != NULL)
		push_notice(conn, reply);
	if (reason != NULL)
		result = failure(conn, NULL, "57014",
		                 arena_printf(conn->arena, "COPY from stdin failed: %s", reason));
	else if (reply != NULL && reply->failure != NULL)
		result = failure(conn, reply, reply->state, reply->failure);
	else
		result = success(conn, "COPY", reply);
	push_answer(conn, result);
	send_outside(conn);
}
