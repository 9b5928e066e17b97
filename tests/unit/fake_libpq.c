/* SPDX-License-Identifier: Apache-2.0 */
/* fake_libpq.c - libpq in memory, for tests of the driver */
#include "fake_libpq.h"

#include "fake_server.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void record(struct pg_conn *conn, const char *what, const char *detail)
{
	str_list_add(conn->arena, &conn->calls,
	             *detail != '\0' ? arena_printf(conn->arena, "%s %s", what, detail) : what);
}

/* --- commands ------------------------------------------------------------------------------ */

static int send_query(PGconn *conn, const char *sql)
{
	if (sql == NULL || conn->in_pipeline || conn->is_lost || fake_fails(conn, "send_query"))
		return 0;
	record(conn, "simple", sql);
	fake_server_run(conn, sql);
	return 1;
}

static int send_query_params(PGconn *conn, const char *sql, int n, const Oid *types,
                             const char *const *args, const int *lengths, const int *formats,
                             int result_format)
{
	char *line = arena_strdup(conn->arena, sql);

	ck_assert(types == NULL && lengths == NULL && formats == NULL && result_format == 0);
	if (conn->is_lost || fake_fails(conn, "send_query_params"))
		return 0;
	for (int i = 0; i < n; i++)
		line = arena_printf(conn->arena, "%s%s%s%s", line, i == 0 ? " [" : "|",
		                    args[i] != NULL ? args[i] : "NULL", i + 1 == n ? "]" : "");
	record(conn, "send", line);
	fake_server_run(conn, sql);
	return 1;
}

/* Waits, and gives the last result. */
static PGresult *exec(PGconn *conn, const char *sql)
{
	PGresult *result, *last = NULL;

	ck_assert_msg(!conn->in_pipeline, "PQexec in a pipeline");
	record(conn, "exec", sql);
	if (conn->is_lost || fake_fails(conn, "exec"))
		return fake_give(conn, fake_result(conn, PGRES_FATAL_ERROR));
	fake_server_run(conn, sql);
	while ((result = fake_get_result(conn)) != NULL) {
		fake_clear(last);
		last = result;
	}
	return last;
}

static int set_nonblocking(PGconn *conn, int on)
{
	if (fake_fails(conn, "set_nonblocking"))
		return -1;
	conn->is_nonblocking = on != 0;
	return 0;
}

static int flush(PGconn *conn)
{
	if (fake_fails(conn, "flush") || conn->is_lost)
		return -1;
	if (conn->unsent == 0)
		return 0;
	if (--conn->unsent == 0) /* now the server has it all */
		ck_assert_int_eq(write(conn->server, "x", 1), 1);
	return 1;
}

static int enter_pipeline_mode(PGconn *conn)
{
	if (conn->is_lost || fake_fails(conn, "enter_pipeline_mode"))
		return 0;
	ck_assert_msg(conn->read == conn->items_n, "a pipeline with results left over");
	record(conn, "enter", "");
	conn->in_pipeline = true;
	return 1;
}

static int exit_pipeline_mode(PGconn *conn)
{
	record(conn, "exit", "");
	if (fake_fails(conn, "exit_pipeline_mode") ||
	    (conn->in_pipeline && !conn->is_lost && conn->read < conn->items_n))
		return 0;
	conn->in_pipeline = false;
	return 1;
}

static int send_flush_request(PGconn *conn)
{
	if (conn->is_lost || fake_fails(conn, "send_flush_request"))
		return 0;
	record(conn, "flush", "");
	fake_server_flush(conn);
	return 1;
}

static int pipeline_sync(PGconn *conn)
{
	if (conn->is_lost || fake_fails(conn, "pipeline_sync"))
		return 0;
	record(conn, "sync", "");
	fake_server_sync(conn);
	return 1;
}

/* --- COPY ---------------------------------------------------------------------------------- */

static int put_copy_data(PGconn *conn, const char *data, int len)
{
	ck_assert(conn->is_copying);
	if (conn->is_lost || fake_fails(conn, "put_copy_data"))
		return -1;
	record(conn, "data", arena_strndup(conn->arena, data, (size_t)len));
	return 1;
}

