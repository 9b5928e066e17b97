/* SPDX-License-Identifier: Apache-2.0 */
/*
 * silence.c - tells a server that works from one that is gone
 *
 * The look goes to the same host with the same login. What it may find:
 *
 *     no connection for as long again     the server is gone
 *     the session works, or waits         it is alive
 *     there is no such session, or it     twice in a row: what was sent, or the answer, is lost
 *     waits for a command, or for the rest of a batch
 *     anything else, or a pooler          nobody can tell, so it counts as alive
 */
#include "silence.h"

#include "probe.h"

#include "cflyway/base/clock.h"

#include <poll.h>
#include <sys/socket.h>

enum { PAUSE_MS = 200, MS_PER_S = 1000 };

enum finding {
	FOUND_NOTHING, /* no connection */
	FOUND_UNKNOWN,
	FOUND_BUSY,
	FOUND_IDLE,
	FOUND_NO_SESSION,
};

void pg_silence_init(struct postgres *pg)
{
	pg->silence.limit_ms = pg->db->settings->network_timeout;
	pg->silence.is_alive = pg_silence_is_alive;
}

static int64_t now(void)
{
	return clock_system.monotonic_ms(&clock_system);
}

/* --- the look ------------------------------------------------------------------------------ */

static enum finding judge(const struct pg_probe *probe)
{
	static const char *const idle[] = {
		"idle",
		"idle in transaction",
		"idle in transaction (aborted)",
	};
	const struct libpq *pq = &probe->pg.pq;
	const PGresult *result = probe->result;

	if (result == NULL || pq->ntuples(result) != 1 || pq->nfields(result) != 4)
		return FOUND_UNKNOWN;
	if (!pg_probe_is_same(probe, pq->getvalue(result, 0, 0), pq->getvalue(result, 0, 3)))
		return FOUND_UNKNOWN;
	if (strcmp(pq->getvalue(result, 0, 1), "0") == 0)
		return FOUND_NO_SESSION;
	for (size_t i = 0; i < COUNT(idle); i++)
		if (strcmp(pq->getvalue(result, 0, 2), idle[i]) == 0)
			return FOUND_IDLE;
	return FOUND_BUSY;
}

static enum finding look(struct postgres *pg, int64_t until_ms)
{
	static const enum finding findings[] = {
		[PG_PROBE_NO_ANSWER] = FOUND_NOTHING,
		[PG_PROBE_REFUSED] = FOUND_UNKNOWN,
	};
	struct pg_probe probe;
	char sql[384];

	snprintf(sql, sizeof(sql),
	         "SELECT pg_catalog.pg_backend_pid(), pg_catalog.count(*), pg_catalog.max(CASE "
	         "wait_event WHEN 'ClientRead' THEN 'idle' ELSE state END), " PG_PROBE_ADDRESS " "
	         "FROM pg_catalog.pg_stat_activity WHERE pid = %d",
	         pg->pq.backend_pid(pg->conn));

	enum pg_probe_end end = pg_probe_run(&probe, pg, sql, true, until_ms);
	enum finding finding = end == PG_PROBE_ANSWERED ? judge(&probe) : findings[end];

	pg_probe_close(&probe);
	return finding;
}

/* --- what follows -------------------------------------------------------------------------- */

static bool has_something_come(const struct postgres *pg, int64_t ms)
{
	struct pollfd fd = {.fd = pg->pq.socket(pg->conn), .events = POLLIN};

	return poll(&fd, 1, (int)ms) > 0;
}

/* Looks until there is an answer, as long as the silence has lasted. */
static enum finding look_until_answered(struct postgres *pg)
{
	int64_t until_ms = now() + pg->silence.limit_ms;
	enum finding finding;

	do {
		finding = look(pg, until_ms);
	} while (finding == FOUND_NOTHING && !pg->db->is_cancelled && now() < until_ms &&
	         !has_something_come(pg, PAUSE_MS));
	return finding;
}

static void give_up(struct postgres *pg, const char *reason)
{
	pg->given_up = reason;
	pg->db->has_gone_silent = true;
	shutdown(pg->pq.socket(pg->conn), SHUT_RDWR);
}

static const char *show_limit(struct postgres *pg, int times)
{
	int64_t ms = (int64_t)pg->silence.limit_ms * times;

	return ms % MS_PER_S == 0 ? arena_printf(pg->db->arena, "%d s", (int)(ms / MS_PER_S))
	                          : arena_printf(pg->db->arena, "%d ms", (int)ms);
}

static void say_that_it_works(struct postgres *pg)
{
	if (pg->silence.has_said)
		return;
	pg->silence.has_said = true;
	log_cflyway(pg->db->log,
	            "the server has said nothing for %s (cflyway.networkTimeout), but it works: "
	            "cflyway goes on waiting",
	            show_limit(pg, 1));
}

bool pg_silence_is_alive(struct postgres *pg)
{
	enum finding finding;

	finding = look_until_answered(pg);
	if (pg->db->is_cancelled || has_something_come(pg, 0))
		return true;
	switch (finding) {
	case FOUND_NOTHING:
		give_up(pg, arena_printf(pg->db->arena,
		                         "the server has said nothing for %s, and could not be "
		                         "reached by a new connection for as long "
		                         "(cflyway.networkTimeout). A statement may still be "
		                         "running there.",
		                         show_limit(pg, 1)));
		return false;
	case FOUND_IDLE:
	case FOUND_NO_SESSION:
		if (++pg->silence.suspicions < 2)
			return true;
		give_up(pg, arena_printf(pg->db->arena,
		                         "the server has said nothing for %s "
		                         "(cflyway.networkTimeout), and %s: the network has lost "
		                         "what was sent, or the answer.",
		                         show_limit(pg, 2),
		                         finding == FOUND_IDLE ? "its session waits for a command"
		                                               : "has no such session any more"));
		return false;
	case FOUND_BUSY:
		say_that_it_works(pg);
		break;
	case FOUND_UNKNOWN:
		break;
	}
	pg->silence.suspicions = 0;
	return true;
}
