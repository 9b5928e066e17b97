/* SPDX-License-Identifier: Apache-2.0 */
/* lock_wait.c - says who holds what a statement waits for */
#include "lock_wait.h"

#include "listener.h"
#include "probe.h"
#include "session_words.h"

#include "cflyway/base/clock.h"
#include "cflyway/db/answer_shape.h"

enum { PATIENCE_MS = 1000 }; /* of one look */

static const char wait_sql[] =
#include "db/postgres/sql/lock_wait.sql.h"
	;

/*
 * Nothing that it does can wait, change anything, or stay: the last of its results with rows
 * counts.
 */
static const char begin_sql[] = "BEGIN READ ONLY; SET LOCAL statement_timeout TO 1000; "
				"SET LOCAL lock_timeout TO 200; ";

void pg_lock_wait_init(struct postgres *pg)
{
	/* Connections that only look at the first one wait for nothing. */
	if (pg->probed == NULL && pg->db->log->sink != NULL)
		pg->lock_wait.look = pg_lock_wait_look;
}

/*
 * Behind a pooler that lends servers, the process that works for us is not the one that we were
 * told of. A trial has somebody who watches all the time.
 */
bool pg_lock_wait_may_look(const struct postgres *pg)
{
	return pg->db->settings->explain_waits && !pg->lock_wait.is_off &&
	       !pg->db->pools_transactions && !pg->pooler.is_there && pg->trial == NULL;
}

void pg_lock_wait_ask(struct postgres *pg, const char *sql, bool stops_early,
                      struct pg_probe *probe)
{
	const int64_t until_ms = clock_system.monotonic_ms(&clock_system) + PATIENCE_MS;
	struct arena *arena = pg->db->arena;
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", pg->pq.backend_pid(pg->conn));
	sql = arena_concat(arena, begin_sql,
	                   str_replace(arena, str_of(sql), STR("$1"), str_of(pid)), "; COMMIT");
	if (pg_probe_run(probe, pg, sql, stops_early, until_ms) == PG_PROBE_REFUSED)
		pg->lock_wait.is_off = true;
}

/* --- the answer ---------------------------------------------------------------------------- */

enum column { PROBE_PID, ADDRESS, BYTES, KEPT_BYTES, KIND, MODE, RELATION, MORE, SESSION };

static const struct answer_shape shape = {"who holds the lock", "vnvvnnnv" PG_SESSION_SHAPE, false};

struct finding {
	struct arena *arena;
	const struct pg_probe *probe;
	struct db_wait wait; /* sentence NULL: nobody was found */
	const char *key;     /* the same if it is the same wait for the same session */
};

static const char *show_object(struct arena *arena, const char *const *values)
{
	const char *kind = values[KIND] != NULL ? values[KIND] : "", *relation = values[RELATION];

	if (strcmp(kind, "relation") == 0 && relation != NULL && values[MODE] != NULL)
		return arena_printf(arena, "the lock %s on %s", values[MODE], relation);
	if (strcmp(kind, "virtualxid") == 0)
		return "the end of an older transaction";
	if (strcmp(kind, "advisory") == 0)
		return "an advisory lock";
	if (strcmp(kind, "transactionid") != 0 && strcmp(kind, "tuple") != 0)
		return "a lock";
	return relation != NULL ? arena_printf(arena, "a row of %s", relation)
	                        : "the end of another transaction";
}

static bool read_finding(void *ctx, size_t columns, const char *const *values, struct error *err)
{
	/* The server may cut the text of a statement before a character of several bytes. */
	enum { LONGEST_CHARACTER = 4 };
	struct finding *finding = ctx;
	struct arena *arena = finding->arena;
	const char *object = show_object(arena, values);
	const int bytes = answer_int(values[BYTES]);

	(void)columns;
	(void)err;
	if (!pg_probe_is_same(finding->probe, values[PROBE_PID], values[ADDRESS]))
		return true;
	finding->wait = (struct db_wait){
		.sentence = arena_printf(arena, "waiting for %s, blocked by %s%s", object,
	                                 pg_others_words(arena, answer_int(values[MORE])),
	                                 pg_session_words(arena, &values[SESSION])),
		.statement_bytes = bytes > 0 ? (size_t)bytes : 0,
		.is_longer = bytes + LONGEST_CHARACTER >= answer_int(values[KEPT_BYTES]),
	};
	finding->key = arena_printf(arena, "%s %s %d", object, values[SESSION], bytes);
	return true;
}

/* In the arena of the connection. */
static struct finding find(struct postgres *pg)
{
	struct arena *arena = pg->db->arena;
	struct error ignored = ERROR_INIT(arena);
	struct pg_probe probe;
	struct finding finding = {.arena = arena, .probe = &probe};
	struct checked_answer answer = {&shape, read_finding, &finding, 0};

	pg_lock_wait_ask(pg, wait_sql, true, &probe);
	if (probe.result != NULL)
		(void)!pg_hand_over(&probe.pg, probe.result, checked_answer_row, &answer, &ignored);
	pg_probe_close(&probe);
	return finding;
}

void pg_lock_wait_look(struct postgres *pg)
{
	const struct db_listener *listener = pg->db->listener;
	struct finding finding = {0};

	if (pg_lock_wait_may_look(pg))
		finding = find(pg);
	if (finding.wait.sentence == NULL || str_same(finding.key, pg->lock_wait.told))
		return;
	pg->lock_wait.told = finding.key;
	if (pg->phase == PG_PHASE_SCRIPT && listener != NULL && listener->blocked != NULL)
		listener->blocked(listener->ctx, &finding.wait);
	else
		log_cflyway(pg->db->log, "%s", finding.wait.sentence);
}