static int put_copy_end(PGconn *conn, const char *reason)
{
	ck_assert(conn->is_copying);
	if (conn->is_lost || fake_fails(conn, "put_copy_end"))
		return -1;
	record(conn, reason != NULL ? "end:" : "end", reason != NULL ? reason : "");
	fake_server_end_copy(conn, reason);
	return 1;
}

/* The rows of the reply, one by one. */
static int get_copy_data(PGconn *conn, char **row, int async)
{
	struct str rows = str_of(conn->copy_out->rows), one = {0};

	ck_assert_int_eq(async, 0);
	for (size_t i = 0; i <= conn->copied_out && rows.ptr != NULL; i++)
		one = str_cut(&rows, '\n');
	if (conn->copied_out > str_count_char(str_of(conn->copy_out->rows), '\n'))
		return -1;
	conn->copied_out++;
	conn->open_rows++;
	*row = str_dup(conn->arena, one);
	record(conn, "out", *row);
	return (int)one.len;
}

/* --- the connection ------------------------------------------------------------------------ */

/* The connection that the next PQconnectStartParams gives; it gets nothing else to find it by. */
static struct pg_conn *next_connection;

static const struct fake_attempt *attempt_of(const struct pg_conn *conn)
{
	static const struct fake_attempt success = {.host = "h", .port = "5432"};

	return conn->attempt - 1 < conn->attempts_n ? &conn->attempts[conn->attempt - 1] : &success;
}

static PGconn *connect_start(const char *const *keys, const char *const *values, int expand)
{
	struct pg_conn *conn = next_connection;
	const char *line = "";

	ck_assert_int_eq(expand, 0);
	for (size_t i = 0; keys[i] != NULL; i++)
		line = arena_printf(conn->arena, "%s%s%s=%s", line, *line != '\0' ? " " : "",
		                    keys[i], values[i]);
	record(conn, "connect", line);
	conn->attempt++;
	conn->polls = 0;
	return fake_fails(conn, "connect_start") ? NULL : conn;
}

/* Writes first, then reads, then it is known. */
static PostgresPollingStatusType connect_poll(PGconn *conn)
{
	const struct fake_attempt *attempt = attempt_of(conn);

	if (conn->polls++ == 0) {
		if (!attempt->is_silent)
			ck_assert_int_eq(write(conn->server, "x", 1), 1);
		return PGRES_POLLING_READING;
	}
	fake_receive(conn);
	return attempt->failure != NULL ? PGRES_POLLING_FAILED : PGRES_POLLING_OK;
}

static ConnStatusType status(const PGconn *conn)
{
	return conn->is_lost ? CONNECTION_BAD : CONNECTION_OK;
}

static PGTransactionStatusType transaction_status(const PGconn *conn)
{
	if (conn->is_lost)
		return PQTRANS_UNKNOWN;
	if (conn->in_pipeline || conn->read < conn->items_n)
		return PQTRANS_ACTIVE;
	return conn->seen_transaction;
}

static char *error_message(const PGconn *conn)
{
	const struct fake_attempt *attempt = attempt_of(conn);

	if (attempt->failure != NULL)
		return (char *)attempt->failure;
	return "server closed the connection unexpectedly\n\tThis probably means more\n";
}

static int connection_needs_password(const PGconn *conn)
{
	return attempt_of(conn)->needs_password;
}

static char *host(const PGconn *conn)
{
	return (char *)attempt_of(conn)->host;
}

static char *hostaddr(const PGconn *conn)
{
	(void)conn;
	return (char *)"";
}

static char *port(const PGconn *conn)
{
	return (char *)attempt_of(conn)->port;
}

static char *user(const PGconn *conn)
{
	return (char *)conn->login;
}

static const char *parameter_status(const PGconn *conn, const char *name)
{
	if (conn->parameter != NULL && strcmp(name, conn->parameter) == 0)
		return conn->parameter_value;
	if (strcmp(name, "client_encoding") == 0)
		return conn->encoding;
	return strcmp(name, "DateStyle") == 0 ? conn->date_style : NULL;
}

static int server_version(const PGconn *conn)
{
	return conn->server_version;
}

