/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c - a second, short connection to the same server that looks at what the first one does */
#include "probe.h"

#include "connect.h"

#include "cflyway/base/clock.h"

#include <poll.h>
#include <sys/socket.h>

static int64_t now(void)
{
	return clock_system.monotonic_ms(&clock_system);
}

/* Waits for the answer to a query; false: none has come until then, or nobody needs it. */
static bool await(struct postgres *pg, int64_t until_ms)
{
	const struct libpq *pq = &pg->pq;

	while (pq->is_busy(pg->conn)) {
		struct pollfd fds[] = {
			{.fd = pq->socket(pg->conn), .events = POLLIN},
			{.fd = pq->socket(pg->probed->conn), .events = POLLIN},
		};
		int64_t left_ms = until_ms - now();

		if (left_ms <= 0)
			return false;
		if (poll(fds, pg->probe_stops_early ? 2 : 1, (int)left_ms) <= 0)
			continue;
		if (fds[1].revents != 0 || !pq->consume_input(pg->conn))
			return false;
	}
	return true;
}

static bool run(struct pg_probe *probe, const char *sql, int64_t until_ms)
{
	const struct libpq *pq = &probe->pg.pq;
	PGresult *result;

	if (!pq->send_query(probe->pg.conn, sql))
		return false;
	do {
		if (!await(&probe->pg, until_ms))
			return false;
		result = pq->get_result(probe->pg.conn);
		if (pq->result_status(result) == PGRES_TUPLES_OK) {
			pq->clear(probe->result);
			probe->result = result;
		} else {
			pq->clear(result);
		}
	} while (result != NULL);
	return true;
}

/* The server has refused: it is there. A sentence of the driver's own has one of these states. */
static bool is_answer(const struct error *err)
{
	const char *state = err->sql != NULL ? err->sql->state : NULL;

	return state != NULL && strncmp(state, "08", 2) != 0;
}

enum pg_probe_end pg_probe_run(struct pg_probe *probe, const struct postgres *pg, const char *sql,
                               bool stops_early, int64_t until_ms)
{
	struct error err = ERROR_INIT(&probe->arena);
	const struct libpq *pq = &pg->pq;
	bool has_answered;

	*probe = (struct pg_probe){
		.db = *pg->db,
		.pg =
			{
				.pq = pg->pq,
				.probed = pg,
				.probe_limit_ms = until_ms - now(),
				.probe_stops_early = stops_early,
			},
	};
	arena_init(&probe->arena);
	probe->db.arena = &probe->arena;
	probe->db.log = &probe->log;
	probe->db.listener = NULL;
	probe->pg.db = &probe->db;
	if (!pg_connect(&probe->pg, &err))
		return is_answer(&err) ? PG_PROBE_REFUSED : PG_PROBE_NO_ANSWER;
	has_answered = run(probe, sql, until_ms);
	shutdown(pq->socket(probe->pg.conn), SHUT_WR); /* finish must not wait */
	return has_answered ? PG_PROBE_ANSWERED : PG_PROBE_NO_ANSWER;
}

void pg_probe_close(struct pg_probe *probe)
{
	const struct libpq *pq = &probe->pg.pq;

	pq->clear(probe->result);
	if (probe->pg.conn != NULL)
		pq->finish(probe->pg.conn);
	arena_release(&probe->pg.listened.scratch);
	arena_release(&probe->arena);
}

bool pg_probe_is_same(const struct pg_probe *probe, const char *pid, const char *address)
{
	const char *known = probe->pg.probed->address;

	/* What distributes connections among several servers may have chosen another one. */
	if (known != NULL && !str_same(address, known))
		return false;
	/* Behind a pooler, the process is not the one that the connection was told. */
	return strtol(pid, NULL, 10) == probe->pg.pq.backend_pid(probe->pg.conn);
}
