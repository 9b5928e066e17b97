/* SPDX-License-Identifier: Apache-2.0 */
/* fake_results.c - what arrives from the server behind fake_libpq.c, and the results in it */
#include "fake_server.h"

#include "suites.h"

#include <sys/socket.h>
#include <unistd.h>

void fake_lose(struct pg_conn *conn)
{
	conn->is_lost = true;
	conn->transaction = PQTRANS_IDLE;
	/* poll has something to say about a socket that is closed */
	shutdown(conn->server, SHUT_RDWR);
}

/* Is this the call that the test lets fail? */
bool fake_fails(struct pg_conn *conn, const char *function)
{
	for (size_t i = 0; i < conn->faults_n; i++) {
		struct fake_fault *fault = &conn->faults[i];

		if (strcmp(fault->function, function) != 0 || ++fault->seen != fault->at)
			continue;
		if (fault->loses)
			fake_lose(conn);
		return true;
	}
	return false;
}

/* --- what has arrived ---------------------------------------------------------------------- */

static void deliver(struct pg_conn *conn, const struct fake_item *item)
{
	const struct fake_reply *reply = item->reply;

	if (item->kind == ITEM_NOTICE && conn->receiver != NULL)
		conn->receiver(conn->receiver_arg, item->result);
	if (item->kind == ITEM_PARAMETER && strcmp(reply->parameter, "client_encoding") == 0)
		conn->encoding = reply->value;
	if (item->kind == ITEM_PARAMETER && strcmp(reply->parameter, "DateStyle") == 0)
		conn->date_style = reply->value;
}

static bool is_aside(enum fake_item_kind kind)
{
	return kind == ITEM_NOTICE || kind == ITEM_PARAMETER;
}

/* libpq reads notices and parameters also behind a result that has not been taken yet. */
static void deliver_asides(struct pg_conn *conn)
{
	size_t i = conn->read;

	if (i < conn->arrived && conn->items[i].kind == ITEM_RESULT)
		i++;
	while (i < conn->arrived &&
	       (conn->items[i].kind == ITEM_END || conn->items[i].kind == ITEM_PAUSE))
		i++;
	for (; i < conn->arrived && is_aside(conn->items[i].kind); i++) {
		if (i < conn->delivered)
			continue;
		deliver(conn, &conn->items[i]);
		conn->delivered = i + 1;
	}
	while (conn->read < conn->delivered && is_aside(conn->items[conn->read].kind))
		conn->read++;
}

