/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_libpq.h - libpq and a PostgreSQL server in memory, for tests of the driver
 *
 * The server knows transactions (BEGIN, COMMIT and ROLLBACK, one that has failed), pipelines (after
 * a failure it skips commands until Sync, and it sends nothing until it is asked) and COPY. It
 * answers every other command with success and no rows, unless the test has given it a reply.
 *
 * What is asked of libpq is recorded in this form, in order:
 *
 *     connect host=h port=5432 …                   exec SQL           waits for its result
 *     simple SQL       PQsendQuery                 send SQL [a|NULL]  PQsendQueryParams
 *     enter, exit      pipeline mode               flush, sync        in pipeline mode
 *     data TEXT, end, end: REASON   of COPY        cancel, finish, free_cancel
 *
 * The test stops where libpq would not answer any more: a result is awaited that the server was not
 * asked for. When the connection is finished, all results must have been cleared.
 */
#ifndef CFLYWAY_TESTS_FAKE_LIBPQ_H
#define CFLYWAY_TESTS_FAKE_LIBPQ_H

#include "../../src/db/postgres/libpq.h"

#include "cflyway/base/arena.h"
#include "cflyway/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* How the server answers a command. What is not set does not happen. */
struct fake_reply {
	const char *sql; /* how the command begins */
	size_t at;       /* the n-th of them alone, from 1; 0: each */
	const char *state, *failure, *detail, *hint, *position, *context;
	const char *severity;              /* NULL: ERROR */
	const char *notice_state, *notice; /* comes before the answer */
	const char *notice_function;       /* of the server, that has said it; may be NULL */
	const char *tag;                   /* "INSERT 0 3"; NULL: that of success */
	const char *columns, *rows;        /* "id,name" and "1,a\n2,NULL"; before a failure, too */
	ExecStatusType copy;               /* PGRES_COPY_IN, PGRES_COPY_OUT or PGRES_COPY_BOTH */
	const char *parameter, *value;     /* a parameter that changes: "client_encoding" */
	bool loses;                        /* the connection is lost in place of an answer */
	size_t seen;                       /* so many such commands have come */
};

/* A function of libpq that fails: its name in struct libpq, and which of its calls, from 1. */
struct fake_fault {
	const char *function;
	size_t at;
	bool loses; /* the connection, too */
	size_t seen;
};

/* What happens to one attempt to connect. */
struct fake_attempt {
	const char *failure; /* libpq's text; NULL: it succeeds */
	bool is_silent;      /* nobody answers */
	bool needs_password;
	const char *host, *port; /* the last that was tried */
};

enum { FAKE_REPLIES_MAX = 8, FAKE_LIBPQ_FAULTS_MAX = 4, FAKE_ATTEMPTS_MAX = 4 };

struct fake_item;

struct pg_conn {
	struct arena *arena;

	/* What the test sets. */
	struct fake_reply replies[FAKE_REPLIES_MAX];
	size_t replies_n;
	struct fake_fault faults[FAKE_LIBPQ_FAULTS_MAX];
	size_t faults_n;
	struct fake_attempt attempts[FAKE_ATTEMPTS_MAX]; /* those after the last one succeed */
	size_t attempts_n;
	int server_version;                      /* 150020 */
	const char *login;                       /* PQuser */
	const char *parameter, *parameter_value; /* one more that the server tells */
	int backend_pid;                         /* as the client was told when it connected */
	/* So many items of what the server sends arrive at a time; 0: all. A result is two. */
	size_t arriving;
	size_t unsent; /* so many times PQflush cannot send everything; nothing arrives till then */

	/* What the test reads. */
	struct str_list calls;
	size_t whole_results; /* with rows that were not taken one by one */
	size_t open_results;  /* that have not been cleared */
	size_t open_rows;     /* of COPY, that have not been freed */

	/* How it works: fake_server.c, fake_libpq.c. */
	struct fake_item *items;
	size_t items_n, flushed, arrived, read, delivered;
	PGTransactionStatusType transaction, seen_transaction;
	bool is_lost, has_told_loss, in_pipeline, skips, single_row, is_nonblocking, is_copying;
	size_t copied_out;
	const struct fake_reply *copy_out;
	const char *encoding, *date_style;
	PQnoticeReceiver receiver;
	void *receiver_arg;
	size_t attempt;
	int polls;
	int server, client; /* both ends of the socket */
};

/* A connection that connect_start will give, and the functions that go with it. */
void fake_libpq_open(struct pg_conn *conn, struct arena *arena, struct libpq *libpq);
void fake_libpq_close(struct pg_conn *conn);

/* The commands that begin so get this reply; the first that fits counts. */
void fake_libpq_reply(struct pg_conn *conn, struct fake_reply reply);
void fake_libpq_fail(struct pg_conn *conn, const char *function, size_t at, bool loses);

/* The calls so far, a line each, and forgets them. */
const char *fake_libpq_calls(struct pg_conn *conn);

#endif
