/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - a second, short connection to the same server that looks at what the first one does
 */
#ifndef CFLYWAY_DB_POSTGRES_PROBE_H
#define CFLYWAY_DB_POSTGRES_PROBE_H

#include "postgres.h"

enum pg_probe_end {
	PG_PROBE_NO_ANSWER, /* no connection in time, or no answer, or it was not needed any more */
	PG_PROBE_REFUSED,   /* the server is there, and has refused the connection */
	PG_PROBE_ANSWERED,  /* all commands have had an answer */
};

struct pg_probe {
	struct arena arena; /* of what it needs itself */
	struct db db;
	struct log log;
	struct postgres pg;
	PGresult *result; /* of the last command that gave rows; NULL: none did, or not in time */
};

/*
 * Logs in as pg has, runs sql, which may be several commands, and ends the connection. Gives up
 * at until_ms, on the monotonic clock, and with stops_early also when pg's own answer comes.
 * pg_probe_close follows in any case.
 */
enum pg_probe_end pg_probe_run(struct pg_probe *probe, const struct postgres *pg, const char *sql,
                               bool stops_early, int64_t until_ms);
void pg_probe_close(struct pg_probe *probe);

/* SQL: the address of the server that answers. */
#define PG_PROBE_ADDRESS "pg_catalog.inet_server_addr() || ' ' || pg_catalog.inet_server_port()"

/*
 * Is it the server of the first connection that has answered, and nothing between us and it? pid is
 * what pg_backend_pid() says, address what PG_PROBE_ADDRESS does; NULL: unknown.
 */
bool pg_probe_is_same(const struct pg_probe *probe, const char *pid, const char *address);

#endif