bool fake_receive(struct pg_conn *conn)
{
	size_t until = conn->unsent > 0 ? conn->arrived : conn->flushed;
	char bytes[64];

	while (recv(conn->client, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	if (conn->arriving > 0 && conn->arrived + conn->arriving < until)
		until = conn->arrived + conn->arriving;
	while (conn->arrived < until && !conn->is_lost) {
		if (conn->items[conn->arrived].kind == ITEM_LOSS)
			fake_lose(conn);
		else
			conn->arrived++;
	}
	if (conn->arrived < conn->flushed && conn->unsent == 0 && !conn->is_lost)
		ck_assert_int_eq(write(conn->server, "x", 1), 1);
	return !conn->is_lost;
}

static int consume_input(PGconn *conn)
{
	if (fake_fails(conn, "consume_input") || conn->is_lost)
		return 0;
	return fake_receive(conn);
}

static int is_busy(PGconn *conn)
{
	deliver_asides(conn);
	return !conn->is_lost && conn->read == conn->arrived && conn->items_n > conn->read;
}

/* --- results ------------------------------------------------------------------------------- */

PGresult *fake_give(struct pg_conn *conn, struct pg_result *result)
{
	conn->open_results++;
	return result;
}

/* The next row alone, or after the last one a result without rows, or the failure. */
static PGresult *single_row(struct pg_conn *conn, struct pg_result *whole)
{
	struct pg_result *result = fake_result(conn, PGRES_SINGLE_TUPLE);

	*result = *whole;
	if (whole->rows == 0) {
		conn->read++;
		return fake_give(conn, whole->then != NULL ? whole->then : result);
	}
	result->status = PGRES_SINGLE_TUPLE;
	result->rows = 1;
	whole->rows--;
	whole->values += whole->columns;
	return fake_give(conn, result);
}

static PGresult *take_result(struct pg_conn *conn, struct pg_result *result)
{
	if (result->status == PGRES_TUPLES_OK && conn->single_row)
		return single_row(conn, result);
	conn->whole_results += result->status == PGRES_TUPLES_OK && result->rows > 0;
	conn->read++;
	return fake_give(conn, result->then != NULL ? result->then : result);
}

static PGresult *tell_loss(struct pg_conn *conn)
{
	if (conn->has_told_loss || conn->items_n == conn->read)
		return NULL;
	conn->has_told_loss = true;
	return fake_give(conn, fake_result(conn, PGRES_FATAL_ERROR));
}

/* As libpq does, waits for what is missing. */
static bool wait_for_item(struct pg_conn *conn)
{
	while (!conn->is_lost && conn->read == conn->arrived && conn->read < conn->items_n) {
		ck_assert_msg(conn->flushed > conn->arrived,
		              "PQgetResult would wait for ever: the server was not asked");
		fake_receive(conn);
		deliver_asides(conn);
	}
	deliver_asides(conn);
	return conn->read < conn->arrived;
}

PGresult *fake_get_result(PGconn *conn)
{
	const struct fake_item *item;

	if (!wait_for_item(conn)) {
		if (conn->is_lost)
			return tell_loss(conn);
		if (conn->is_copying)
			return fake_give(conn, fake_result(conn, PGRES_COPY_IN));
		return NULL;
	}
	item = &conn->items[conn->read];
	if (item->kind == ITEM_RESULT)
		return take_result(conn, item->result);
	conn->read++;
	conn->single_row = false;
	if (item->kind == ITEM_SYNC || !conn->in_pipeline)
		conn->seen_transaction = item->transaction;
	return item->kind == ITEM_SYNC ? fake_give(conn, fake_result(conn, PGRES_PIPELINE_SYNC))
	                               : NULL;
}

static int set_single_row_mode(PGconn *conn)
{
	conn->single_row = true;
	return 1;
}

void fake_clear(PGresult *result)
{
	if (result == NULL)
		return;
	ck_assert_int_gt((int)result->conn->open_results, 0);
	result->conn->open_results--;
}

static ExecStatusType result_status(const PGresult *result)
{
	return result != NULL ? result->status : PGRES_FATAL_ERROR;
}

static const char *position_of(const struct fake_reply *reply, int code)
{
	switch (code) {
	case PG_DIAG_MESSAGE_DETAIL:
		return reply->detail;
	case PG_DIAG_MESSAGE_HINT:
		return reply->hint;
	case PG_DIAG_STATEMENT_POSITION:
		return reply->position;
	case PG_DIAG_CONTEXT:
		return reply->context;
	default:
		return NULL;
	}
}

static char *result_error_field(const PGresult *result, int code)
{
	const char *field = NULL;

	if (result == NULL)
		return NULL;
	if (code == PG_DIAG_SQLSTATE)
		field = result->state;
	else if (code == PG_DIAG_MESSAGE_PRIMARY)
		field = result->message;
	else if (code == PG_DIAG_SEVERITY || code == PG_DIAG_SEVERITY_NONLOCALIZED)
		field = result->severity;
	else if (code == PG_DIAG_SOURCE_FUNCTION)
		field = result->function;
	else if (result->reply != NULL)
		field = position_of(result->reply, code);
	return (char *)field;
}

static char *result_error_message(const PGresult *result)
{
	return result != NULL && result->message != NULL ? (char *)result->message : "";
}

static int ntuples(const PGresult *result)
{
	return result->rows;
}

static int nfields(const PGresult *result)
{
	return result->columns;
}

static char *fname(const PGresult *result, int column)
{
	return (char *)result->titles[column];
}

static const char *value_at(const PGresult *result, int row, int column)
{
	ck_assert_int_lt(row, result->rows);
	ck_assert_int_lt(column, result->columns);
	return result->values[row * result->columns + column];
}

static char *getvalue(const PGresult *result, int row, int column)
{
	const char *value = value_at(result, row, column);

	return value != NULL ? (char *)value : "";
}

static int getisnull(const PGresult *result, int row, int column)
{
	return value_at(result, row, column) == NULL;
}

static char *cmd_status(PGresult *result)
{
	return (char *)result->tag;
}

/* The number at the end of a tag. */
static char *cmd_tuples(PGresult *result)
{
	const char *number = strrchr(result->tag, ' ');

	if (number == NULL || strspn(number + 1, "0123456789") != strlen(number + 1))
		return "";
	return (char *)number + 1;
}

void fake_results_fill(struct libpq *libpq)
{
	libpq->consume_input = consume_input;
	libpq->is_busy = is_busy;
	libpq->get_result = fake_get_result;
	libpq->set_single_row_mode = set_single_row_mode;
	libpq->clear = fake_clear;
	libpq->result_status = result_status;
	libpq->result_error_field = result_error_field;
	libpq->result_error_message = result_error_message;
	libpq->ntuples = ntuples;
	libpq->nfields = nfields;
	libpq->fname = fname;
	libpq->getvalue = getvalue;
	libpq->getisnull = getisnull;
	libpq->cmd_status = cmd_status;
	libpq->cmd_tuples = cmd_tuples;
}
