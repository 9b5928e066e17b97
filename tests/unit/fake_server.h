/* SPDX-License-Identifier: Apache-2.0 */
/* fake_server.h - how the server behind fake_libpq.c answers */
#ifndef CFLYWAY_TESTS_FAKE_SERVER_H
#define CFLYWAY_TESTS_FAKE_SERVER_H

#include "fake_libpq.h"

enum { FAKE_RESULT_COLUMNS = 16 };

struct pg_result {
	struct pg_conn *conn;
	ExecStatusType status;
	const char *tag;
	const struct fake_reply *reply; /* of an error or a notice; NULL: message alone */
	const char *state, *message;    /* state NULL: libpq itself says it */
	const char *severity;
	const char *function;
	int columns, rows;
	const char *titles[FAKE_RESULT_COLUMNS];
	const char **values;    /* rows * columns; NULL for NULL */
	struct pg_result *then; /* a failure after the rows; or NULL */
};

/* What the server sends, in order. */
struct fake_item {
	enum fake_item_kind {
		ITEM_RESULT,
		ITEM_END,   /* of the results of a command: NULL */
		ITEM_PAUSE, /* one NULL more, between two commands of a pipeline */
		ITEM_SYNC,
		ITEM_NOTICE,
		ITEM_PARAMETER,
		ITEM_LOSS,
	} kind;
	struct pg_result *result;
	const struct fake_reply *reply;
	PGTransactionStatusType transaction; /* after it */
};

/* The server has received a command. */
void fake_server_run(struct pg_conn *conn, const char *sql);

/* The end of a batch, and a request to send what there is. */
void fake_server_sync(struct pg_conn *conn);
void fake_server_flush(struct pg_conn *conn);

/* The end of COPY data; reason NULL: all of them came. */
void fake_server_end_copy(struct pg_conn *conn, const char *reason);

struct pg_result *fake_result(struct pg_conn *conn, ExecStatusType status);

/* --- fake_results.c ------------------------------------------------------------------------ */

/* Is this the call that the test lets fail? */
bool fake_fails(struct pg_conn *conn, const char *function);

void fake_lose(struct pg_conn *conn);

/* Takes in what the server has sent. False when the connection turns out to be lost. */
bool fake_receive(struct pg_conn *conn);

/* Hands a result out, which then has to be cleared. */
PGresult *fake_give(struct pg_conn *conn, struct pg_result *result);

PGresult *fake_get_result(PGconn *conn);
void fake_clear(PGresult *result);

/* Sets the functions that read results. */
void fake_results_fill(struct libpq *libpq);

#endif