static int backend_pid(const PGconn *conn)
{
	return conn->backend_pid;
}

static int client_socket(const PGconn *conn)
{
	return conn->client;
}

static PQnoticeReceiver set_notice_receiver(PGconn *conn, PQnoticeReceiver receiver, void *arg)
{
	conn->receiver = receiver;
	conn->receiver_arg = arg;
	return NULL;
}

static PGVerbosity set_error_verbosity(PGconn *conn, PGVerbosity verbosity)
{
	record(conn, "verbosity", verbosity == PQERRORS_VERBOSE ? "verbose" : "default");
	return PQERRORS_DEFAULT;
}

static void finish(PGconn *conn)
{
	if (conn == NULL)
		return;
	record(conn, "finish", "");
	ck_assert_msg(conn->open_results == 0, "%zu results have not been cleared",
	              conn->open_results);
	ck_assert_int_eq((int)conn->open_rows, 0);
}

static PGcancel *get_cancel(PGconn *conn)
{
	return (PGcancel *)conn;
}

static void free_cancel(PGcancel *cancel)
{
	record((struct pg_conn *)cancel, "free_cancel", "");
}

static int cancel_running(PGcancel *cancel, char *reason, int size)
{
	(void)reason;
	(void)size;
	record((struct pg_conn *)cancel, "cancel", "");
	return 1;
}

static void free_row(void *row)
{
	(void)row;
	next_connection->open_rows--;
}

static int lib_version(void)
{
	return 160003;
}

/* ------------------------------------------------------------------------------------------- */

static const struct libpq functions = {
	.lib_version = lib_version,
	.connect_start = connect_start,
	.connect_poll = connect_poll,
	.finish = finish,
	.status = status,
	.socket = client_socket,
	.host = host,
	.hostaddr = hostaddr,
	.port = port,
	.user = user,
	.error_message = error_message,
	.set_error_verbosity = set_error_verbosity,
	.set_notice_receiver = set_notice_receiver,
	.connection_needs_password = connection_needs_password,
	.parameter_status = parameter_status,
	.server_version = server_version,
	.backend_pid = backend_pid,
	.transaction_status = transaction_status,
	.get_cancel = get_cancel,
	.free_cancel = free_cancel,
	.cancel = cancel_running,
	.exec = exec,
	.send_query = send_query,
	.send_query_params = send_query_params,
	.put_copy_data = put_copy_data,
	.put_copy_end = put_copy_end,
	.get_copy_data = get_copy_data,
	.freemem = free_row,
	.set_nonblocking = set_nonblocking,
	.flush = flush,
	.enter_pipeline_mode = enter_pipeline_mode,
	.exit_pipeline_mode = exit_pipeline_mode,
	.send_flush_request = send_flush_request,
	.pipeline_sync = pipeline_sync,
};

void fake_libpq_open(struct pg_conn *conn, struct arena *arena, struct libpq *libpq)
{
	int sockets[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	*conn = (struct pg_conn){
		.arena = arena,
		.server_version = 150020,
		.login = "me",
		.encoding = "UTF8",
		.date_style = "ISO, MDY",
		.server = sockets[0],
		.client = sockets[1],
	};
	*libpq = functions;
	fake_results_fill(libpq);
	next_connection = conn;
}

void fake_libpq_close(struct pg_conn *conn)
{
	close(conn->server);
	close(conn->client);
}

void fake_libpq_reply(struct pg_conn *conn, struct fake_reply reply)
{
	ck_assert_int_lt((int)conn->replies_n, FAKE_REPLIES_MAX);
	conn->replies[conn->replies_n++] = reply;
}

void fake_libpq_fail(struct pg_conn *conn, const char *function, size_t at, bool loses)
{
	ck_assert_int_lt((int)conn->faults_n, FAKE_LIBPQ_FAULTS_MAX);
	conn->faults[conn->faults_n++] =
		(struct fake_fault){.function = function, .at = at, .loses = loses};
}

const char *fake_libpq_calls(struct pg_conn *conn)
{
	const char *calls = str_list_join(conn->arena, &conn->calls, "\n");

	conn->calls = (struct str_list){0};
	return calls;
}
