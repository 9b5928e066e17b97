/* SPDX-License-Identifier: Apache-2.0 */
/* handle.c - the life of a connection's handle */
#include "handle.h"

#include "connect.h"
#include "listener.h"
#include "lock_failure.h"
#include "lock_wait.h"
#include "pipeline.h"
#include "pooler.h"
#include "silence.h"
#include "wakeup.h"

struct postgres *pg_new(struct db *db)
{
	struct postgres *pg = arena_alloc(db->arena, sizeof(*pg));

	pg->db = db;
	pg_pipeline_init(pg);
	pg_wakeup_init(pg);
	pg_pooler_init(pg);
	return pg;
}

static const char *product(struct postgres *pg, struct arena *arena, int *major)
{
	/* 150020 is 15.20; before version 10, 90624 was 9.6 (.24) */
	int version = pg->pq.server_version(pg->conn);
	bool is_old = version < 100000;
	int minor = is_old ? version / 100 % 100 : version % 10000;

	*major = version / 10000;
	return arena_printf(arena, "PostgreSQL %d.%d", *major, minor);
}

bool pg_start(struct postgres *pg, struct error *err)
{
	struct db *db = pg->db;

	if (!pg_connect(pg, err))
		return false;
	pg_silence_init(pg);
	pg_lock_wait_init(pg);
	pg_lock_failure_init(pg);
	if (pg->silence.limit_ms > 0) /* then libpq must never wait: see pg_wait */
		pg->pq.set_nonblocking(pg->conn, 1);
	pg->cancel = pg->pq.get_cancel(pg->conn);
	db->product = product(pg, db->arena, &db->server_version);
	db->handle = pg;
	int library = pg->pq.lib_version(); /* 150020 is 15.20 */
	log_debug(db->log, "libpq %d.%d", library / 10000, library % 10000);
	return true;
}

void pg_release(struct postgres *pg)
{
	if (pg->cancel != NULL)
		pg->pq.free_cancel(pg->cancel);
	if (pg->conn != NULL)
		pg->pq.finish(pg->conn);
	pg_drop_rows(pg);
	arena_release(&pg->listened.scratch);
	libpq_close(&pg->pq);
}
